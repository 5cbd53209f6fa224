"""Inputs made to break a reader: their shapes, what they may cost, and how they look."""
