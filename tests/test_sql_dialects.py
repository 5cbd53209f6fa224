"""Every dialect but PostgreSQL: what statements are, and what sqlglot must not be believed."""

from __future__ import annotations

import pytest
from sqlcases import account, last, one, opaque, read

from policy.parse.sql.dialects import dialect
from policy.parse.sql.sqlglot_parse import load
from policy.parse.sql.tree_nodes import CHANGES, NODES, QUERIES

KINDS = [
    ("tsql", "WITH a AS (SELECT 1 AS x) DELETE FROM a WHERE x = 1", ["delete"]),
    ("tsql", "CREATE TABLE t (a int REFERENCES b ON DELETE SET NULL)", ["create table"]),
    ("mysql", "SELECT 1", ["select"]),
    ("mysql", "(SELECT 1) UNION (SELECT 2)", ["select"]),
    ("mysql", "TABLE t", ["select"]),
    ("mysql", "REPLACE INTO t VALUES (1)", ["replace"]),
    ("mysql", "INSERT INTO t SELECT 1; DELETE FROM t", ["insert", "delete"]),
    ("mysql", "EXPLAIN DELETE FROM t", ["explain"]),
    ("mysql", "EXPLAIN ANALYZE SELECT 1", ["explain > select", "explain"]),
    ("mysql", "DESC ANALYZE SELECT 1", ["explain > select", "explain"]),
    ("mysql", "EXPLAIN FORMAT=JSON SELECT 1", ["explain"]),
    ("mariadb", "ANALYZE FORMAT=JSON DELETE FROM t", ["explain > delete", "explain"]),
    ("mysql", "ANALYZE TABLE t", ["analyze"]),
    ("mysql", "DESCRIBE t", ["describe"]),
    ("mysql", "SHOW CREATE TABLE t", ["show"]),
    ("mysql", "FLUSH TABLES; KILL 5; SHUTDOWN", ["flush", "kill", "shutdown"]),
    ("mysql", "START TRANSACTION; START SLAVE", ["begin", "start"]),
    ("mysql", "DO SLEEP(5)", ["do"]),
    ("mysql", "LOAD DATA INFILE 'x' INTO TABLE t", ["load"]),
    ("mysql", "CREATE TEMPORARY TABLE t (a INT)", ["create table"]),
    ("mysql", "CREATE UNIQUE INDEX i ON t (a)", ["create index"]),
    ("mysql", "DROP DATABASE app", ["drop database"]),
    ("mysql", "TRUNCATE t", ["truncate table"]),
    ("mysql", "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1", ["create trigger"]),
    ("sqlite", "PRAGMA table_info(t)", ["pragma"]),
    ("sqlite", "EXPLAIN QUERY PLAN SELECT 1", ["explain"]),
    ("sqlite", "ATTACH 'x' AS y; VACUUM INTO 'z'", ["attach", "vacuum"]),
    ("tsql", "SELECT * INTO #x FROM t", ["create table"]),
    ("tsql", "DELETE t WHERE id = 7", ["delete"]),
    ("tsql", "EXEC sp_help 't'", ["exec"]),
    ("tsql", "xp_cmdshell 'dir'", ["exec"]),
    ("tsql", "SELECT 1\nGO 5\nxp_cmdshell 'dir'\nGO", ["select", "exec"]),
    ("tsql", "CREATE OR ALTER VIEW v AS SELECT 1", ["create view"]),
    ("duckdb", "FROM t SELECT a", ["select"]),
    ("snowflake", "COPY INTO t FROM @s", ["copy"]),
]


@pytest.mark.parametrize(("name", "text", "expected"), KINDS)
def test_a_statement_is_what_its_first_words_say(name: str, text: str, expected: list[str]) -> None:
    assert account(text, name) == expected


