"""The decision log: one line for each decision, without secrets, in a chain of digests.

    decision ──► record (redact) ──► chain ──► file ──► verify, stats

Nothing here decides anything.
"""
