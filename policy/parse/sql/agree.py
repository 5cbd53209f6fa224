"""The second opinion on PostgreSQL: does sqlglot see what the server's grammar sees?

Where sqlglot accepts a text, it must find as many statements, of the same kinds, that call
the same functions. Where it gives an opaque command, reads a statement as a bare expression,
or refuses the text, it says nothing and the server's grammar decides alone.
"""

from __future__ import annotations

import re
from typing import Any

from policy.parse.sql.facts import Facts, Unknown
from policy.parse.sql.pg_nodes import PLAIN_STATEMENTS
from policy.parse.sql.pg_walk import Tree, Walk
from policy.parse.sql.sqlglot_parse import load, parse

# sqlglot's class of a whole statement → the nodes of PostgreSQL that it may stand for.
_QUERY = frozenset(("SelectStmt",))
_SAME: dict[str, frozenset[str] | str] = {
    "Select": _QUERY,
    "Union": _QUERY,
    "Except": _QUERY,
    "Intersect": _QUERY,
    "Subquery": _QUERY,
    "Values": _QUERY,
    "Table": _QUERY,
    "Insert": frozenset(("InsertStmt",)),
    "Update": frozenset(("UpdateStmt",)),
    "Delete": frozenset(("DeleteStmt",)),
    "Merge": frozenset(("MergeStmt",)),
    "Copy": frozenset(("CopyStmt",)),
    "TruncateTable": frozenset(("TruncateStmt",)),
    "Set": frozenset(("VariableSetStmt", "ConstraintsSetStmt")),
    "Comment": frozenset(("CommentStmt",)),
    "Transaction": frozenset(("TransactionStmt",)),
    "Commit": frozenset(("TransactionStmt",)),
    "Rollback": frozenset(("TransactionStmt",)),
    "Grant": frozenset(("GrantStmt", "GrantRoleStmt")),
    "Revoke": frozenset(("GrantStmt", "GrantRoleStmt")),
    "Analyze": frozenset(("VacuumStmt",)),
    "Create": "create",
    "Drop": "drop",
    "Alter": "alter",
}
_SPECIAL = {"CreateTableAsStmt": "create", "DefineStmt": "create", "DropStmt": "drop"}
_ALTERS = frozenset(("AlterTableStmt", "RenameStmt", "AlterObjectSchemaStmt", "AlterOwnerStmt"))
_WORD = re.compile(r"\w+")

# Written like calls, but syntax to PostgreSQL (COL_NAME_KEYWORDS and the like in kwlist.h), or
# known to sqlglot under a name that stands in the text without a call.
_SYNTAX = frozenset(
    "all any array cast coalesce exists extract greatest grouping interval least normalize nullif "
    "overlay position row some substring trim values json_array json_arrayagg json_exists "
    "json_object json_objectagg json_query json_scalar json_serialize json_table json_value json "
    "xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlparse xmlpi xmlroot xmlserialize "
    "xmltable in not and or case merge_action date time timestamp unnest char".split()
)


def disagreement(text: str, statements: list[tuple[str, Tree]]) -> str | None:
    """What sqlglot sees differently, for people; None where it agrees or says nothing."""
    trees = parse(text, "postgres")
    if trees is None or not trees:
        return None
    heard = [type(tree).__name__ in _SAME for tree in trees]
    if len(trees) != len(statements):
        if not all(heard):
            return None
        return f"{len(trees)} and {len(statements)} statements"
    for tree, speaks, (name, fields) in zip(trees, heard, statements, strict=True):
        if speaks and (difference := _compare(text, tree, name, fields)) is not None:
            return difference
    return None


def _compare(text: str, tree: Any, name: str, fields: Tree) -> str | None:
    seen = type(tree).__name__
    same = _SAME[seen]
    if isinstance(same, str):
        kind = PLAIN_STATEMENTS.get(name, (_SPECIAL.get(name),))[0]
        if kind != same and not (same == "alter" and name in _ALTERS):
            return f"{seen} and {name}"
        return None
    if name not in same:
        return f"{seen} and {name}"
    if name not in ("SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"):
        return None
    facts = Facts(kind="")
    walk = Walk(facts)
    try:
        walk.node(fields)
    except Unknown:
        return None  # the reader itself refuses it
    server = {
        each.rpartition(".")[2].strip('"').lower()
        for each in facts.functions
        if each not in walk.fields and not each.startswith(("cast(", "operator(", "tablesample("))
    }
    calls, certain = _calls(text, tree)
    if missing := certain - server - _SYNTAX:
        return f"a call of {min(missing)} that only one of them sees"
    words = {word.lower() for word in _WORD.findall(text)}
    if missing := (server & words) - calls - _IMPLIED:
        return f"a call of {min(missing)} that only one of them sees"
    return None


# Functions that PostgreSQL's grammar calls for a clause of that name, or that sqlglot turns into
# an operator or a class of another name.
_IMPLIED = frozenset(
    "extract overlay position substring timezone overlaps normalize is_normalized trim xmlexists "
    "like_escape similar_to_escape btrim ltrim rtrim "
    "convert date_part decode json_agg json_object like mod string_agg".split()
)


def _calls(text: str, tree: Any) -> tuple[set[str], set[str]]:
    """Names of all functions that sqlglot sees, and of those that it has no class for."""
    exp = load()
    calls: set[str] = set()
    certain: set[str] = set()
    for node in tree.walk():
        if not isinstance(node, exp.Func):
            continue
        if isinstance(node, exp.Anonymous):
            name = node.name.lower()
            certain.add(name)
            calls.add(name)
        else:
            calls.update(each.lower() for each in type(node).sql_names())
            start, end = node.meta.get("start"), node.meta.get("end")
            if isinstance(start, int) and isinstance(end, int):
                calls.add(text[start : end + 1].strip('"').lower())
    return calls, certain
