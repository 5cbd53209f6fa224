"""PostgreSQL: the server's own grammar (libpg_query through pglast) to statements."""

from __future__ import annotations

import json
from bisect import bisect_left
from typing import Any

from policy.parse.sql.facts import Facts, ShellText, Unknown, opaque, step
from policy.parse.sql.keywords import KEYWORDS
from policy.parse.sql.lex import Token, normal_form
from policy.parse.sql.pg_bounds import bounded, joins_to_other
from policy.parse.sql.pg_define import (
    constant,
    object_type,
    read_alter,
    read_drop,
    read_plain,
    read_set,
)
from policy.parse.sql.pg_nodes import EXPLAIN_OPTIONS, PLAIN_STATEMENTS, READ_STATEMENTS
from policy.parse.sql.pg_walk import Tree, Walk
from policy.plan import Action, OpaqueKind, Span, Table, Via

_WRITES = {"InsertStmt": "insert", "UpdateStmt": "update", "DeleteStmt": "delete"}
_TRANSACTIONS = {
    "TRANS_STMT_BEGIN": "begin",
    "TRANS_STMT_START": "begin",
    "TRANS_STMT_COMMIT": "commit",
    "TRANS_STMT_ROLLBACK": "rollback",
    "TRANS_STMT_SAVEPOINT": "savepoint",
    "TRANS_STMT_RELEASE": "release",
    "TRANS_STMT_ROLLBACK_TO": "rollback",
    "TRANS_STMT_PREPARE": "prepare-transaction",
    "TRANS_STMT_COMMIT_PREPARED": "commit-prepared",
    "TRANS_STMT_ROLLBACK_PREPARED": "rollback-prepared",
}
_OFF = frozenset(("off", "false", "0", "no"))
_HOLD = 0x0020  # CURSOR_OPT_HOLD


def parse(text: str) -> list[tuple[str, Tree, Span]]:
    """Node name, fields and span of each statement. Raises pglast's ParseError and others."""
    from pglast.parser import parse_sql_json  # the library loads when PostgreSQL is first read

    statements = json.loads(parse_sql_json(text)).get("stmts", [])
    at = _offsets(text)
    found = []
    for raw in statements:
        first = raw.get("stmt_location", 0)
        last = first + raw["stmt_len"] if raw.get("stmt_len") else None
        ((name, fields),) = raw["stmt"].items()
        found.append((name, fields, (at(first), len(text) if last is None else at(last))))
    return found


def _offsets(text: str) -> Any:
    """Byte offsets of the UTF-8 text to character offsets."""
    if text.isascii():
        return lambda offset: offset
    encoded = text.encode()
    return lambda offset: len(encoded[:offset].decode(errors="replace"))


