"""A pattern without holes as the text that an agent would write."""

from __future__ import annotations

import re
from shlex import quote

from policy.whitelist.pattern import Pattern

_MARK = re.compile(r"'\{\}'|(?<!\\)\{\}")
_CONSTRUCTS = {
    "substitution": ': "$({})"',
    "process-substitution": "cat <({})",
}


def compose(pattern: Pattern) -> tuple[str, str] | None:
    """The text and its language; None where a step is a construct that isn't written simply."""
    text, language = pattern.command, pattern.language
    for step in reversed(pattern.via):
        if step.startswith("<"):
            construct = _CONSTRUCTS.get(step[1:-1])
            if language != "shell" or construct is None:
                if language != "shell":
                    continue  # a part of the statement itself, such as <cte>
                return None
            text = construct.replace("{}", text)
            continue
        mark = _MARK.search(step)
        if mark is None:
            text = f"{step} {text}"
        else:
            inside = text if mark.group() == "{}" else quote(text)
            text = step[: mark.start()] + inside + step[mark.end() :]
        language = "shell"
    return text, language
