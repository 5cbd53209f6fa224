"""Client channels: psql, mysql and sqlite3 read commands of their own between the SQL."""

from __future__ import annotations

import pytest
from sqlcases import account, last, opaque, read

from policy.parse.sql import read_sql
from policy.plan import Action, Limits, Opaque, OpaqueKind, Statement

ACCOUNTS = [
    ("psql", "\\dt", ["meta"]),
    ("psql", "\\x \\dt \\q", ["meta", "meta", "meta"]),
    ("psql", "\\echo 'a b' \\\\ DROP TABLE t;", ["meta", "drop table"]),
    ("psql", "SELECT 1 \\gx", ["select", "meta"]),
    ("psql", "SELECT 1 \\\\ ; DROP TABLE t", ["select", "drop table"]),
    ("psql", "SELECT '\\d' ; \\d", ["select", "meta"]),
    ("psql", "SELECT E'\\' \\d' , $$ \\d $$ -- \\d", ["select"]),
    ("psql", "\\if true\nDROP TABLE t;\n\\endif", ["meta", "drop table", "meta"]),
    ("psql", "DELETE FROM t WHERE id = :'id'", ["delete"]),
    ("psql", "SELECT a[1:2]", ["select"]),
    ("psql", "\\set n 1\n\\echo :n", ["meta", "meta"]),
    ("psql-command", "SELECT a[1:x]", ["select"]),
    ("psql-command", "\\echo a\nb", ["meta"]),
    ("psql", "\\copy t from 'x.csv'", ["copy"]),
    ("psql", "\\copy (DELETE FROM t RETURNING *) to stdout", ["copy > delete", "copy"]),
    ("psql", "\\copy (SELECT 'a) to b' AS \")\") to stdout", ["copy > select", "copy"]),
    ("psql", "\\copy app.t (a, b) from 'x.csv' csv", ["copy"]),
    ("psql", "COPY t FROM STDIN", ["copy"]),
    ("mysql-client", "SELECT 1\\G", ["select"]),
    ("mysql-client", "SELECT 1\\g DROP TABLE t", ["select", "drop table"]),
    ("mysql-client", "\\u app\nSELECT 1", ["meta", "select"]),
    ("mysql-client", "SELECT '\\\\G'", ["select"]),
    ("mysql-client", "SELECT 1;\nsource x.sql\nSELECT 2;", ["select", "meta", "select"]),
    ("mysql-client", "use app; SHOW TABLES", ["use", "show"]),
    ("mysql-client", "use app\nDELETE FROM t;", ["meta", "delete"]),
    ("mysql-client", "/* x */ use app\nDELETE FROM t;", ["meta", "delete"]),
    ("mysql-client", "SELECT 1 \\c DELETE FROM t;", ["select", "meta", "delete"]),
    ("mysql-client", "DELETE FROM t \\q WHERE a = 1", ["delete", "meta", "opaque unknown-node"]),
    ("mysql-client", "SELECT 1 \\s AS a", ["select", "meta"]),
    ("sqlite-client", ".tables", ["meta"]),
    ("sqlite-client", ".mode csv\nSELECT 1;\n# c\n.schema", ["meta", "select", "meta"]),
    ("sqlite-client", "SELECT ';\n.shell x'", ["select"]),
]


@pytest.mark.parametrize(("name", "text", "expected"), ACCOUNTS)
def test_commands_and_statements_come_in_order(name: str, text: str, expected: list[str]) -> None:
    assert account(text, name) == expected


OPAQUE = [
    ("psql", "SELECT :x", "dynamic-code"),
    ("psql", 'SELECT * FROM :"x"', "dynamic-code"),
    ("psql", "\\set 2 x\nSELECT a[1:2]", "dynamic-code"),
    ("psql", "SELECT 1 \\g :x", "dynamic-code"),
    ("psql", "\\o `date`", "dynamic-code"),
    ("psql", "\\echo `date :x`", "dynamic-code"),
    ("psql", "\\set SINGLELINE on", "lexical"),
    ("psql", "\\set 'SINGLE'LINE on", "lexical"),
    ("psql", "\\set :x on", "lexical"),
    ("psql", "SELECT 1 \\gset\nEXPLAIN\nDELETE FROM t;", "lexical"),
    ("psql", "\\echo \x0b", "lexical"),
    ("psql-command", "SELECT 1 \\gx", "lexical"),
    ("psql-command", "SELECT :x", "unparsed"),
    ("psql-command", "\\dt \\dt", "lexical"),
    ("psql", "SELECT 1 \\gexec", "dynamic-code"),
    ("psql", "SELECT 1 \\d t", "lexical"),
    ("psql", "SELECT 1\\; SELECT 2", "lexical"),
    ("psql", "\\d 'x", "lexical"),
    ("psql", "\\", "lexical"),
    ("psql", "COPY t FROM STDIN; DROP TABLE t", "lexical"),
    ("psql", "\\copy nonsense", "unparsed"),
    ("psql", "\\copy t to program x", "unparsed"),
    ("psql", "\\set x '1]; DROP TABLE t'\nSELECT E'a'\n'\\' || ', b[1:x] -- '", "lexical"),
    ("psql", "SELECT E'a' -- c\n'\\' || ', b[1:x] -- '", "lexical"),
    ("psql", "SELECT * FROM U&\"!0074\" UESCAPE :'e'", "dynamic-code"),
    ("mysql-client", "delimiter //", "lexical"),
    ("mysql-client", "\\d //", "lexical"),
    ("mysql-client", "status; DROP TABLE t", "lexical"),
    ("mysql-client", "SELECT 1\nsystem x", "lexical"),
    ("mysql-client", "SELECT\nclear\nDELETE FROM t", "lexical"),
    ("mysql-client", "SELECT * FROM mysql.us\\ser", "lexical"),
    ("mysql-client", "SELECT 1 \\h DELETE FROM t; SELECT 2", "lexical"),
    ("mysql-client", "help ';\nSELECT ' ; DELETE FROM t; SELECT ' ;", "lexical"),
    ("mysql-client", "help x /*;\nSELECT 1 */ ; DELETE FROM t", "lexical"),
    ("mysql-client", "SELECT \\z", "lexical"),
    ("sqlite-client", ".shell 'x'", "dynamic-code"),
    ("sqlite-client", ".", "unparsed"),
]


