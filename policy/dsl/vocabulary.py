"""The closed sets of words of the rule language that are not keywords of its grammar."""

from __future__ import annotations

import re

from policy.decision import Tier
from policy.plan import InputKind, OpaqueKind
from policy.program import MARKERS, Style, ValueType

TIERS = {str(tier): tier for tier in Tier}
STYLES = {style.value: style for style in Style}
TYPES = {
    kind.value: kind for kind in ValueType if " " not in kind.value
}  # `<assignment shell>` is `assignment` with an argument
OPAQUE = tuple(kind.value for kind in OpaqueKind)
INPUTS = tuple(kind.value for kind in InputKind)
DYNAMIC = ("argument", "option", "write", "read", "delete")
SHELLS = ("bash",)
HARMFUL = tuple(marker for marker in MARKERS if marker != "reads")

# fmt: off
ITEMS = ("set", "program", "environment", "rule", "adjust", "default", "override", "redact")
CLAUSES = (
    "on", "when", "options", "tier", "score", "ttl", "approvals", "effects", "never", "deny",
    "undo", "match", "no",
)
STATEMENTS = (
    "style", "option", "global", "operand", "operands", "subcommand", "runs", "stdin",
    "assignments", "placeholder", "outputs", "shell", "effects", "adjust", "default",
    "environment", "redact",
)
SECRET_LINES = ("named", "text", "sql", "match", "no")
# fmt: on
"""The keywords with which lines begin: at the top level, in a rule, a program, a secret."""

CONSTRUCTS = (
    "substitution",
    "process-substitution",
    "function",
    "alias",
    "trap",
    "dynamic-program",
    "explain",
    "copy",
)
"""What a `via` can name beside programs."""

# fmt: off
DIALECTS = (
    "athena", "bigquery", "clickhouse", "databricks", "doris", "drill", "druid", "duckdb", "dune",
    "exasol", "fabric", "hive", "materialize", "mysql", "oracle", "postgres", "presto", "redshift",
    "risingwave", "singlestore", "snowflake", "spark", "sqlite", "starrocks", "tableau",
    "teradata", "trino", "tsql",
    "psql", "psql-command", "mysql-client", "sqlite-client",
)
# fmt: on
"""The dialects of SQL that sqlglot reads, and the channels of clients: a dialect together with
the client's own commands."""

_GLOB = re.compile(r"[*?]|\[.+\]")


def is_glob(text: str) -> bool:
    """Whether `text` is a pattern rather than one exact word (`[` alone is a word)."""
    return _GLOB.search(text) is not None
