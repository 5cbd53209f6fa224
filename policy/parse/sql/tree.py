"""Queries and changes of rows in every dialect but PostgreSQL: sqlglot's tree to facts."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from policy.parse.sql.calls import calls
from policy.parse.sql.dialects import Dialect
from policy.parse.sql.facts import Facts, Unknown
from policy.parse.sql.free import free_literals
from policy.parse.sql.join import join
from policy.parse.sql.lex import Token, TokenKind
from policy.parse.sql.sqlglot_parse import load
from policy.parse.sql.tree_bounds import bounded, joins_to_other
from policy.parse.sql.tree_nodes import CHANGES, NODES, QUERIES
from policy.plan import Table

_LOCKING_HINTS = frozenset(("updlock", "xlock", "tablockx", "holdlock", "serializable"))
_SEQUENCES = frozenset(("nextval", "currval"))
_OUTER = frozenset(("LEFT", "RIGHT", "FULL"))


def read_tree(tree: Any, tokens: list[Token], found: Dialect) -> Facts:
    """Facts of one statement. Raises `Unknown` for a class that no list names."""
    root = type(tree).__name__
    if root in QUERIES:
        facts = Facts("select")
    elif root in CHANGES:
        facts = Facts(CHANGES[root])
    else:
        raise Unknown(root)
    _nodes(tree, tokens, found, facts)
    match root:
        case "Insert":
            _insert(tree, facts)
        case "Update" | "Delete":
            _change(tree, facts)
        case "Merge":
            _merge(tree, facts)
    if found.bare_calls:
        facts.features.add("bare-calls")
    if "into" in facts.features and facts.kind == "select":
        facts.kind, facts.object = "create", "table"
    return facts


def _nodes(tree: Any, tokens: list[Token], found: Dialect, facts: Facts) -> None:
    exp = load()
    names: set[str] = set()  # of tables, CTEs and aliases: `t (a, b)` is no call
    called: set[str] = set()
    built_in: set[str] = set()  # called by names that sqlglot knows
    strings = {t.text.strip("'\"") for t in tokens if t.kind is TokenKind.STRING}
    files: set[str] = set()  # tables that are spelled like one of the strings
    for node in tree.walk():
        name = type(node).__name__
        if name not in NODES and not isinstance(node, exp.Func):
            raise Unknown(name)
        if isinstance(node, exp.Func) and not isinstance(node, exp.Anonymous):
            built_in.update(each.lower() for each in type(node).sql_names())
        if node.args.get("settings"):
            raise Unknown("SETTINGS")  # of the server, for this statement
        match name:
            case "Insert" | "Update" | "Delete" | "Merge" if node is not tree and not (
                isinstance(node.parent, exp.When)
            ):
                raise Unknown(f"{name} inside a statement")
            case "Table":
                _table(node, strings, files, facts, names)
                called.update(_table_call(node.name, found))
                if _has_arguments(node):
                    called.add(node.name.lower())
            case "In" if node.args.get("field") is not None:
                _in_table(node.args["field"], facts)
                called.update(_table_call(node.args["field"].name, found))
            case "CTE" | "TableAlias":
                names.add(node.alias_or_name.lower() if name == "CTE" else node.name.lower())
            case "Anonymous" if not isinstance(node.parent, exp.WithTableHint):
                called.add(node.name.lower())
            case "NextValueFor":
                facts.functions["next value for"] = None
            case "Column" if node.table and node.name.lower() in _SEQUENCES:
                facts.functions[node.name.lower()] = None
            case "Lock":
                facts.features.add("for-update")
            case "Into":
                variable = isinstance(node.this, exp.Table) and isinstance(
                    node.this.this, exp.Parameter
                )
                facts.features.add("into-variable" if variable else "into")
                if node.args.get("bulk_collect") or not isinstance(node.this, exp.Table):
                    raise Unknown("INTO")
            case "WithTableHint":
                if any(each.name.lower() in _LOCKING_HINTS for each in node.expressions):
                    facts.features.add("for-update")
            case "Where":
                facts.features.add("where")
            case "Limit" | "Fetch":
                facts.features.add("limit")
            case "Returning":
                facts.features.add("returning")
    if any(
        sign.text == ":" and token.text == "=" and sign.end == token.start
        for sign, token in pairwise(tokens)
    ):
        facts.features.add("into-variable")  # MySQL's `@x := 5`, wherever sqlglot puts it
    if files and files & _operands(tokens, found):
        facts.features.add("file")
    for call in calls(tokens, found):
        name = call.strip("`")
        if name not in names or name in called or name in built_in:
            facts.functions[call] = None
    for call in called:
        if not any(each == call or each.endswith("." + call) for each in facts.functions):
            facts.functions[call] = None


def _table_call(name: str, found: Dialect) -> set[str]:
    """The function that a table of that name calls, if it does."""
    lowered = name.lower()
    return {lowered} if found.table_calls and lowered.startswith(found.table_calls) else set()


def _has_arguments(table: Any) -> bool:
    """`FROM f(x)`, which sqlglot may read as a table whose columns are named."""
    alias = table.args.get("alias")
    return alias is not None and alias.args.get("this") is None and bool(alias.columns)


def _in_table(field: Any, facts: Facts) -> None:
    """`x IN t`, which is `x IN (SELECT * FROM t)` (sqlite.org/lang_expr.html)."""
    exp = load()
    match field:
        case exp.Column():
            facts.tables[Table(field.name, field.table or None)] = None
        case exp.Literal():
            facts.tables[Table(field.name)] = None
        case _ if not isinstance(field, exp.Func | exp.Query | exp.Paren):
            raise Unknown(f"IN before a {type(field).__name__}")


def _table(node: Any, strings: set[str], files: set[str], facts: Facts, names: set[str]) -> None:
    exp = load()
    if isinstance(node.this, exp.Func):
        return  # a function in FROM
    if isinstance(node.this, exp.Parameter):
        return  # a variable
    if not isinstance(node.this, exp.Identifier | exp.Dot | exp.Var):
        raise Unknown(f"a table that is a {type(node.this).__name__}")
    name, schema = node.name, node.db or None
    if isinstance(node.this, exp.Dot):
        facts.features.add("linked-server")
    if node.catalog and schema is not None:
        facts.features.add("other-database")
    written = isinstance(node.parent, exp.Into)
    facts.tables[Table(name, schema, written)] = None
    names.add(name.lower())
    if name.startswith("@"):
        facts.features.add("file")
    if name in strings:
        files.add(name)
    if node.this.args.get("temporary"):  # T-SQL's #name
        facts.features.add("temporary")


def _operands(tokens: list[Token], found: Dialect) -> set[str]:
    """Strings that may stand for a file: all but those that are compared or stored."""
    joined = list(join(tokens, found.lexis, set()))
    free = free_literals(joined)
    return {
        token.text.strip("'\"")
        for at, token in enumerate(joined)
        if token.kind is TokenKind.STRING and at not in free
    }


def _targets(node: Any) -> list[Any]:
    exp = load()
    while isinstance(node, exp.Schema | exp.Alias):
        node = node.this
    return [node] if isinstance(node, exp.Table) else []


def _write(table: Any, facts: Facts) -> None:
    facts.tables[Table(table.name, table.db or None, True)] = None


def _insert(tree: Any, facts: Facts) -> None:
    exp = load()
    targets = _targets(tree.this)
    if not targets:
        raise Unknown("the target of an INSERT")
    for table in targets:
        _write(table, facts)
    if tree.args.get("overwrite"):
        facts.features.add("overwrite")
    alternative = tree.args.get("alternative")
    if alternative:
        facts.features.add(f"or-{str(alternative).lower()}")
    conflict = tree.args.get("conflict")
    if conflict is not None:
        facts.features.add("on-conflict")
        if conflict.args.get("duplicate") or conflict.expressions:
            facts.features.add("on-conflict-update")
    if isinstance(tree.expression, exp.Query) and not isinstance(tree.expression, exp.Values):
        facts.features.add("from-select")


def _change(tree: Any, facts: Facts) -> None:
    exp = load()
    target = tree.this if isinstance(tree.this, exp.Table) else None
    named = [each for each in tree.args.get("tables") or [] if isinstance(each, exp.Table)]
    if target is None and len(named) == 1:
        target, named = named[0], []  # T-SQL's `DELETE t WHERE …`
    if target is None:
        raise Unknown("the target of a change")
    joins = list(target.args.get("joins") or [])
    sources = [target]
    using = tree.args.get("using") or []
    sources += [each for each in (using if isinstance(using, list) else [using]) if each]
    from_ = tree.args.get("from_")
    if from_ is not None:
        sources.append(from_.this)
    for source in sources[1:]:
        joins += list(source.args.get("joins") or [])
    others = len(sources) > 1 or bool(joins) or bool(named)
    aliases = {each.alias_or_name.lower() for each in named}
    if not aliases:
        aliases = {target.alias_or_name.lower()}
        if isinstance(tree, exp.Update) and joins and from_ is None:
            aliases |= _set_tables(tree)  # MySQL's `UPDATE a JOIN b SET b.x = 1`
    for table in tree.find_all(exp.Table):
        if {table.name.lower(), table.alias_or_name.lower()} & aliases:
            _write(table, facts)
    inner = [
        join.args["on"]
        for join in joins
        if join.args.get("on") is not None and str(join.side).upper() not in _OUTER
    ]
    where = tree.args.get("where")
    condition = where.this if where is not None else None
    facts.bounded = bounded(condition, aliases, others, inner)


def _set_tables(tree: Any) -> set[str]:
    exp = load()
    return {
        assignment.this.table.lower()
        for assignment in tree.expressions
        if isinstance(assignment, exp.EQ) and isinstance(assignment.this, exp.Column)
    } - {""}


def _merge(tree: Any, facts: Facts) -> None:
    exp = load()
    targets = _targets(tree.this)
    if not targets:
        raise Unknown("the target of a MERGE")
    _write(targets[0], facts)
    by_source = False
    for when in tree.find_all(exp.When):
        then = when.args.get("then")
        if isinstance(then, exp.Var):
            facts.features.add(then.name.lower())
        else:
            facts.features.add(type(then).__name__.lower())
        by_source |= not when.args.get("matched") and bool(when.args.get("source"))
    target = targets[0].alias_or_name.lower()
    facts.bounded = not by_source and joins_to_other(tree.args.get("on"), target)
