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
from policy.parse.sql.lex import LexFault, Lexis, Token, TokenKind, lex, normal_form, segments
from policy.parse.sql.meta import line_end, meta, shell_text
from policy.plan import Action, OpaqueKind, Span, Statement

_COMMAND = re.compile(r"\\(?:\\|!|\?|[^\s\\|'\"`]+)")
_ARGUMENT = re.compile(r"""[ \t]*(?:'(?:[^'\\]|''|\\.)*'|"(?:[^"]|"")*"|`[^`]*`|[^\s'"`\\])+""")

# Commands that send what stands before them to the server, and may end a statement.
_SENDERS = frozenset(("g", "gx", "gdesc", "gexec", "gset", "crosstabview", "watch", "parse"))
_WHOLE_LINE = frozenset(("!", "copy", "h", "help", "ef", "ev", "sf", "sf+", "sv", "sv+"))
_PIPES = frozenset(("g", "gx", "o", "out", "w", "write"))
_FILES = {
    **dict.fromkeys(("i", "include", "ir", "include_relative"), "script"),
    **dict.fromkeys(("o", "out", "w", "write", "g", "gx", "s"), "write"),
    **dict.fromkeys(("e", "edit", "ef", "ev"), "editor"),
}
_COPY = re.compile(
    r"\s*(?P<what>\(.*\)|\S+(?:\s*\([^()]*\))?)\s+(?P<way>from|to)\s+"
    r"(?:(?P<program>program)\s+'(?P<command>(?:[^']|'')*)'"
    r"|(?P<std>stdin|stdout|pstdin|pstdout)(?=\s|;|$)"
    r"|(?P<file>'(?:[^']|'')*'|[^\s'(]+))(?P<rest>.*)\Z",
    re.IGNORECASE | re.DOTALL,
)


@frozen
class _Command:
    name: str
    arguments: str
    span: Span
    at: int  # offset of `arguments`
    sends: bool  # it sends the SQL that stands before it


def read_psql(text: str, found: Dialect) -> tuple[list[Action], list[ShellText]]:
    """Actions in the order of the text, and the shell text that psql itself runs."""
    if "\\" not in text and ":" not in text:
        return _statements(text, lex(text, found.lexis), found)
    actions: list[Action] = []
    shell: list[ShellText] = []
    sql: list[str] = []
    for piece, command in _split(text, found.lexis):
        if command is None:
            sql.append(piece)
            continue
        _command(command, found, actions, shell)
        gap = re.sub(r"[^\r\n]", " ", piece)
        # `SELECT 1 \\g`: the statement ends where the command begins.
        sql.append(f";{gap[1:]}" if command.sends else gap)
    plain = "".join(sql)
    tokens = lex(plain, found.lexis)
    if tokens:
        plain, tokens, unknown = _variables(plain, tokens, found.lexis)
        actions.extend(unknown)
        more, runs = _statements(plain, tokens, found, text)
        actions.extend(more)
        shell.extend(runs)
    return sorted(actions, key=lambda action: action.span[0]), shell


def _split(text: str, lexis: Lexis) -> Iterator[tuple[str, _Command | None]]:
    """SQL and commands by turns; together they are the text."""
    at, pending = 0, False
    while at < len(text):
        stop, begins = segments(text, at, lexis)
        yield text[at:stop], None
        pending = begins if begins is not None else pending
        if stop >= len(text):
            return
        name = _COMMAND.match(text, stop)
        if name is None:
            raise LexFault("a backslash outside a string", (stop, stop + 1))
        word = name[0][1:]
        if word in (";", ":") or word.startswith((";", ":")):
            raise LexFault("a backslash before `;` or `:`", name.span())
        end = _command_end(text, name.end(), word)
        sends = bool(pending) and word in _SENDERS
        arguments = text[name.end() : end]
        yield text[stop:end], _Command(word, arguments, (stop, end), name.end(), sends)
        if pending and word not in _SENDERS and word != "\\":
            raise LexFault(f"the command \\{word} inside a statement", (stop, end))
        pending = pending and word == "\\"
        at = end