class Reader:
    """Lowers statements of one text; remembers the cursors and plans that the text makes."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self.tokens = tokens
        self.actions: list[Action] = []
        self.shell: list[ShellText] = []
        self.made: set[str] = set()

    def read(self, name: str, fields: Tree, span: Span) -> None:
        """One statement at `span`: one action for it, and one for each statement inside it."""
        first = bisect_left(self.tokens, span[0], key=lambda token: token.start)
        last = bisect_left(self.tokens, span[1], lo=first, key=lambda token: token.start)
        inside = list(self.tokens[first:last])
        while inside and inside[-1].text == ";":
            inside.pop()
        place = (inside[0].start, inside[-1].end) if inside else span
        try:
            before = len(self.actions)
            self._statement(name, fields, place, (), normal_form(inside, KEYWORDS))
        except Unknown as unknown:
            del self.actions[before:]
            message = f"the construct {unknown.construct}"
            self.actions.append(opaque(OpaqueKind.UNKNOWN_NODE, message, place))

    def _statement(
        self, name: str, fields: Tree, span: Span, via: tuple[Via, ...], normal: str
    ) -> None:
        facts = Facts(kind="")

        def nested(program: str) -> Any:
            def call(child: str, tree: Tree) -> None:
                self._statement(child, tree, span, (*via, step(program)), normal)

            return call

        if name in PLAIN_STATEMENTS:
            facts.kind, facts.object = PLAIN_STATEMENTS[name]
            read_plain(name, fields, facts)
            elements = fields.get("schemaElts", []) if name == "CreateSchemaStmt" else []
            for element in elements:
                ((child, tree),) = element.items()
                nested("create-schema")(child, tree)
            rest = {key: value for key, value in fields.items() if key != "schemaElts"}
            Walk(facts, types=False).node(rest, top=True)
        elif name not in READ_STATEMENTS:
            raise Unknown(name)
        elif name in _WRITES:
            _write(name, fields, facts, Walk(facts, nested("cte")))
        else:
            self._special(name, fields, facts, nested, span, via)
        self.actions.append(Action(facts.statement("postgres", normal), span, via))

    def _special(
        self, name: str, fields: Tree, facts: Facts, nested: Any, span: Span, via: tuple[Via, ...]
    ) -> None:
        walk = Walk(facts, nested("cte"))
        match name:
            case "SelectStmt":
                walk.node(fields, top=True)
                facts.kind = "create" if "into" in facts.features else "select"
                facts.object = "table" if "into" in facts.features else None
            case "MergeStmt":
                _merge(fields, facts, walk)
            case "ExplainStmt":
                self._explain(fields, facts, nested("explain"))
            case "PrepareStmt":
                facts.kind = "prepare"
                facts.names[fields.get("name", "")] = None
                self.made.add(fields.get("name", ""))
                walk.node(fields.get("argtypes", []))  # EXECUTE casts its values to them
                _each(fields.get("query"), nested("prepare"))
            case "ExecuteStmt":
                facts.kind = "execute"
                self._known(fields.get("name", ""), facts)
                walk.node(fields.get("params", []))
            case "DeclareCursorStmt":
                facts.kind = "declare"
                facts.names[fields.get("portalname", "")] = None
                self.made.add(fields.get("portalname", ""))
                if fields.get("options", 0) & _HOLD:
                    facts.features.add("with-hold")
                _each(fields.get("query"), nested("cursor"))
            case "FetchStmt":
                facts.kind = "fetch"
                self._known(fields.get("portalname", ""), facts)
            case "CopyStmt":
                self._copy(fields, facts, nested("copy"), walk, span, via)
            case "CreateTableAsStmt":
                facts.kind = "create"
                facts.object = "table"
                if fields.get("objtype") == "OBJECT_MATVIEW":
                    facts.object = "materialized-view"
                facts.features.add("as-select")
                query = fields.get("query", {})
                if "ExecuteStmt" in query:
                    facts.features.add("execute")
                rest = {key: value for key, value in fields.items() if key not in ("into", "query")}
                walk.node(rest, top=True)
                walk.table(fields.get("into", {}).get("rel", {}), written=True)
                walk.node(query)
            case "VariableSetStmt":
                read_set(fields, facts, walk)
            case "TransactionStmt":
                facts.kind = _TRANSACTIONS.get(fields.get("kind", ""), "")
                if not facts.kind:
                    raise Unknown(f"TransactionStmt {fields.get('kind')}")
            case "DropStmt":
                read_drop(fields, facts)
            case "GrantStmt":
                facts.kind = "grant" if fields.get("is_grant") else "revoke"
                facts.object = object_type(fields.get("objtype", ""))
                walk.node(fields, top=True)
            case "VacuumStmt":
                facts.kind = "vacuum" if fields.get("is_vacuumcmd") else "analyze"
                facts.object = "table"
                for option in fields.get("options", ()):
                    facts.features.add(option.get("DefElem", {}).get("defname", ""))
                walk.node(fields, top=True)
            case _:
                read_alter(name, fields, facts, walk)

    def _known(self, name: str, facts: Facts) -> None:
        facts.names[name] = None
        if name in self.made:
            facts.features.add("seen")  # what it runs stands in the same text

    def _explain(self, fields: Tree, facts: Facts, nested: Any) -> None:
        """Without ANALYZE the planner runs functions of constants, nothing else."""
        facts.kind = "explain"
        for option in fields.get("options", ()):
            element = option.get("DefElem", {})
            name = element.get("defname", "")
            if name == "analyze":
                if constant(element.get("arg")) not in _OFF:
                    facts.features.add("analyze")
                else:
                    facts.features.discard("analyze")
            elif name not in EXPLAIN_OPTIONS:
                raise Unknown(f"EXPLAIN ({name})")
        query = fields.get("query", {})
        if "analyze" in facts.features:
            _each(query, nested)
        else:
            if "ExecuteStmt" in query:
                facts.features.add("execute")
            Walk(facts).node(query)
            # For a temporary table the server adds a schema when it only plans.
            facts.features &= {"execute", "temporary"}
            facts.tables = {Table(t.name, t.schema): None for t in facts.tables}

    def _copy(
        self, fields: Tree, facts: Facts, nested: Any, walk: Walk, span: Span, via: tuple[Via, ...]
    ) -> None:
        facts.kind = "copy"
        loads = fields.get("is_from", False)
        facts.features.add("from" if loads else "to")
        if fields.get("is_program"):
            facts.features.add("program")
            self.shell.append(ShellText(fields.get("filename", ""), span, (*via, step("copy"))))
        elif fields.get("filename") is not None:
            facts.features.add("file")
            facts.names[fields["filename"]] = None
        else:
            facts.features.add("stdin" if loads else "stdout")
        if (relation := fields.get("relation")) is not None:
            walk.table(relation, written=loads)
        _each(fields.get("query"), nested)
        walk.node({key: fields[key] for key in ("whereClause", "options") if key in fields})


def _each(query: Tree | None, nested: Any) -> None:
    for name, fields in (query or {}).items():
        nested(name, fields)


def _write(name: str, fields: Tree, facts: Facts, walk: Walk) -> None:
    facts.kind = _WRITES[name]
    relation = fields.get("relation", {})
    walk.table(relation, written=True)
    walk.node({key: value for key, value in fields.items() if key != "relation"}, top=True)
    if name == "InsertStmt":
        query = fields.get("selectStmt", {}).get("SelectStmt")
        if query is not None and "valuesLists" not in query:
            facts.features.add("from-select")
        action = fields.get("onConflictClause", {}).get("action", "")
        if action == "ONCONFLICT_UPDATE":
            facts.features.add("on-conflict-update")
        return
    others = bool(fields.get("fromClause") or fields.get("usingClause"))
    target = relation.get("alias", {}).get("aliasname") or relation.get("relname", "")
    facts.bounded = bounded(fields.get("whereClause"), target, others)


def _merge(fields: Tree, facts: Facts, walk: Walk) -> None:
    facts.kind = "merge"
    relation = fields.get("relation", {})
    walk.table(relation, written=True)
    walk.node({key: value for key, value in fields.items() if key != "relation"}, top=True)
    by_source = False
    for clause in fields.get("mergeWhenClauses", ()):
        when = clause.get("MergeWhenClause", {})
        facts.features.add(when.get("commandType", "").removeprefix("CMD_").lower())
        by_source |= when.get("matchKind") == "MERGE_WHEN_NOT_MATCHED_BY_SOURCE"
    target = relation.get("alias", {}).get("aliasname") or relation.get("relname", "")
    facts.bounded = not by_source and joins_to_other(fields.get("joinCondition"), target)
