"""Which languages may be asked for. An engine answers any other with `high`; people mistype."""

from __future__ import annotations

_EXAMPLES = ("shell", "sql:postgres", "sql:mysql", "sql:sqlite", "sql:tsql")


def mistake_in(language: str) -> str | None:
    """What is wrong with the name of a language, or None."""
    if language == "shell":
        return None
    family, _, name = language.partition(":")
    if family == "sql":
        from policy.parse.sql.dialects import dialect

        if dialect(name) is not None:
            return None
    from policy.diagnostics import did_you_mean

    help_ = did_you_mean(language, _EXAMPLES) or f"known are {', '.join(_EXAMPLES)}, …"
    return f"unknown language `{language}`; {help_}"
