"""What the mysql client reads: MySQL and the client's own commands.

Short commands are a backslash and a letter anywhere outside strings; long ones a word at the
beginning of a line (MySQL manual, "mysql Client Commands").
"""

from __future__ import annotations

import re
from dataclasses import replace

from policy.parse.sql.dialects import Dialect
from policy.parse.sql.facts import ShellText
from policy.parse.sql.lex import LexFault, Token, TokenKind, lex, segments
from policy.parse.sql.meta import blank, line_end, meta, shell_text
from policy.plan import Action, Span, Statement

_LONG = {
    "!": "system",
    ".": "source",
    "C": "charset",
    "P": "pager",
    "R": "prompt",
    "T": "tee",
    "W": "warnings",
    "#": "rehash",
    "c": "clear",
    "d": "delimiter",
    "e": "edit",
    "h": "help",
    "?": "help",
    "n": "nopager",
    "p": "print",
    "q": "quit",
    "r": "connect",
    "s": "status",
    "t": "notee",
    "u": "use",
    "w": "nowarning",
    "x": "resetconnection",
}
_SEND = frozenset("gG")
_TAKES_LINE = frozenset(
    ("system", "source", "charset", "pager", "prompt", "tee", "connect", "use", "help")
)
_PROGRAMS = frozenset(("system", "pager"))
_FILES = {"source": "script", "tee": "write", "edit": "editor"}
_ENDS = frozenset(("clear", "quit"))
"""Short commands behind which nothing belongs to the statement before them any more."""
_OPENS = re.compile(r"['\"`#]|/\*|--")
_NAMES = frozenset(_LONG.values()) | {"exit", "ego", "go"}
_ANY_LINE = frozenset(
    ("system", "source", "pager", "tee", "edit", "connect", "delimiter", "clear", "go", "ego")
)
"""Long commands that a line inside a statement may hold, where named commands are enabled."""


def read_mysql_client(text: str, found: Dialect) -> tuple[list[Action], list[ShellText]]:
    """Actions in the order of the text, and the shell text that the client itself runs."""
    actions: list[Action] = []
    shell: list[ShellText] = []
    plain = _short(text, found, actions, shell)
    plain = _long(plain, found, actions, shell)
    tokens = lex(plain, found.lexis)
    if tokens:
        from policy.parse.sql.read import read_statements

        more, runs = read_statements(plain, tokens, found)
        actions.extend(more)
        shell.extend(runs)
    return sorted(actions, key=lambda action: action.span[0]), shell


def _short(text: str, found: Dialect, actions: list[Action], shell: list[ShellText]) -> str:
    r"""`text` with the short commands blanked, and `\g`, `\G` made `;`."""
    characters = list(text)
    at, begun = 0, False
    while True:
        at, begins = segments(text, at, found.lexis)
        begun = begun if begins is None else begins
        if at >= len(text):
            return "".join(characters)
        letter = text[at + 1 : at + 2]
        if letter in _SEND and letter:
            characters[at : at + 2] = "; "
            at, begun = at + 2, False
            continue
        name = _LONG.get(letter)
        if name is None or name == "delimiter":
            raise LexFault(f"the command \\{letter}", (at, at + 2))
        end = line_end(text, at) if name in _TAKES_LINE else at + 2
        if begun and not text[at - 1].isspace() and not text[end : end + 1].isspace():
            raise LexFault(f"the command \\{letter} inside a word", (at, end))
        _emit(name, text, (at, end), at + 2, actions, shell)
        characters[at:end] = blank(text[at:end], [(0, end - at)])
        if name in _ENDS:
            characters[at] = ";"
        at = end


def _long(text: str, found: Dialect, actions: list[Action], shell: list[ShellText]) -> str:
    """`text` with the long commands blanked."""
    spans: list[Span] = []
    done = 0
    previous: Token | None = None
    for token in lex(text, found.lexis):
        if token.start < done:
            continue
        begins = previous is None or previous.text == ";"
        opens_line = not text[text.rfind("\n", 0, token.start) + 1 : token.start].strip()
        name = token.text.lower()
        previous = token
        if token.kind is not TokenKind.WORD or name not in _NAMES:
            continue
        if begins:
            if name == "delimiter":
                raise LexFault("the command delimiter", (token.start, token.end))
            end = line_end(text, token.start)
            if name == "use" and ";" in text[token.start : end]:
                continue  # a statement of the server's; without `;` its line is the client's
            if ";" in text[token.end : end] and _OPENS.search(text, token.end, end):
                # With its delimiter the line is the server's, and what it opens goes on.
                raise LexFault(f"quotes or comments after the command {name}", (token.start, end))
            _emit(name, text, (token.start, end), token.end, actions, shell)
            spans.append((token.start, end))
            done, previous = end, None
        elif opens_line and name in _ANY_LINE:
            raise LexFault(f"a line that begins with {name}", (token.start, token.end))
    return blank(text, spans)


def _emit(
    name: str, text: str, span: Span, at: int, actions: list[Action], shell: list[ShellText]
) -> None:
    arguments = text[at : span[1]].strip().rstrip(";").rstrip()
    if ";" in arguments:
        # A delimiter ends some commands and not others, by version.
        raise LexFault(f"`;` after the command {name}", span)
    features: set[str] = {"arguments"} if arguments else set()
    if name in _PROGRAMS and arguments:
        features.add("program")
        begins = at + len(text[at:]) - len(text[at:].lstrip())
        shell.append(shell_text(arguments, begins, "mysql-client", name))
    if name in _FILES:
        features |= {"file", _FILES[name]}
    action = meta("mysql-client", name, span, f"{name} {arguments}".strip(), features)
    if name == "use" and isinstance(action.does, Statement):
        database = arguments.split()[0].strip("`'\"").lower() if arguments else ""
        action = replace(action, does=replace(action.does, names=(name, database)))
    actions.append(action)
