"""What psql reads: PostgreSQL and psql's own commands (psql manual, "Meta-Commands").

A backslash outside strings, quoted names and comments begins a command, which takes the rest
of the line but for another backslash. Two things make SQL unknown to anyone but psql: a
variable (`:name`), and a command in the middle of a statement; both are opaque.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from policy.frozen import frozen
from policy.parse.sql.dialects import Dialect
from policy.parse.sql.facts import ShellText, opaque
from policy.parse.sql.keywords import KEYWORDS
from policy.parse.sql.lex import (
    LexFault,
    Lexis,
    Token,
    TokenKind,
    check_characters,
    lex,
    normal_form,
    segments,
)
from policy.parse.sql.meta import line_end, meta, shell_text
from policy.parse.sql.psql_arguments import Argument, Takes, arguments, operand
from policy.parse.sql.psql_copy import read_copy
from policy.plan import Action, OpaqueKind, Span, Statement

_COMMAND = re.compile(r"\\(?:\\|[^ \t\r\n\f\v\\]+)")

# Commands that send what stands before them to the server, and may end a statement.
_SENDERS = frozenset(("g", "gx", "gdesc", "gexec", "gset", "crosstabview", "watch", "parse"))
_TAKES = {
    **dict.fromkeys(("!", "copy", "h", "help", "ef", "ev", "sf", "sf+", "sv", "sv+"), Takes.LINE),
    **dict.fromkeys(("o", "out", "w", "write"), Takes.FILE),
    **dict.fromkeys(("g", "gx"), Takes.OPTIONS_FILE),
}
_FILED = frozenset((Takes.FILE, Takes.OPTIONS_FILE))
# Commands that give a value to the variable that they name first.
_ASSIGNS = frozenset(("set", "getenv", "prompt"))
_LINES = "SINGLELINE"  # the variable under which the end of a line ends a statement
_FILES = {
    **dict.fromkeys(("i", "include", "ir", "include_relative"), "script"),
    **dict.fromkeys(("o", "out", "w", "write", "g", "gx", "s"), "write"),
    **dict.fromkeys(("e", "edit", "ef", "ev"), "editor"),
}


@frozen
class _Command:
    name: str
    arguments: str
    span: Span
    at: int  # offset of `arguments`
    words: tuple[Argument, ...]
    sends: bool  # it sends the SQL that stands before it


def read_psql(text: str, found: Dialect) -> tuple[list[Action], list[ShellText]]:
    """Actions in the order of the text, and the shell text that psql itself runs."""
    if "\\" not in text and ":" not in text:
        return _statements(text, lex(text, found.lexis), found)
    check_characters(text)
    actions: list[Action] = []
    shell: list[ShellText] = []
    sql: list[str] = []
    results = None  # where rows of a result became variables, of any names
    assigned = False
    for piece, command in _split(text, found.lexis):
        if command is None:
            sql.append(piece)
            continue
        _command(command, found, actions, shell)
        assigned |= command.name == "gset" or command.name in _ASSIGNS
        if command.name == "gset" and results is None:
            results = command.span[1]
        gap = re.sub(r"[^\r\n]", " ", piece)
        # `SELECT 1 \\g`: the statement ends where the command begins.
        sql.append(f";{gap[1:]}" if command.sends else gap)
    plain = "".join(sql)
    tokens = lex(plain, found.lexis)
    if tokens:
        plain, tokens, unknown = _variables(plain, tokens, found.lexis, assigned)
        actions.extend(unknown)
        more, runs = _statements(plain, tokens, found, text)
        actions.extend(more)
        shell.extend(runs)
    if results is not None:
        actions.extend(_unsure_lines(text, results, actions))
    return sorted(actions, key=lambda action: action.span[0]), shell


def read_psql_command(text: str, found: Dialect) -> tuple[list[Action], list[ShellText]]:
    """The value of `psql -c`: one backslash command to its end, or SQL without any of psql's own.

    The command's arguments go on over ends of lines; SQL is sent as it stands, its variables are
    not replaced (psql manual, "-c").
    """
    if not text.startswith("\\"):
        from policy.parse.sql.read import read_statements

        return read_statements(text, lex(text, found.lexis), found)
    check_characters(text)
    command = _read_command(text, 0, len(text), sends=False)
    if command.span[1] < len(text):
        message = "what follows the first command in the value of -c"
        raise LexFault(message, (command.span[1], len(text)))
    actions: list[Action] = []
    shell: list[ShellText] = []
    _command(command, found, actions, shell)
    return actions, shell


def _split(text: str, lexis: Lexis) -> Iterator[tuple[str, _Command | None]]:
    """SQL and commands by turns; together they are the text."""
    at, pending = 0, False
    while at < len(text):
        stop, begins = segments(text, at, lexis)
        yield text[at:stop], None
        pending = begins if begins is not None else pending
        if stop >= len(text):
            return
        command = _read_command(text, stop, line_end(text, stop), sends=bool(pending))
        word = command.name
        yield text[stop : command.span[1]], command
        if pending and word not in _SENDERS and word != "\\":
            raise LexFault(f"the command \\{word} inside a statement", command.span)
        pending = pending and word == "\\"
        at = command.span[1]


def _read_command(text: str, start: int, end: int, *, sends: bool) -> _Command:
    """The command at `start`, whose arguments go no further than `end`."""
    name = _COMMAND.match(text, start)
    if name is None:
        raise LexFault("a backslash outside a string", (start, start + 1))
    word = name[0][1:]
    if word.startswith((";", ":")):
        raise LexFault("a backslash before `;` or `:`", name.span())
    words: tuple[Argument, ...] = ()
    stop = name.end()
    if word != "\\":  # which separates a command from SQL on the same line
        words, stop = arguments(text, name.end(), end, _TAKES.get(word, Takes.WORDS))
    span = (start, stop)
    sent = sends and word in _SENDERS
    return _Command(word, text[name.end() : stop], span, name.end(), words, sent)


def _command(
    command: _Command, found: Dialect, actions: list[Action], shell: list[ShellText]
) -> None:
    name = command.name
    stripped = command.arguments.strip()
    features: set[str] = {"arguments"} if stripped else set()
    if name == "\\":
        return
    if name == "copy":
        _copy(command, found, actions, shell)
        return
    if name == "!" and command.words:
        features.add("program")
        (line,) = command.words
        shell.append(shell_text(line.value or "", line.start, "psql", "\\!"))
    elif _backquoted(command, actions, shell):
        features.add("program")
    takes = _TAKES.get(name, Takes.WORDS)
    file = operand(command.words, takes) if takes in _FILED else None
    if file is not None and file.value is None:
        features |= {"file", "write"}
        message = f"\\{name} to what may be a file or a program"
        actions.append(opaque(OpaqueKind.DYNAMIC_CODE, message, (file.start, file.end)))
    elif file is not None and (file.value or "").startswith("|"):
        features.add("program")
        inside = (file.value or "")[1:]
        shell.append(shell_text(inside, file.start + 1, "psql", f"\\{name}"))
    elif file is not None or (
        name in _FILES and takes not in _FILED and (stripped or _FILES[name] == "editor")
    ):
        features |= {"file", _FILES[name]}
    if name == "gexec":
        message = "\\gexec, which runs the rows of a result as SQL"
        actions.append(opaque(OpaqueKind.DYNAMIC_CODE, message, command.span))
    if name in _ASSIGNS and command.words and command.words[0].value in (None, _LINES):
        message = f"a variable that may be {_LINES}, under which the end of a line ends a statement"
        actions.append(opaque(OpaqueKind.LEXICAL, message, command.span))
    normal = f"\\{name} {stripped}".strip()
    actions.append(meta("psql", name, command.span, normal, features))


def _backquoted(command: _Command, actions: list[Action], shell: list[ShellText]) -> bool:
    """Whether arguments hold commands of the shell, which become actions."""
    label = f"\\{command.name}"
    inside = {at: text for word in command.words for text, at in word.commands}
    # psql runs what stands in quotes only later, where it is a prompt.
    for quoted in re.finditer(r"`([^`]*)`", command.arguments):
        inside.setdefault(command.at + quoted.start(1), quoted[1])
    for at, text in sorted(inside.items()):
        if text is None:
            message = "a command of the shell with a variable of psql in it"
            actions.append(opaque(OpaqueKind.DYNAMIC_CODE, message, command.span))
        else:
            shell.append(shell_text(text, at, "psql", label))
    return bool(inside)


def _unsure_lines(text: str, at: int, actions: list[Action]) -> list[Action]:
    r"""Statements of several lines after \gset, which may have set what ends statements."""
    message = f"a statement of several lines after \\gset, which may have set {_LINES}"
    return [
        opaque(OpaqueKind.LEXICAL, message, each.span)
        for each in actions
        if each.span[0] >= at and "\n" in text[slice(*each.span)].strip()
    ]


def _copy(command: _Command, found: Dialect, actions: list[Action], shell: list[ShellText]) -> None:
    r"""`\copy { table | ( query ) } { from | to } { 'file' | program 'x' | stdin | stdout } …`"""
    copy = read_copy(command.arguments)
    if copy is None:
        message = "\\copy that could not be read"
        actions.append(opaque(OpaqueKind.UNPARSED, message, command.span))
        return
    inner, _ = _statements(copy.sql, lex(copy.sql, found.lexis), found)
    place = {"client"}
    path: tuple[str, ...] = ()
    if copy.target is not None and copy.program:
        place.add("program")
        shell.append(shell_text(copy.target, command.at + copy.at + 1, "psql", "\\copy"))
    elif copy.target is not None:
        place |= {"file", "read" if copy.loads else "write"}
        path = (copy.target,)
    streams = frozenset(("stdin", "stdout")) if copy.target is not None else frozenset()
    for action in inner:
        does = action.does
        if isinstance(does, Statement) and does.kind == "copy":
            normal = f"\\copy {command.arguments.strip()}"
            features = (does.features - streams) | place
            does = replace(does, features=features, normal=normal, names=path)
        actions.append(replace(action, does=does, span=command.span))


def _variables(
    plain: str, tokens: tuple[Token, ...], lexis: Lexis, assigned: bool
) -> tuple[str, tuple[Token, ...], list[Action]]:
    """`:'name'` is a literal, whatever its value; `:name` and `:"name"` may be any text.

    A number is a variable only where the text assigns some: `a[1:2]` is a slice.
    """
    characters = list(plain)
    unknown: list[Action] = []
    changed = False
    for index, token in enumerate(tokens[:-1]):
        after = tokens[index + 1]
        if token.text != ":" or after.start != token.end:
            continue
        if index and tokens[index - 1].text == ":" and tokens[index - 1].end == token.start:
            continue  # a cast
        span = (token.start, after.end)
        escape = index > 0 and tokens[index - 1].upper == "UESCAPE"  # decides what a name is
        if after.kind is TokenKind.STRING and after.text.startswith("'") and not escape:
            # Its value may be anything: as a pattern of LIKE, it holds for every text.
            characters[token.start : after.end] = f" '{'%' * (len(after.text) - 2)}'"
            changed = True
        elif after.kind is TokenKind.NUMBER and not assigned:
            continue
        elif after.kind is not TokenKind.SYMBOL or after.text == "{":
            message = f"the variable {plain[token.start : after.end]}"
            unknown.append(opaque(OpaqueKind.DYNAMIC_CODE, message, span))
    if not changed:
        return plain, tokens, unknown
    replaced = "".join(characters)
    return replaced, lex(replaced, lexis), unknown


def _statements(
    plain: str, tokens: tuple[Token, ...], found: Dialect, source: str | None = None
) -> tuple[list[Action], list[ShellText]]:
    from policy.parse.sql.read import read_statements

    actions, shell = read_statements(plain, tokens, found)
    loads = [action for action in actions if _loads_rows(action)]
    if loads and any(token.start >= loads[0].span[1] and token.text != ";" for token in tokens):
        message = "what follows COPY … FROM STDIN is data or SQL, by how psql is run"
        actions.append(opaque(OpaqueKind.LEXICAL, message, (loads[0].span[1], len(plain))))
    if source is not None and source != plain:
        actions = [_with_source(action, source, found.lexis) for action in actions]
    return actions, shell


def _loads_rows(action: Action) -> bool:
    does = action.does
    if not isinstance(does, Statement) or does.kind != "copy":
        return False
    return {"from", "stdin"} <= does.features


def _with_source(action: Action, source: str, lexis: Lexis) -> Action:
    """The normal form keeps `:'name'`, which stands for any literal."""
    does = action.does
    start, end = action.span
    if not isinstance(does, Statement) or ":'" not in source[start:end]:
        return action
    try:
        normal = normal_form(lex(source[start:end], lexis), KEYWORDS)
    except LexFault:
        normal = ""
    return replace(action, does=replace(does, normal=normal))