OPAQUE = [
    ("tsql", "SET NOCOUNT ON DELETE FROM t", "unparsed"),
    ("tsql", "SET NOCOUNT ON UPDATE t SET a = 1", "unparsed"),
    ("tsql", "WITH a AS (SELECT 1 AS x) SELECT (1) DELETE FROM t", "unparsed"),
    ("snowflake", "SHOW TABLES ->> DELETE FROM t", "unparsed"),
    ("snowflake", "SELECT 1 ->> DELETE FROM t", "unparsed"),
    ("clickhouse", "SELECT 1 FROM t SETTINGS log_queries = 0", "unknown-node"),
    ("nosuch", "SELECT 1", "unparsed"),
    ("mysql", ";", "unparsed"),
    ("tsql", "GO\n", "unparsed"),
    ("mysql", "xp_cmdshell 'dir'", "unknown-node"),
    ("mysql", "SHOW TABLES WHERE (SELECT 1)", "unknown-node"),
    ("mysql", "SHOW TABLES WHERE NEXT VALUE FOR s", "unknown-node"),
    ("mysql", "ROLLBACK RELEASE", "unknown-node"),
    ("mysql", r"SELECT '\', nextval(s) -- '", "lexical"),
    ("mysql", r'SELECT "\", nextval(s) -- "', "lexical"),
    ("sqlite-client", "SELECT\ngo\n.shell x", "lexical"),
    ("sqlite-client", "SELECT 1,\n/ -- x\n.5", "lexical"),
    ("mysql", "CHECKPOINTS", "unknown-node"),
    ("mysql", "BEGIN DELETE FROM t", "unknown-node"),
    ("mysql", "CREATE PROCEDURE p() BEGIN DELETE FROM t; END", "unknown-node"),
    ("snowflake", "BEGIN DELETE FROM t; END", "unknown-node"),
    ("tsql", "IF 1 = 1 DROP TABLE t", "unparsed"),
    ("tsql", "SELECT 1 DELETE FROM t", "unparsed"),
    ("tsql", "SELECT 1 EXEC xp_cmdshell 'dir'", "unparsed"),
    ("tsql", "SET NOCOUNT ON SELECT * FROM t", "unparsed"),
    ("tsql", "PRINT 'x' DROP TABLE t", "unparsed"),
    ("tsql", "USE app SHUTDOWN", "unparsed"),
    ("tsql", "UPDATE t SET a = 1 WHERE id = 7 SET ROWCOUNT 5", "unparsed"),
    ("tsql", "CREATE TABLE t (a int) DROP TABLE u", "unparsed"),
    ("tsql", "ALTER TABLE t ADD a int DELETE FROM t", "unparsed"),
    ("tsql", "INSERT INTO t EXEC p", "unparsed"),
    ("tsql", "SELECT case\nGO\nSELECT 1 DELETE FROM t END", "unparsed"),
    ("tsql", "SELECT '\nGO\n'", "lexical"),
    ("tsql", "SELECT 1\n:r x.sql", "lexical"),
    ("tsql", "SELECT 1\n!! dir", "lexical"),
]


@pytest.mark.parametrize(("name", "text", "expected"), OPAQUE)
def test_what_is_not_understood_is_opaque(name: str, text: str, expected: str) -> None:
    assert opaque(text, name) == expected


BOUNDS = [
    ("mysql", "DELETE FROM t WHERE id = 7 LIMIT 5", True),
    ("mysql", "DELETE FROM t LIMIT 5", False),
    ("mysql", "DELETE FROM t WHERE id", False),
    ("mysql", "DELETE FROM t WHERE id = 7 OR 1", False),
    ("mysql", "DELETE FROM t WHERE 1", False),
    ("mysql", "DELETE FROM t WHERE (id = 7)", True),
    ("mysql", "DELETE FROM t WHERE id IN (1, 2)", True),
    ("mysql", "DELETE FROM t WHERE id IN (SELECT id FROM u)", False),
    ("mysql", "DELETE FROM t WHERE name LIKE 'x%'", True),
    ("mysql", "DELETE FROM t WHERE name LIKE '%'", False),
    ("mysql", "DELETE FROM t WHERE id > 0", False),
    ("mysql", "DELETE FROM t WHERE made < NOW() - INTERVAL 30 DAY", True),
    ("mysql", "DELETE a FROM a JOIN b ON a.x = b.x WHERE b.y = 1", True),
    ("mysql", "DELETE a FROM a JOIN b ON a.x > b.x WHERE b.y = 1", False),
    ("mysql", "DELETE a FROM a LEFT JOIN b ON a.x = b.x WHERE b.y = 1", False),
    ("mysql", "DELETE a, b FROM a JOIN b ON a.x = b.x WHERE b.y = 1", True),
    ("mysql", "UPDATE a JOIN b ON a.x = b.x SET a.z = 1 WHERE b.y = 1", True),
    ("mysql", "UPDATE a JOIN b SET b.z = 1 WHERE a.y = 1", False),
    ("mysql", "UPDATE a, b SET a.z = 1 WHERE b.y = 1", False),
    ("tsql", "UPDATE t SET a = 1 FROM t JOIN u ON t.x = u.x WHERE u.y = 1", True),
    ("tsql", "UPDATE t SET a = 1 WHERE id = @id", True),
    ("tsql", "WITH c AS (SELECT 1 AS a) DELETE FROM c", False),
    ("sqlite", "UPDATE t SET a = 1 WHERE id = :id", True),
    ("sqlite", "UPDATE t SET a = 1 WHERE rowid = rowid", False),
]


