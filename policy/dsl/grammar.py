"""The lark parser of rule files, and the words that it knows.

The grammar stands in `grammar/rules.lark`. Lark is slow to import and to build tables, so both
happen at the first use.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from policy.dsl.locate import grammar_file

if TYPE_CHECKING:
    from lark import Lark, Tree
    from lark.lexer import TerminalDef, Token

_WORD = r"(?![A-Za-z0-9_.-])"
_CLOSED = ("ACCESS", "URL_PART", "SQL_PART", "CONTEXT_PART", "MARKER")


class Parser:
    """The grammar's parser. `words` gives the words that a terminal stands for."""

    def __init__(self, grammar: Path) -> None:
        from lark import Lark

        self.words: dict[str, tuple[str, ...]] = {}
        self.lark: Lark = Lark(
            grammar.read_text(encoding="utf-8"),
            parser="lalr",
            lexer="contextual",
            propagate_positions=True,
            maybe_placeholders=False,
            edit_terminals=self._whole_words,
        )

    def parse(self, text: str) -> Tree[Token]:
        """The tree of `text`. Raises `lark.UnexpectedInput`."""
        return self.lark.parse(text)

    def _whole_words(self, terminal: TerminalDef) -> None:
        """Let keywords match whole words only, and before names."""
        from lark.lexer import PatternRE, PatternStr

        pattern = terminal.pattern
        if isinstance(pattern, PatternStr):
            self.words[terminal.name] = (pattern.value,)
            if not pattern.value[0].isalpha():
                return
        elif terminal.name in _CLOSED:
            self.words[terminal.name] = tuple(sorted(re.findall(r"[a-z]+", pattern.value)))
        else:
            return
        words = "|".join(map(re.escape, self.words[terminal.name]))
        terminal.pattern = PatternRE(f"(?:{words}){_WORD}")
        terminal.priority = 1


@cache
def parser() -> Parser:
    """The one parser; it keeps no state between texts."""
    return Parser(grammar_file())
