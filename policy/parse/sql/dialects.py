"""Which dialects and client channels are read, and how each writes its tokens.

A dialect is a name of sqlglot's or an alias of one. A channel is what a client program reads
(`psql`, `mysql-client`, `sqlite-client`, `psql-command` for a value of `psql -c`): a dialect and
the client's own commands.
"""

from __future__ import annotations

from enum import Enum

from policy.frozen import frozen
from policy.parse.sql.lex import Backslash, Lexis


class Client(Enum):
    """Whose commands may stand between the statements."""

    PSQL = "psql"
    PSQL_COMMAND = "psql-command"
    MYSQL = "mysql-client"
    SQLITE = "sqlite-client"


@frozen
class Dialect:
    """`name` is what rules compare, `parser` sqlglot's name."""

    name: str
    parser: str
    lexis: Lexis
    client: Client | None = None
    batches: bool = False  # statements may follow each other without `;` (T-SQL)
    bare_calls: bool = False  # a name without parentheses may be a function (Oracle)
    table_calls: str = ""  # a table whose name begins so is a call of a function
    chain: str = ""  # what stands between statements that run one after the other


_POSTGRES = Lexis(escape_strings=True, dollar_quotes=True)
_MYSQL = Lexis(
    strings="'\"",
    names="`",
    backslash=Backslash.UNSURE,  # sql_mode: NO_BACKSLASH_ESCAPES, and ANSI_QUOTES for "…"
    hash_comments=True,
    dash_needs_blank=True,
)
_SQLITE = Lexis(names='"`[')
_TSQL = Lexis(names='"[', word_start="@#", word_more="$@#", substitution="$(")
_DOUBLE_STRINGS = Lexis(
    strings="'\"", names="`", backslash=Backslash.ESCAPES, raw_strings=True, hash_comments=True
)
_HIVE = Lexis(strings="'\"", names="`", backslash=Backslash.ESCAPES, raw_strings=True)
_ANSI = Lexis(names='"`', backslash=Backslash.UNSURE)

_LEXIS = {
    "": _ANSI,
    "athena": _ANSI,
    "bigquery": _DOUBLE_STRINGS,
    "clickhouse": Lexis(names='"`', backslash=Backslash.ESCAPES, braces=True),
    "databricks": _HIVE,
    "dax": _ANSI,
    "doris": _MYSQL,
    "dremio": _ANSI,
    "drill": Lexis(names="`", backslash=Backslash.UNSURE),
    "druid": _ANSI,
    "duckdb": Lexis(escape_strings=True, dollar_quotes=True, braces=True),
    "dune": _ANSI,
    "exasol": _ANSI,
    "fabric": _TSQL,
    "hive": _HIVE,
    "materialize": _POSTGRES,
    "mysql": _MYSQL,
    "oracle": Lexis(raw_strings=True, word_more="$#", substitution="&"),
    "postgres": _POSTGRES,
    "presto": _ANSI,
    "prql": _ANSI,
    "redshift": Lexis(backslash=Backslash.UNSURE, word_more="$#"),
    "risingwave": _POSTGRES,
    "snowflake": Lexis(
        backslash=Backslash.ESCAPES, dollar_quotes=True, slash_comments=True, braces=True
    ),
    "solr": _ANSI,
    "spark": _HIVE,
    "spark2": _HIVE,
    "sqlite": _SQLITE,
    "starrocks": _MYSQL,
    "tableau": _ANSI,
    "teradata": _ANSI,
    "trino": _ANSI,
    "tsql": _TSQL,
}

_ALIASES = {
    "ansi": "",
    "postgresql": "postgres",
    "pg": "postgres",
    "mariadb": "mysql",
    "sqlite3": "sqlite",
    "mssql": "tsql",
    "sqlserver": "tsql",
}

_CLIENTS = {
    "psql": ("postgres", Client.PSQL),
    "psql-command": ("postgres", Client.PSQL_COMMAND),
    "mysql-client": ("mysql", Client.MYSQL),
    "sqlite-client": ("sqlite", Client.SQLITE),
}


def dialect(name: str) -> Dialect | None:
    """The dialect or channel of that name (case does not matter), or None."""
    lowered = name.lower()
    base, client = _CLIENTS.get(lowered, (_ALIASES.get(lowered, lowered), None))
    lexis = _LEXIS.get(base)
    if lexis is None:
        return None
    return Dialect(
        name=base or "ansi",
        parser=base,
        lexis=lexis,
        client=client,
        batches=base in ("tsql", "fabric"),
        bare_calls=base == "oracle",
        chain="->>" if base == "snowflake" else "",  # docs.snowflake.com, "Flow operators"
        table_calls="pragma_" if base == "sqlite" else "",  # sqlite.org/pragma.html#pragfunc
    )


def dialect_names() -> tuple[str, ...]:
    """Every name that `dialect` knows, sorted."""
    return tuple(sorted(name for name in (*_LEXIS, *_ALIASES, *_CLIENTS) if name))