@pytest.mark.parametrize(("name", "text", "expected"), BOUNDS)
def test_a_where_bounds_if_it_holds_a_column_to_a_value(
    name: str, text: str, expected: bool
) -> None:
    assert one(text, name).bounded is expected


FUNCTIONS = [
    ("sqlite", "SELECT 1 WHERE 1 IN pragma_optimize", {"pragma_optimize"}),
    ("sqlite", "SELECT 1 WHERE 1 IN main.PRAGMA_optimize", {"pragma_optimize"}),
    ("clickhouse", "SELECT * FROM dictionary('x')", {"dictionary"}),
    ("mysql", "SELECT Count(*), s.f(2), CAST(a AS CHAR(5)) FROM t", {"count", "s.f", "cast"}),
    (
        "mysql",
        "SELECT `g`(1), now (), concat (a)",
        {"g", "`g`", "now", "`now`", "concat", "`concat`"},
    ),
    ("mysql", "SELECT IF (a, 1, 2), MATCH (a) AGAINST ('x')", {"if", "match"}),
    ("mysql", "SELECT hstore(1), last(2), top(3) FROM t", {"hstore", "last", "top"}),
    ("sqlite", "SELECT uuid(), text(1), any(2), CAST(a AS text(5))", {"uuid", "text", "any"}),
    ("sqlite", "SELECT count(*) FILTER (WHERE a) OVER (PARTITION BY (a)) FROM t", {"count"}),
    ("sqlite", "WITH c AS MATERIALIZED (SELECT 1) SELECT * FROM c", set()),
    (
        "sqlite",
        "SELECT * FROM pragma_optimize, pragma_table_info('t')",
        {"pragma_optimize", "pragma_table_info"},
    ),
    ("mysql", "WITH x (a, b) AS (SELECT 1, 2) SELECT * FROM x", set()),
    ("mysql", "WITH x(a) AS (SELECT 1) SELECT x(a) FROM x", {"x"}),
    ("mysql", "INSERT INTO t (a, b) VALUES (f(1), 2)", {"f"}),
    ("mysql", "SHOW TABLES WHERE SLEEP(5)", {"sleep"}),
    ("mysql", "EXPLAIN SELECT f(1)", {"f"}),
    ("snowflake", 'SELECT "ABS"(x), s.NEXTVAL FROM t', {'"ABS"', "nextval"}),
    (
        "tsql",
        "SELECT LEN(a), dbo.f(1), NEXT VALUE FOR s FROM t",
        {"len", "dbo.f", "next value for"},
    ),
    ("tsql", "SELECT * FROM OPENROWSET('a', 'b', 'c') x", {"openrowset"}),
    ("clickhouse", "SELECT * FROM url('http://www.example.org/')", {"url"}),
    ("duckdb", "SELECT * FROM read_csv('x')", {"read_csv"}),
]


@pytest.mark.parametrize(("name", "text", "expected"), FUNCTIONS)
def test_every_call_is_named_as_the_text_names_it(name: str, text: str, expected: set[str]) -> None:
    assert set(one(text, name).functions) == expected


