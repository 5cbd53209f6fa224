"""Judges of what the readers see: real bash, real programs and real servers.

    PYTHONPATH=tests python -m oracle          # or `make oracle`

Each judge runs inputs that were written, generated or mutated, records what really happened,
and holds it against the Plan and the decision. `docs/soundness.md` explains method and figures.
"""
