"""What the mysql client reads: MySQL and the client's own commands.

Short commands are a backslash and a letter anywhere outside strings; long ones a word at the
beginning of a line (MySQL manual, "mysql Client Commands").
"""

from __future__ import annotations

from policy.parse.sql.dialects import Dialect
from policy.parse.sql.facts import ShellText
from policy.parse.sql.lex import LexFault, Token, TokenKind, lex, segments
from policy.parse.sql.meta import blank, line_end, meta, shell_text
from policy.plan import Action, Span

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
_TAKES_LINE = frozenset(("system", "source", "charset", "pager", "prompt", "tee", "connect", "use"))
_PROGRAMS = frozenset(("system", "pager"))
_FILES = {"source": "script", "tee": "write", "edit": "editor"}
_NAMES = (frozenset(_LONG.values()) | {"exit", "ego", "go"}) - {"use"}
_ANY_LINE = frozenset(("system", "source", "pager", "tee", "edit", "connect", "delimiter"))
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
    at = 0
    while True:
        at, _ = segments(text, at, found.lexis)
        if at >= len(text):
            return "".join(characters)
        letter = text[at + 1 : at + 2]
        if letter in _SEND and letter:
            characters[at : at + 2] = "; "
            at += 2
            continue
        name = _LONG.get(letter)
        if name is None or name == "delimiter":
            raise LexFault(f"the command \\{letter}", (at, at + 2))
        end = line_end(text, at) if name in _TAKES_LINE else at + 2
        _emit(name, text, (at, end), at + 2, actions, shell)
        characters[at:end] = blank(text[at:end], [(0, end - at)])
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
    actions.append(meta("mysql-client", name, span, f"{name} {arguments}".strip(), features))