FEATURES = [
    ("mysql", "SELECT * FROM t INTO OUTFILE '/x'", {"into", "file"}),
    ("mysql", "SELECT 1 INTO @x", {"into-variable"}),
    ("mysql", "SELECT @x := 1", {"into-variable"}),
    ("mysql", "SELECT NOT @x := 1 FROM t", {"into-variable"}),
    ("mysql", "EXPLAIN SELECT * FROM t WHERE id = (@x := 1)", {"into-variable"}),
    ("sqlite", "BEGIN EXCLUSIVE", {"exclusive"}),
    ("mysql", "SELECT * FROM t LOCK IN SHARE MODE", {"for-update"}),
    ("mysql", "SET GLOBAL a = 1", {"global"}),
    ("mysql", "SET @@global.a = 1", {"global"}),
    ("mysql", "SET SESSION a = 1", set()),
    ("mysql", "ALTER TABLE t ADD a INT, DROP b", {"add-column", "drop-column"}),
    ("mysql", "ALTER TABLE t ADD INDEX (a), ENGINE = x", {"add-index", "other"}),
    ("mysql", "ALTER TABLE t ADD a INT AFTER b", {"add-column"}),
    ("mysql", "ALTER TABLE t DROP PARTITION p", {"drop-column"}),
    ("mysql", "CREATE OR REPLACE TABLE t (a INT)", {"or-replace"}),
    ("sqlite", "PRAGMA x = 5", {"value"}),
    ("sqlite", "PRAGMA x(5)", {"argument"}),
    ("sqlite", "INSERT OR REPLACE INTO t VALUES (1)", {"or-replace"}),
    ("spark", "INSERT OVERWRITE TABLE t SELECT 1", {"overwrite", "from-select"}),
    ("tsql", "SELECT * FROM srv.db.dbo.t", {"linked-server", "other-database"}),
    ("tsql", "SELECT * FROM t WITH (UPDLOCK)", {"for-update"}),
    ("tsql", "SELECT * FROM t WITH (NOLOCK)", set()),
    ("tsql", "EXEC (@x)", {"dynamic"}),
    ("duckdb", "SELECT * FROM '/etc/passwd'", {"file"}),
    ("snowflake", "SELECT $1 FROM @stage", {"file"}),
    ("oracle", "SELECT a FROM t", {"bare-calls"}),
]


@pytest.mark.parametrize(("name", "text", "expected"), FEATURES)
def test_features_say_how(name: str, text: str, expected: set[str]) -> None:
    assert last(text, name).features == expected


NAMES = [
    ("mysql", "SET a = 1, @b := 2, @@session.sql_mode = ''", ("a", "@b", "sql_mode")),
    ("tsql", "SET NOCOUNT ON", ("nocount", "on")),
    ("tsql", "EXEC master..xp_cmdshell 'dir'", ("xp_cmdshell",)),
    ("tsql", "EXEC @result = dbo.p 1", ("p",)),
    ("sqlite", "PRAGMA main.journal_mode", ("journal_mode",)),
    ("mysql", "CALL app.p(1)", ("app.p",)),
]


@pytest.mark.parametrize(("name", "text", "expected"), NAMES)
def test_names_say_what_else_it_acts_on(name: str, text: str, expected: tuple[str, ...]) -> None:
    assert one(text, name).names == expected


TABLES = [
    ("sqlite", "SELECT 1 IN api_keys", {"api_keys"}),
    ("sqlite", "SELECT 1 NOT IN main.[a b] FROM t", {"a b", "t"}),
    ("sqlite", "SELECT 1 IN 'x'", {"x"}),
]


@pytest.mark.parametrize(("name", "text", "expected"), TABLES)
def test_every_table_that_is_read_is_named(name: str, text: str, expected: set[str]) -> None:
    assert {table.name for table in one(text, name).tables} == expected


def test_a_text_that_begins_with_a_dot_is_read_as_one_command_too() -> None:
    assert last(".output\n#made", "sqlite-client").features == set()
    first = read(".output\n#made", "sqlite-client")[0].does
    assert getattr(first, "features", None) == {"arguments", "file", "write"}


def test_dialects_have_aliases_and_any_case() -> None:
    assert read("SELECT 1", "PostgreSQL") == read("SELECT 1", "postgres")
    assert one("SELECT 1", "mariadb").dialect == "mysql"


def test_every_dialect_of_sqlglot_is_known() -> None:
    from sqlglot.dialects import Dialects

    assert [name.value for name in Dialects if dialect(name.value) is None] == []


def test_the_closed_lists_name_classes_that_exist() -> None:
    exp = load()
    assert [name for name in NODES | QUERIES | set(CHANGES) if not hasattr(exp, name)] == []
