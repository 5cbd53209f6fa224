"""Which languages may be asked for. An engine answers any other with `high`; people mistype."""

from __future__ import annotations


def mistake_in(language: str) -> str | None:
    """What is wrong with the name of a language, or None."""
    if language == "shell":
        return None
    from policy.parse.sql.dialects import dialect, dialect_names

    family, _, name = language.partition(":")
    if family == "sql" and dialect(name) is not None:
        return None
    from policy.diagnostics import did_you_mean

    known = ("shell", *(f"sql:{one}" for one in dialect_names()))
    help_ = did_you_mean(language, known) or f"known are {', '.join(known)}"
    return f"unknown language `{language}`; {help_}"
