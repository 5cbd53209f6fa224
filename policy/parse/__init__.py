"""Text → Plan: shell, argument vectors, what they hand on, SQL."""