@pytest.mark.parametrize(("name", "text", "expected"), OPAQUE)
def test_what_only_the_client_knows_is_opaque(name: str, text: str, expected: str) -> None:
    kinds = {a.does.kind.value for a in read(text, name) if isinstance(a.does, Opaque)}
    assert expected in kinds


SHELL = [
    ("psql", "\\copy (SELECT $$) to program 'x' $$) to stdout", "x"),
    ("psql", "\\copy (SELECT 1 /*) to program 'x' */) to stdout", "x"),
    ("psql", "\\! rm -rf x", "rm -rf x"),
    ("psql", "SELECT 1 \\g |sh", "sh"),
    ("psql", "\\o | tee x", "tee x"),
    ("psql", "SELECT 1 \\g | cat \\echo ; id", "cat \\echo ; id"),
    ("psql", "SELECT 1 \\g (format=csv) | id", "id"),
    ("psql", "\\o '|id'", "id"),
    ("psql", "\\w '\\174id'", "id"),
    ("psql-command", '\\! date\nSELECT "$(id)"', 'date\nSELECT "$(id)"'),
    ("psql", "\\set x `date; id`", "date; id"),
    ("psql", "\\set PROMPT1 '%`id`'", "id"),
    ("psql", "\\copy t to program 'gzip ''x'''", "gzip 'x'"),
    ("psql", "COPY t FROM PROGRAM 'cat x'", "cat x"),
    ("postgres", "COPY t TO PROGRAM 'sh -c x'", "sh -c x"),
    ("mysql-client", "\\! id", "id"),
    ("mysql-client", "system id", "id"),
    ("mysql-client", "pager less", "less"),
    ("sqlite-client", ".shell id", "id"),
    ("sqlite-client", ".output |cat", "cat"),
]


@pytest.mark.parametrize(("name", "text", "expected"), SHELL)
def test_shell_text_is_handed_to_the_shell_reader(name: str, text: str, expected: str) -> None:
    heard: list[str] = []

    def shell(inner: str, offset: int) -> tuple[Action, ...]:
        heard.append(inner.strip())
        return (Action(Opaque(OpaqueKind.UNPARSED, "x"), (offset, offset + len(inner))),)

    actions = read_sql(text, name, Limits(), shell=shell)
    assert heard == [expected]
    assert any(isinstance(a.does, Opaque) and a.via for a in actions)
    assert opaque(text, name) == "dynamic-code"


FEATURES = [
    ("psql", "\\d", ("d", set())),
    ("psql", "\\d t", ("d", {"arguments"})),
    ("psql", "\\i x.sql", ("i", {"arguments", "file", "script"})),
    ("psql", "\\o x.txt", ("o", {"arguments", "file", "write"})),
    ("psql", "\\e", ("e", {"file", "editor"})),
    ("mysql-client", "tee x", ("tee", {"arguments", "file", "write"})),
    ("mysql-client", "\\. x.sql", ("source", {"arguments", "file", "script"})),
    ("sqlite-client", ".once x", ("once", {"arguments", "file", "write"})),
    ("sqlite-client", ".LOAD x", ("load", {"arguments", "file", "script"})),
]


@pytest.mark.parametrize(("name", "text", "expected"), FEATURES)
def test_a_command_has_a_name_and_features(
    name: str, text: str, expected: tuple[str, set[str]]
) -> None:
    does = last(text, name)
    assert (does.kind, does.dialect) == ("meta", name)
    assert (does.names[0], does.features) == expected


def test_a_variable_of_psql_bounds_as_a_value_and_not_as_a_pattern() -> None:
    assert last("DELETE FROM t WHERE id = :'id'", "psql").bounded
    assert not last("DELETE FROM t WHERE name LIKE :'id'", "psql").bounded


def test_the_normal_form_keeps_a_variable_as_a_variable() -> None:
    (action,) = read("DELETE FROM t WHERE id = :'id'", "psql")
    assert isinstance(action.does, Statement)
    assert action.does.normal == "DELETE FROM t WHERE id = :'id'"