def _command_end(text: str, at: int, word: str) -> int:
    if word == "\\":
        return at  # separates a command from SQL on the same line
    line = line_end(text, at)
    if word in _WHOLE_LINE:
        return line
    while at < line:
        found = _ARGUMENT.match(text, at, line)
        if found is None:
            break
        at = found.end()
    rest = text[at:line]
    if rest.strip() and not rest.lstrip().startswith("\\"):
        raise LexFault(f"an argument of \\{word} that doesn't end", (at, line))
    return at if rest.strip() else line


def _command(
    command: _Command, found: Dialect, actions: list[Action], shell: list[ShellText]
) -> None:
    name, arguments = command.name, command.arguments
    stripped = arguments.strip()
    features: set[str] = {"arguments"} if stripped else set()
    label = f"\\{name}"
    begins = command.at + len(arguments) - len(arguments.lstrip())
    if name == "\\":
        return
    if name == "copy":
        _copy(command, found, actions, shell)
        return
    if name == "!" and stripped:
        features.add("program")
        shell.append(shell_text(stripped, begins, "psql", label))
    elif "`" in arguments:
        features.add("program")
        shell.extend(
            shell_text(part[1], command.at + part.start(1), "psql", label)
            for part in re.finditer(r"`([^`]*)`", arguments)
        )
    if name in _PIPES and stripped.startswith("|"):
        features.add("program")
        shell.append(shell_text(stripped[1:], begins + 1, "psql", label))
    elif name in _FILES and (stripped or _FILES[name] == "editor"):
        features |= {"file", _FILES[name]}
    if name == "gexec":
        message = "\\gexec, which runs the rows of a result as SQL"
        actions.append(opaque(OpaqueKind.DYNAMIC_CODE, message, command.span))
    normal = f"\\{name} {stripped}".strip()
    actions.append(meta("psql", name, command.span, normal, features))


def _copy(command: _Command, found: Dialect, actions: list[Action], shell: list[ShellText]) -> None:
    r"""`\copy { table | ( query ) } { from | to } { 'file' | program 'x' | stdin | stdout } …`"""
    parts = _COPY.match(command.arguments)
    if parts is None:
        message = "\\copy that could not be read"
        actions.append(opaque(OpaqueKind.UNPARSED, message, command.span))
        return
    server = f"COPY {parts['what']} {parts['way']} "
    server += "stdin" if parts["way"].lower() == "from" else "stdout"
    tokens = lex(server + parts["rest"], found.lexis)
    inner, _ = _statements(server + parts["rest"], tokens, found)
    place = {"client"}
    path: tuple[str, ...] = ()
    if parts["program"]:
        place.add("program")
        start = command.at + parts.start("command")
        shell.append(shell_text(parts["command"].replace("''", "'"), start, "psql", "\\copy"))
    elif parts["file"]:
        place |= {"file", "write" if parts["way"].lower() == "to" else "read"}
        path = (parts["file"].strip("'"),)
    for action in inner:
        does = action.does
        if isinstance(does, Statement) and does.kind == "copy":
            normal = f"\\copy {command.arguments.strip()}"
            kept = does.features - ({"stdin", "stdout"} if not parts["std"] else frozenset())
            does = replace(does, features=kept | place, normal=normal, names=path)
        actions.append(replace(action, does=does, span=command.span))


def _variables(
    plain: str, tokens: tuple[Token, ...], lexis: Lexis
) -> tuple[str, tuple[Token, ...], list[Action]]:
    """`:'name'` is a literal, whatever its value; `:name` and `:"name"` may be any text."""
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
        if after.kind is TokenKind.STRING and after.text.startswith("'"):
            characters[token.start] = " "
            changed = True
        elif after.kind in (TokenKind.WORD, TokenKind.QUOTED) or after.text == "{":
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
