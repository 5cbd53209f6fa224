"""What the sqlite3 shell reads: SQLite and dot-commands at the beginning of a line.

A line that begins with a dot where no statement is pending is a command (sqlite.org/cli.html);
one that begins with `#` there is a comment. As an argument of the program, a text that begins
with a dot is one command as a whole, its line ends blanks; both readings are given.
"""

from __future__ import annotations

from policy.parse.sql.dialects import Dialect
from policy.parse.sql.facts import ShellText, opaque
from policy.parse.sql.lex import LexFault, Token, lex, statements_end
from policy.parse.sql.meta import blank, line_end, meta, shell_text
from policy.plan import Action, OpaqueKind, Span

_PROGRAMS = frozenset(("shell", "system"))
_FILES = {
    "read": "script",
    "load": "script",
    **dict.fromkeys(
        (
            "output",
            "once",
            "excel",
            "www",
            "log",
            "save",
            "backup",
            "clone",
            "trace",
            "archive",
            "ar",
        ),
        "write",
    ),
    **dict.fromkeys(("import", "restore", "open", "session"), "write"),
}


def read_sqlite_client(text: str, found: Dialect) -> tuple[list[Action], list[ShellText]]:
    """Actions in the order of the text, and the shell text that the client itself runs."""
    actions: list[Action] = []
    shell: list[ShellText] = []
    spans: list[Span] = []
    if text[:1] == "." and "\n" in text.rstrip() and _name(text) in _PROGRAMS | _FILES.keys():
        whole = text.replace("\n", " ")
        _command(whole, (0, len(whole)), actions, shell)
    at = 0
    while at < len(text):
        end = line_end(text, at)
        if text[at] == ".":
            _command(text, (at, end), actions, shell)
            spans.append((at, end))
        elif text[at] == "#":
            spans.append((at, end))
        else:
            end = statements_end(text, at, found.lexis)
        at = end + 1
    plain = blank(text, spans)
    tokens = lex(plain, found.lexis)
    _no_terminator(plain, tokens)
    if tokens:
        from policy.parse.sql.read import read_statements

        more, runs = read_statements(plain, tokens, found)
        actions.extend(more)
        shell.extend(runs)
    return sorted(actions, key=lambda action: action.span[0]), shell


def _name(line: str) -> str:
    """The name of the dot-command with which `line` begins, in lower case; or nothing."""
    return (line[1:].split(maxsplit=1) or [""])[0].lower()


def _no_terminator(text: str, tokens: tuple[Token, ...]) -> None:
    """Refuses a line of nothing but `go` or `/`, which ends a statement as `;` does."""
    for at, token in enumerate(tokens):
        if token.upper not in ("GO", "/"):
            continue
        before = tokens[at - 1].end if at else 0
        after = tokens[at + 1].start if at + 1 < len(tokens) else len(text)
        begins = at == 0 or "\n" in text[before : token.start]
        if begins and (after == len(text) or "\n" in text[token.end : after]):
            message = f"a line `{token.text}`, which ends the statement"
            raise LexFault(message, (token.start, token.end))


def _command(text: str, span: Span, actions: list[Action], shell: list[ShellText]) -> None:
    line = text[span[0] : span[1]].rstrip()
    words = line[1:].split()
    name = _name(line)
    if not name:
        actions.append(opaque(OpaqueKind.UNPARSED, "a dot without a command", span))
        return
    arguments = line[1 + len(words[0]) :].strip()
    features: set[str] = {"arguments"} if arguments else set()
    offset = span[0] + line.find(arguments) if arguments else span[1]
    piped = arguments.lstrip("'\"").startswith("|") or any(
        word.lstrip("'\"").startswith("|") for word in words[1:]
    )
    if name in _PROGRAMS or piped:
        features.add("program")
        command = arguments.partition("|")[2] if piped else arguments
        if set(command) & set("'\"\\"):
            # The shell takes its own quotes off and puts others around each word.
            message = f"the quoted shell text of .{name}"
            actions.append(opaque(OpaqueKind.DYNAMIC_CODE, message, span))
        else:
            offset += len(arguments) - len(command)
            shell.append(shell_text(command, offset, "sqlite-client", f".{name}"))
    elif name in _FILES and arguments:
        features |= {"file", _FILES[name]}
    actions.append(
        meta("sqlite-client", name, span, " ".join((f".{name}", arguments)).strip(), features)
    )
