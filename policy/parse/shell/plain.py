"""The fast way for a plain command: words of safe characters between blanks.

It must give exactly what the parsers give for the same text (a property test holds it to
that), so a word that the shell treats specially in any way makes the command not plain:
reserved words, assignments, declarations, globs, braces, tildes, quotes, comments.
"""

from __future__ import annotations

import re

from policy.plan import Action, Limits, Word, WordKind
from policy.ruleset import RuleSet

_PLAIN = re.compile(r"[ \t]*[A-Za-z0-9_./:@%+,-]+(?:[ \t]+[A-Za-z0-9_./:@%+,=-]+)*[ \t]*")
_WORD = re.compile(r"[^ \t]+")
RESERVED = frozenset(
    "if then else elif fi for while until do done case esac select function in time coproc "
    "export declare typeset local readonly".split()
)
"""First words with which a text is no simple command, or an assignment."""


def plain_words(text: str) -> tuple[Word, ...] | None:
    """The words of a plain command, or None where the text is anything else."""
    if _PLAIN.fullmatch(text) is None:
        return None
    words = tuple(
        Word(WordKind.STATIC, value, match.span(), value, value)
        for match in _WORD.finditer(text)
        for value in (match.group(),)
    )
    return None if words[0].text in RESERVED else words


def read_plain(text: str, rules: RuleSet, limits: Limits) -> tuple[Action, ...] | None:
    """What a plain command would do, or None where the text is anything else."""
    words = plain_words(text)
    if words is None:
        return None
    from policy.parse.shell.interpret import interpret_words

    return interpret_words(text, words, rules, limits)
