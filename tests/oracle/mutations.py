"""Commands that people wrote, changed a little: what a reader takes for granted breaks first.

They come from the examples of the shipped rules, and from a directory of real commands where one
is given: gzipped JSON lines with a key `command`.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import shlex
from functools import cache
from pathlib import Path

from policy.shipped import ruleset

_TOKEN = re.compile(r"\s+|[\w./:=@%+,-]+|'[^']*'|\"[^\"]*\"|.", re.DOTALL)
_PIECES = (
    *(
        "$(p1 q)",
        "`p1`",
        '"$x"',
        "$x",
        "${x:-$(p1)}",
        "'",
        '"',
        "\\",
        ";",
        "&",
        "|",
        "\n",
        "#",
        "<(p1)",
    ),
    *(
        "*",
        "?",
        "{a,b}",
        "~",
        "!",
        "$((1))",
        "2>&1",
        ">out",
        "<a.txt",
        "<<<x",
        "&&",
        "||",
        "(",
        ")",
    ),
    *(
        "$'\\x41'",
        "\\\n",
        "{",
        "}",
        "x=1 ",
        "--",
        "-n",
        "${",
        "$(",
        "if ",
        "; then",
        "[[",
        "((",
        "=",
        "%",
    ),
)
_FRAMES = (
    *("{ %s; }", "( %s )", "x=$(%s); p1 $x", "if %s; then p1; fi", "for x in a b; do %s; done"),
    *("f() { %s; }; f a", "%s | while read x; do p1 $x; done", "! %s", "bash -c %q", "eval %q"),
    *("%s && p1 || p2", "p1; %s", "%s &\np2", "trap %q EXIT", "x=%q; $x", "cat <<EOF\n$(%s)\nEOF"),
    *('echo "$(%s)"', "time %s", "sudo %s", "xargs %s", "case a in a) %s;; esac", "x=1 %s >out"),
)


@cache
def commands(corpora: Path | None) -> tuple[str, ...]:
    """The commands to change, in an order that is always the same."""
    rules = ruleset()
    found = {one.text for rule in rules.rules for one in rule.examples if one.language == "shell"}
    if corpora is not None:
        for file in sorted(corpora.glob("*.jsonl.gz")):
            with gzip.open(file, "rt", encoding="utf-8") as lines:
                found.update(row["command"] for row in map(json.loads, lines) if "command" in row)
    return tuple(sorted(text for text in found if 0 < len(text) <= 400 and text.isprintable()))


def mutated(draw: random.Random, corpora: Path | None) -> str:
    """A command with one to three changes."""
    known = commands(corpora)
    text = draw.choice(known)
    for _ in range(draw.randint(1, 3)):
        text = _changed(draw, text, known)
    return text[:2_000]


def _changed(draw: random.Random, text: str, known: tuple[str, ...]) -> str:
    tokens = _TOKEN.findall(text) or [""]
    at = draw.randrange(len(tokens))
    match draw.randrange(10):
        case 0:
            tokens.insert(at, draw.choice(_PIECES))
        case 1:
            tokens[at] = draw.choice(_PIECES)
        case 2:
            del tokens[at]
        case 3:
            tokens.insert(at, tokens[draw.randrange(len(tokens))])
        case 4:
            other = draw.randrange(len(tokens))
            tokens[at], tokens[other] = tokens[other], tokens[at]
        case 5:
            tokens[at] = _requoted(draw, tokens[at])
        case 6:
            position = draw.randrange(len(text) + 1)
            return text[:position] + draw.choice("'\"\\$`;&|<>(){}[]!#~*? \t\n=") + text[position:]
        case 7:
            operator = draw.choice([" | ", "; ", " && ", " || ", "\n", " & ", " |& "])
            return text + operator + draw.choice(known)
        case _:
            frame = draw.choice(_FRAMES)
            return frame.replace("%s", text).replace("%q", shlex.quote(text))
    return "".join(tokens)


def _requoted(draw: random.Random, token: str) -> str:
    """The token in another style of quoting, which often means the same."""
    match draw.randrange(6):
        case 0:
            return f"'{token}'"
        case 1:
            return f'"{token}"'
        case 2:
            return "".join("\\" + one for one in token)
        case 3:
            return token[:1] + "''" + token[1:]
        case 4:
            return (
                "$'"
                + "".join(f"\\x{ord(one):02x}" if ord(one) < 128 else one for one in token)
                + "'"
            )
        case _:
            return token[:1] + "\\\n" + token[1:]
