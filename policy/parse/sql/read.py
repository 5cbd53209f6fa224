"""From SQL text to actions. The gate first, then the reader of the dialect.

Nothing is skipped: what can't be read is an opaque action, and a text without a statement
gives no action only if it holds nothing but blanks and ordinary comments.
"""

from __future__ import annotations

from policy.parse.sql.dialects import Client, Dialect, dialect
from policy.parse.sql.facts import Shell, ShellText, opaque, step
from policy.parse.sql.lex import LexFault, Token, lex
from policy.plan import Action, Limits, OpaqueKind


def read_sql(
    text: str, dialect_name: str, limits: Limits, *, shell: Shell | None = None
) -> tuple[Action, ...]:
    r"""What `text` would do, in the order of the text.

    `shell(text, offset)` reads shell text that stands inside (`COPY … PROGRAM`, `\!`); its
    actions follow the statement's with the steps that lead there. Without it such text is
    opaque. Never raises.
    """
    whole = (0, len(text))
    if len(text) > limits.characters:
        message = f"SQL of more than {limits.characters} characters"
        return (opaque(OpaqueKind.LIMIT, message, whole),)
    found = dialect(dialect_name)
    if found is None:
        return (opaque(OpaqueKind.UNPARSED, f"the SQL dialect `{dialect_name}`", whole),)
    try:
        actions, runs = _read(text, found)
    except LexFault as fault:
        start, end = fault.span
        return (opaque(fault.kind, fault.message, (min(start, len(text)), min(end, len(text)))),)
    except RecursionError:
        return (opaque(OpaqueKind.LIMIT, "SQL that is nested too deeply", whole),)
    except Exception as error:  # noqa: BLE001  # a fault of ours must hold the text back, not let it through
        message = f"a fault while reading SQL: {type(error).__name__}"
        return (opaque(OpaqueKind.FAULT, message, whole),)
    for run in runs:
        actions.extend(_shell(run, shell))
    if len(actions) > limits.actions:
        message = f"more than {limits.actions} statements"
        return (opaque(OpaqueKind.LIMIT, message, whole),)
    return tuple(actions)


def _read(text: str, found: Dialect) -> tuple[list[Action], list[ShellText]]:
    match found.client:
        case Client.PSQL:
            from policy.parse.sql.psql import read_psql

            return read_psql(text, found)
        case Client.PSQL_COMMAND:
            from policy.parse.sql.psql import read_psql_command

            return read_psql_command(text, found)
        case Client.MYSQL:
            from policy.parse.sql.mysql_client import read_mysql_client

            return read_mysql_client(text, found)
        case Client.SQLITE:
            from policy.parse.sql.sqlite_client import read_sqlite_client

            return read_sqlite_client(text, found)
        case None:
            return read_statements(text, lex(text, found.lexis), found)


def read_statements(
    text: str, tokens: tuple[Token, ...], found: Dialect
) -> tuple[list[Action], list[ShellText]]:
    """Statements of a text without a client's commands, whose tokens are given."""
    if not tokens:
        return [], []
    if all(token.text == ";" for token in tokens):
        message = "a text with no statement"
        return [opaque(OpaqueKind.UNPARSED, message, (tokens[0].start, tokens[-1].end))], []
    if found.name == "postgres":
        return _read_postgres(text, tokens)
    from policy.parse.sql.generic import read_generic

    return read_generic(text, tokens, found), []


def _read_postgres(text: str, tokens: tuple[Token, ...]) -> tuple[list[Action], list[ShellText]]:
    from pglast.parser import ParseError

    from policy.parse.sql.agree import disagreement
    from policy.parse.sql.pg import Reader, parse

    span = (tokens[0].start, tokens[-1].end)
    try:
        statements = parse(text)
    except ParseError as error:
        message = f"SQL that PostgreSQL does not accept: {error.args[0]}"
        return [opaque(OpaqueKind.UNPARSED, message, span)], []
    if not statements:
        return [opaque(OpaqueKind.UNPARSED, "a text with no statement", span)], []
    reader = Reader(tokens)
    for name, fields, place in statements:
        reader.read(name, fields, place)
    difference = disagreement(text, [(name, fields) for name, fields, _ in statements])
    if difference is not None:
        message = f"two parsers see different statements: {difference}"
        reader.actions.append(opaque(OpaqueKind.DISAGREEMENT, message, span))
    return reader.actions, reader.shell


def _shell(run: ShellText, shell: Shell | None) -> list[Action]:
    if shell is None:
        return [opaque(OpaqueKind.DYNAMIC_CODE, f"the shell text {run.text!r}", run.span, run.via)]
    found = shell(run.text, run.span[0])
    return [
        Action(each.does, each.span, (*run.via, *each.via), each.directory) for each in found
    ] or [opaque(OpaqueKind.UNPARSED, "shell text without a command", run.span, run.via)]


__all__ = ["Shell", "read_sql", "read_statements", "step"]
