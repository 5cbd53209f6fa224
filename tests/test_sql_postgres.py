"""PostgreSQL: what statements are, what they contain, which rows they are bound to."""

from __future__ import annotations

import pytest
from sqlcases import account, last, one, opaque, read

KINDS = [
    ("SELECT 1", ["select"]),
    ("VALUES (1)", ["select"]),
    ("TABLE t", ["select"]),
    ("(SELECT 1) UNION (SELECT 2)", ["select"]),
    ("SELECT 1; DELETE FROM t", ["select", "delete"]),
    ("SELECT * INTO t2 FROM t", ["create table"]),
    ("CREATE TABLE t2 AS SELECT 1", ["create table"]),
    ("CREATE TABLE t2 AS EXECUTE q", ["cte > execute", "create table"]),
    ("WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d", ["cte > delete", "select"]),
    ("WITH d AS (UPDATE t SET a = 1 RETURNING *) INSERT INTO u SELECT * FROM d",
     ["cte > update", "insert"]),
    ("EXPLAIN DELETE FROM t", ["explain"]),
    ("EXPLAIN ANALYZE DELETE FROM t", ["explain > delete", "explain"]),
    ("EXPLAIN (ANALYZE off) DELETE FROM t", ["explain"]),
    ("EXPLAIN (ANALYZE off, ANALYZE) DELETE FROM t", ["explain > delete", "explain"]),
    ("EXPLAIN (ANALYZE 1) CREATE TABLE x AS SELECT 1",
     ["explain > create table", "explain"]),
    ("PREPARE q AS DELETE FROM t", ["prepare > delete", "prepare"]),
    ("DECLARE c CURSOR FOR SELECT 1", ["cursor > select", "declare"]),
    ("COPY (DELETE FROM t RETURNING *) TO STDOUT", ["copy > delete", "copy"]),
    ("COPY t FROM STDIN", ["copy"]),
    ("CREATE SCHEMA s CREATE TABLE t (a int) GRANT SELECT ON t TO x",
     ["create-schema > create table", "create-schema > grant table", "create schema"]),
    ("DO $$ BEGIN DROP TABLE t; END $$", ["do"]),
    ("CALL p(1)", ["call"]),
    ("DROP MATERIALIZED VIEW v", ["drop materialized-view"]),
    ("DROP OWNED BY x", ["drop owned"]),
    ("TRUNCATE t", ["truncate table"]),
    ("ALTER VIEW v OWNER TO x", ["alter view"]),
    ("ALTER TABLE t RENAME COLUMN a TO b", ["alter table"]),
    ("ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM x", ["revoke default-privileges"]),
    ("REVOKE x FROM y", ["revoke role"]),
    ("CREATE OR REPLACE PROCEDURE p() LANGUAGE sql AS ''", ["create procedure"]),
    ("CREATE AGGREGATE a (int) (sfunc = f, stype = int)", ["create aggregate"]),
    ("VACUUM FULL t", ["vacuum table"]),
    ("ANALYZE t", ["analyze table"]),
    ("CHECKPOINT", ["checkpoint"]),
    ("DISCARD ALL", ["discard"]),
    ("NOTIFY x", ["notify"]),
    ("BEGIN READ WRITE; SAVEPOINT a; ROLLBACK TO a; COMMIT",
     ["begin", "savepoint", "rollback", "commit"]),
    ("SET LOCAL work_mem = 5; RESET ALL; SHOW all", ["set", "reset", "show"]),
    ("REINDEX TABLE t", ["reindex"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), KINDS)
def test_a_statement_is_what_it_does(text: str, expected: list[str]) -> None:
    assert account(text) == expected


BOUNDS = [
    ("id = 7", True),
    ("7 = id", True),
    ("t.id = $1", True),
    ("id = 7 AND state <> 'x'", True),
    ("state <> 'x' AND (a OR b) AND id = 7", True),
    ("(a, b) = (1, 2)", True),
    ("id IN (1, 2)", True),
    ("id = ANY ('{1,2}')", True),
    ("id = ANY (ARRAY[1, 2])", True),
    ("id BETWEEN 5 AND 9", True),
    ("name LIKE 'tmp-%'", True),
    ("made < now() - interval '30 days'", True),
    ("made < CURRENT_DATE - 30", True),
    ("id::text = '7'", True),
    ("id > 500", True),
    ("CURRENT OF c", True),
    ("id > 0", False),
    ("id >= -5", False),
    ("id > ''", False),
    ("1 = 1", False),
    ("true", False),
    ("id = id", False),
    ("id IS NOT NULL", False),
    ("id = NULL", False),
    ("id <> 7", False),
    ("id NOT IN (7)", False),
    ("NOT id = 7", False),
    ("id = 7 OR true", False),
    ("name LIKE '%'", False),
    ("name LIKE '_x'", False),
    ("id NOT BETWEEN 5 AND 9", False),
    ("id IN (SELECT id FROM u)", False),
    ("id = (SELECT max(id) FROM t)", False),
    ("id = f()", False),
    ("length(name) = 5", False),
    ("id = ANY (ids)", False),
    ("id OPERATOR(app.=) 7", False),
]


@pytest.mark.parametrize(("where", "expected"), BOUNDS)
def test_a_where_bounds_if_it_holds_a_column_to_a_value(where: str, expected: bool) -> None:
    assert one(f"DELETE FROM t WHERE {where}").bounded is expected
    assert one(f"UPDATE t SET a = 1 WHERE {where}").bounded is expected


JOINED = [
    ("DELETE FROM t USING u WHERE u.id = 7", False),
    ("DELETE FROM t USING u WHERE id = 7", False),
    ("DELETE FROM t USING u WHERE t.id = 7", True),
    ("DELETE FROM t USING u WHERE u.id = 7 AND u.id = t.uid", True),
    ("DELETE FROM t AS x USING u WHERE t.id = 7", False),
    ("DELETE FROM t AS x USING u WHERE x.id = 7", True),
    ("UPDATE t SET a = 1 FROM u, v WHERE u.id = 7 AND u.id = v.id AND v.x = t.y", True),
    ("MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN DELETE", True),
    ("MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE", False),
    ("MERGE INTO t USING s ON s.id = 1 WHEN MATCHED THEN DELETE", False),
    ("MERGE INTO t USING s ON t.id = s.id WHEN NOT MATCHED BY SOURCE THEN DELETE", False),
]


@pytest.mark.parametrize(("text", "expected"), JOINED)
def test_beside_other_tables_the_column_must_lead_to_the_target(text: str, expected: bool) -> None:
    assert one(text).bounded is expected


FUNCTIONS = [
    ("PREPARE q (int, app.checked, mood[]) AS SELECT $1", {"cast(app.checked)", "cast(mood)"}),
    ("SELECT now(), Count(*), \"ABS\"(x), pg_catalog.lower(y), app.f(1)",
     {"now", "count", '"ABS"', "lower", "app.f"}),
    ("SELECT * FROM generate_series(1, 2) g", {"generate_series"}),
    ("SELECT a @#@ b, a OPERATOR(app.+) b, a OPERATOR(pg_catalog.+) b",
     {"operator(@#@)", "operator(app.+)"}),
    ("SELECT 'x'::mood, 'x'::text, '{}'::int[], CAST(1 AS app.money)",
     {"cast(mood)", "cast(app.money)"}),
    ("SELECT ('ids'::regclass).nextval, (now()).date, (a).b.c, (t).*",
     {"now", "nextval", "date", "b", "c"}),
    ("SELECT a.b.c, a[1:2], (ARRAY[1])[1]", set()),
    ("SELECT * FROM t TABLESAMPLE system (5)", set()),
    ("SELECT * FROM t TABLESAMPLE system_rows (5)", {"tablesample(system_rows)"}),
    ("SELECT * FROM t ORDER BY a USING @#@", {"operator(@#@)"}),
    ("SELECT a = ANY (SELECT 1), a @#@ ANY (SELECT 1)", {"operator(@#@)"}),
    ("EXPLAIN SELECT f()", {"f"}),
    ("EXPLAIN ANALYZE SELECT 1", set()),
    ("INSERT INTO t VALUES (nextval('s'))", {"nextval"}),
    ("SELECT extract(year FROM d), substring(a FROM 1), a AT TIME ZONE 'utc'",
     {"extract", "substring", "timezone"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FUNCTIONS)
def test_everything_that_can_call_a_function_is_named(text: str, expected: set[str]) -> None:
    assert set(last(text).functions) == expected


FEATURES = [
    ("SELECT * FROM t FOR UPDATE", {"for-update"}),
    ("SELECT * FROM (SELECT * FROM t FOR SHARE) x", {"for-update"}),
    ("INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 1 RETURNING a",
     {"on-conflict", "on-conflict-update", "returning"}),
    ("COPY t TO PROGRAM 'x'", {"to", "program"}),
    ("COPY t FROM '/x'", {"from", "file"}),
    ("COPY t TO STDOUT", {"to", "stdout"}),
    ("DROP TABLE IF EXISTS t CASCADE", {"if-exists", "cascade"}),
    ("CREATE TEMP TABLE IF NOT EXISTS t (a int)", {"temporary", "if-not-exists"}),
    ("CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)", {"unique", "concurrently"}),
    ("CREATE OR REPLACE VIEW v AS SELECT 1", {"or-replace"}),
    ("CREATE FUNCTION f() RETURNS int LANGUAGE c SECURITY DEFINER AS 'x', 'y'",
     {"untrusted-language", "security-definer"}),
    ("ALTER TABLE t ADD COLUMN a int, DROP COLUMN b CASCADE",
     {"add-column", "drop-column", "cascade"}),
    ("ALTER TABLE t SET (fillfactor = 5), SET WITHOUT OIDS", {"set-storage", "other"}),
    ("SET search_path = app, pg_catalog", {"shadows-catalog"}),
    ("SET search_path = pg_catalog, app", set()),
    ("SET LOCAL work_mem = 5", {"local"}),
    ("DECLARE c CURSOR WITH HOLD FOR SELECT 1", {"with-hold"}),
    ("EXPLAIN EXECUTE q", {"execute"}),
    ("EXPLAIN SELECT 1 INTO TEMP x", {"temporary"}),
    ("EXPLAIN SELECT 1 INTO x", set()),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FEATURES)
def test_features_say_how(text: str, expected: set[str]) -> None:
    assert last(text).features == expected


NAMES = [
    ("SET ROLE x", ("role",)),
    ("SET SESSION AUTHORIZATION x", ("session_authorization",)),
    ("SET TIME ZONE 'utc'", ("timezone",)),
    ("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE", ("session characteristics",)),
    ("ALTER SYSTEM SET work_mem = 5", ("work_mem",)),
    ("CREATE EXTENSION dblink", ("dblink",)),
    ("DROP ROLE a, b", ("a", "b")),
    ("CALL app.p(1)", ("app.p",)),
    ("DROP FUNCTION app.f(int)", ("app.f",)),
]


@pytest.mark.parametrize(("text", "expected"), NAMES)
def test_names_say_what_else_it_acts_on(text: str, expected: tuple[str, ...]) -> None:
    assert one(text).names == expected


TABLES = [
    ("SELECT * FROM a, app.b", {("a", None, False), ("b", "app", False)}),
    ("WITH a AS (SELECT 1) SELECT * FROM a", set()),
    ("WITH a AS (SELECT * FROM a) SELECT * FROM a", {("a", None, False)}),
    ("SELECT * FROM a, (WITH a AS (SELECT 1) SELECT * FROM a) x", {("a", None, False)}),
    ("WITH a AS (SELECT 1) DELETE FROM a WHERE id = 1", {("a", None, True)}),
    ("DROP TABLE app.a, b", {("a", "app", True), ("b", None, True)}),
    ("COPY a FROM STDIN", {("a", None, True)}),
    ("ALTER TABLE a ADD COLUMN b int", {("a", None, True)}),
]


@pytest.mark.parametrize(("text", "expected"), TABLES)
def test_tables_are_those_that_the_server_reaches(text: str, expected: set[object]) -> None:
    assert {(t.name, t.schema, t.written) for t in one(text).tables} == expected


OPAQUE = [
    ("SELEC 1", "unparsed"),
    (";;", "unparsed"),
    ("SELECT 1 /*! x */", "lexical"),
    ("EXPLAIN (SORCERY) SELECT 1", "unknown-node"),
    ("SELECT\u00a01", "lexical"),
    ("SELECT {{ x }}", "lexical"),
    ("SELECT 1 \\g", "lexical"),
    ("SELECT " + "(" * 200 + "1" + ")" * 200, "limit"),
    ("SELECT 1" + " + 1" * 1000, "limit"),
]


@pytest.mark.parametrize(("text", "expected"), OPAQUE)
def test_what_is_not_understood_is_opaque(text: str, expected: str) -> None:
    assert opaque(text) == expected


@pytest.mark.parametrize("text", ["", "  \n", "-- nothing", "/* nothing */ -- at all"])
def test_blanks_and_comments_are_nothing(text: str) -> None:
    assert read(text) == ()


def test_a_plan_and_a_cursor_of_the_same_text_are_seen() -> None:
    assert "seen" in last("PREPARE q AS SELECT 1; EXECUTE q").features
    assert "seen" not in one("EXECUTE q").features


def test_spans_count_characters_not_bytes() -> None:
    text = "SELECT 'äöü😀' ;  DELETE FROM été WHERE id = 1"
    first, second = read(text)
    assert text[slice(*first.span)] == "SELECT 'äöü😀'"
    assert text[slice(*second.span)] == "DELETE FROM été WHERE id = 1"


def test_the_normal_form_has_no_comments_and_single_blanks() -> None:
    text = "select  a , b\n from t -- x\n where /* y */ id='select  1' ;"
    assert one(text).normal == "SELECT a , b FROM t WHERE id='select  1'"


def test_the_second_parser_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    from policy.parse.sql import agree

    other = agree.parse("DELETE FROM t", "postgres")
    monkeypatch.setattr(agree, "parse", lambda text, dialect: other)
    assert account("SELECT 1") == ["select", "opaque disagreement"]
    assert account("DELETE FROM t; SELECT 1") == ["delete", "select", "opaque disagreement"]
