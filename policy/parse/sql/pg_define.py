"""Statements of PostgreSQL that define, set or drop something: fields to facts."""

from __future__ import annotations

from policy.parse.sql.facts import Facts, Unknown
from policy.parse.sql.pg_nodes import ALTER_FEATURES
from policy.parse.sql.pg_walk import Tree, Walk, function_name
from policy.plan import Table

_NAME_FIELDS = frozenset(
    "name role extname dbname schemaname servername fdwname tablespacename pubname subname "
    "trigname policy_name evtname plname conditionname portalname indexname".split()
)
_LANGUAGES = frozenset(("sql", "plpgsql"))


def read_set(fields: Tree, facts: Facts, walk: Walk) -> None:
    resets = ("VAR_RESET", "VAR_RESET_ALL")
    facts.kind = "reset" if fields.get("kind") in resets else "set"
    name = "all" if fields.get("kind") == "VAR_RESET_ALL" else fields.get("name", "")
    facts.names[name.lower()] = None
    if fields.get("is_local"):
        facts.features.add("local")
    if name.lower() == "search_path":
        values = [constant(each) for each in fields.get("args", ())]
        if any(value is None or value.lower() == "pg_catalog" for value in values[1:]):
            facts.features.add("shadows-catalog")  # names before it replace the server's own
    walk.node(fields.get("args", []))


def read_drop(fields: Tree, facts: Facts) -> None:
    facts.kind = "drop"
    facts.object = object_type(fields.get("removeType", ""))
    if fields.get("behavior") == "DROP_CASCADE":
        facts.features.add("cascade")
    if fields.get("missing_ok"):
        facts.features.add("if-exists")
    if fields.get("concurrent"):
        facts.features.add("concurrently")
    for item in fields.get("objects", ()):
        names = item.get("List", {}).get("items") or item.get("ObjectWithArgs", {}).get("objname")
        parts = [part.get("String", {}).get("sval", "") for part in names or [item]]
        if facts.object in ("table", "view", "materialized-view", "foreign-table"):
            schema = parts[-2] if len(parts) > 1 else None
            facts.tables[Table(parts[-1], schema, written=True)] = None
        else:
            facts.names[".".join(parts)] = None


def read_alter(name: str, fields: Tree, facts: Facts, walk: Walk) -> None:
    walk.types = False
    facts.kind = "alter"
    match name:
        case "AlterTableStmt":
            facts.object = object_type(fields.get("objtype", "OBJECT_TABLE"))
            for command in fields.get("cmds", ()):
                entry = command.get("AlterTableCmd", {})
                facts.features.add(ALTER_FEATURES.get(entry.get("subtype", ""), "other"))
                if entry.get("behavior") == "DROP_CASCADE":
                    facts.features.add("cascade")
        case "RenameStmt":
            kind = "relationType" if "relation" in fields else "renameType"
            facts.object = object_type(fields.get(kind, ""))
            facts.features.add("rename")
        case "AlterObjectSchemaStmt":
            facts.object = object_type(fields.get("objectType", ""))
            facts.features.add("set-schema")
        case "AlterOwnerStmt":
            facts.object = object_type(fields.get("objectType", ""))
            facts.features.add("owner")
        case "DefineStmt":
            facts.kind = "create"
            facts.object = object_type(fields.get("kind", ""))
        case _:
            raise Unknown(name)
    if (relation := fields.get("relation")) is not None:
        walk.table(relation, written=True)
    skipped = ("relation", "defnames")
    walk.node({key: value for key, value in fields.items() if key not in skipped}, top=True)


def read_plain(name: str, fields: Tree, facts: Facts) -> None:
    """Facts that stand in fields of a statement without a reader of its own."""
    for key in _NAME_FIELDS & fields.keys():
        if isinstance(fields[key], str):
            facts.names[fields[key]] = None
    for role in fields.get("roles", ()):
        facts.names[role.get("RoleSpec", {}).get("rolename", "")] = None
    for key in ("setstmt",):
        if isinstance(fields.get(key), dict):
            facts.names[fields[key].get("name", "all").lower()] = None
    for key in ("relation", "sequence", "view"):
        if isinstance(relation := fields.get(key), dict) and "relname" in relation:
            facts.tables[Table(relation["relname"], relation.get("schemaname"), True)] = None
    for item in fields.get("relations", ()):
        relation = item.get("RangeVar", {})
        facts.tables[Table(relation.get("relname", ""), relation.get("schemaname"), True)] = None
    match name:
        case "CallStmt":
            call = fields.get("funccall", {})
            facts.names[function_name(call.get("funcname", []))] = None
        case "CreateFunctionStmt" | "DoStmt":
            if fields.get("is_procedure"):
                facts.object = "procedure"
            options = fields.get("options", ()) or fields.get("args", ())
            for option in options:
                element = option.get("DefElem", {})
                _function_option(element, facts)
        case "AlterDefaultPrivilegesStmt":
            if not fields.get("action", {}).get("is_grant"):
                facts.kind = "revoke"
        case "GrantRoleStmt":
            if not fields.get("is_grant"):
                facts.kind = "revoke"
        case "LoadStmt":
            facts.features.add("file")
        case "VariableShowStmt":
            facts.names = {key.lower(): None for key in facts.names}
        case "RefreshMatViewStmt" if fields.get("skipData"):
            facts.features.add("no-data")


def _function_option(element: Tree, facts: Facts) -> None:
    value = element.get("arg", {})
    match element.get("defname"):
        case "language" if constant(value) not in _LANGUAGES:
            facts.features.add("untrusted-language")
        case "security" if value.get("Boolean", {}).get("boolval"):
            facts.features.add("security-definer")


def object_type(kind: str) -> str:
    """`OBJECT_FOREIGN_TABLE` → `foreign-table`."""
    known = {"matview": "materialized-view"}
    name = kind.removeprefix("OBJECT_").lower().replace("_", "-")
    return known.get(name, name)


def constant(tree: Tree | None) -> str | None:
    """The text of a constant, lower-case; None where it is something else or absent."""
    match tree:
        case {"String": {"sval": str(text)}} | {"A_Const": {"sval": {"sval": str(text)}}}:
            return text.lower()
        case {"Integer": number} | {"A_Const": {"ival": number}}:
            return str(number.get("ival", 0))
        case {"Boolean": flag} | {"A_Const": {"boolval": flag}}:
            return str(flag.get("boolval", False)).lower()
        case _:
            return None
