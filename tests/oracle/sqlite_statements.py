"""A grammar of SQLite's statements: what reads, what writes, and what only looks like reading."""

from __future__ import annotations

from oracle.sqltexts import Choose, foreign, grow, mutated
from oracle.sqltexts import examples as project_examples

SCHEMA = """
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INT, name TEXT UNIQUE);
CREATE TABLE users (id INTEGER PRIMARY KEY, a TEXT, b INT, name TEXT, email TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, a TEXT, b INT, name TEXT, user_id INT);
CREATE VIEW v AS SELECT id, a, b, lower(name) AS name FROM users;
CREATE INDEX i ON orders (user_id);
CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE orders SET a = new.a; END;
CREATE VIRTUAL TABLE docs USING fts5(title, body);
CREATE VIRTUAL TABLE old USING fts4(title, body);
CREATE VIRTUAL TABLE box USING rtree(id, x0, x1);
INSERT INTO t VALUES (1, 'one', 1, 'x'), (2, 'two', 5, 'y');
INSERT INTO users VALUES (1, 'one', 1, 'Ann', 'ann@example.org'), (2, '', 2, NULL, NULL);
INSERT INTO orders VALUES (1, 'open', 9, '', 1), (2, 'paid', 0, NULL, 2);
INSERT INTO docs VALUES ('first', 'one two three');
INSERT INTO old VALUES ('first', 'one two three');
INSERT INTO box VALUES (1, 0, 5);
ANALYZE t;
"""

OWN = ("f", "writefile", "edit", "text", "uuid", "top", "last")
"""Functions that the program around SQLite has added: some under names that are types elsewhere."""

VIRTUAL = ("docs", "old", "box")

# What the planner asks of these is what `PRAGMA optimize` then makes statistics for.
WARM = (*(f"SELECT * FROM {name}" for name in VIRTUAL), "SELECT * FROM orders WHERE user_id = 1")

_PRAGMAS = (
    "analysis_limit application_id auto_vacuum automatic_index busy_timeout cache_size cache_spill "
    "case_sensitive_like cell_size_check checkpoint_fullfsync collation_list compile_options "
    "count_changes data_store_directory data_version database_list default_cache_size "
    "defer_foreign_keys empty_result_callbacks encoding foreign_key_check foreign_key_list "
    "foreign_keys freelist_count full_column_names fullfsync function_list hard_heap_limit "
    "ignore_check_constraints incremental_vacuum index_info index_list index_xinfo integrity_check "
    "journal_mode journal_size_limit legacy_alter_table legacy_file_format locking_mode "
    "max_page_count mmap_size module_list optimize page_count page_size parser_trace pragma_list "
    "query_only quick_check read_uncommitted recursive_triggers reverse_unordered_selects "
    "schema_version secure_delete short_column_names shrink_memory soft_heap_limit stats "
    "synchronous table_info table_list table_xinfo temp_store temp_store_directory threads "
    "trusted_schema user_version wal_autocheckpoint wal_checkpoint writable_schema"
).split()
_FUNCTIONS = (
    "abs changes char coalesce count date datetime format glob group_concat hex ifnull iif "
    "instr json json_array json_each json_extract json_group_array json_object json_set "
    "json_tree json_valid julianday last_insert_rowid length like likely lower ltrim max min "
    "nullif printf quote random randomblob replace round rowid rtrim sqlite_compileoption_get "
    "sqlite_version strftime substr sum time total_changes trim typeof unicode upper zeroblob "
    "load_extension readfile writefile edit fts3_tokenizer sqlite_log text uuid top last "
    "optimize rtreecheck snippet matchinfo offsets highlight bm25 sqlite_rename_table unixepoch "
    "row_number rank lag first_value f now regexp match fts5 fts5_source_id geopoly_area "
    "subtype pragma_table_info pragma_optimize pragma_user_version pragma_journal_mode "
    "pragma_locking_mode generate_series fsdir zipfile"
).split()

GRAMMAR = {
    "query": [
        "SELECT <items> FROM <source>", "SELECT <expression> FROM <table>",
        "SELECT <distinct><items> FROM <source> WHERE <condition>",
        "SELECT <items> FROM <source> <tail>",
        "SELECT <items> FROM <source> GROUP BY <expression> HAVING <condition>",
        "SELECT <expression> FROM <table> <set-operator> SELECT <expression> FROM t",
        "WITH <recursive>c AS <hint>(<query>) SELECT * FROM c",
        "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 5) SELECT n FROM c",
        "VALUES (<literal>, <literal>)", "SELECT <window> FROM t",
        "SELECT t.*, <expression> FROM t", "EXPLAIN <query>", "EXPLAIN QUERY PLAN <query>",
    ],
    "distinct": ["", "DISTINCT ", "ALL "],
    "recursive": ["", "RECURSIVE "],
    "hint": ["", "MATERIALIZED ", "NOT MATERIALIZED "],
    "set-operator": ["UNION", "UNION ALL", "EXCEPT", "INTERSECT"],
    "items": [
        "*", "<expression>", "<expression>, <items>", "<expression> AS <name>",
        "<expression> <name>",
    ],
    "source": [
        "<table>", "<table> <name>", "<table> AS x <join> <table> AS y ON <condition>",
        "(<query>)", "<table>, <table>", "<table-function>", "t NOT INDEXED",
        "orders INDEXED BY i WHERE user_id = 1", "(t CROSS JOIN docs)", "t NATURAL JOIN users",
        "t JOIN users USING (id, a, b, name)", "pragma_<pragma>",
        "<hidden> WHERE <hidden-column> = <literal>",
    ],
    "join": ["JOIN", "LEFT JOIN", "INNER JOIN", "LEFT OUTER JOIN", "CROSS JOIN"],
    "hidden": [
        "fsdir", "zipfile", "dbstat", "sqlite_stmt", "sqlite_dbpage", "bytecode", "json_each",
    ],
    "hidden-column": ["path", "file", "schema", "json", "arg"],
    "table": [
        "t", "users", "orders", "v", "sqlite_master", "main.t", "docs", "old", "box", "\"users\"",
        "[orders]", "`t`", "temp.sqlite_schema", "sqlite_stat1", "docs_data",
        "pragma_database_list", "'t'", "sqlite_sequence",
    ],
    "table-function": [
        "json_each(<expression>)", "pragma_<pragma>(<literal>)", "pragma_<pragma>",
        "json_tree('[1]')", "generate_series(1, 3)", "<function>(<arguments>)",
    ],
    "tail": [
        "LIMIT 5", "ORDER BY <expression> LIMIT 5 OFFSET 1", "ORDER BY 1 DESC NULLS LAST",
        "LIMIT (<query>)", "FOR UPDATE", "INTO <name>",
    ],
    "expression": [
        "<column>", "<literal>", "<call>", "<expression> <operator> <expression>",
        "(<expression>)", "CASE WHEN <condition> THEN <expression> ELSE <expression> END",
        "CAST(<expression> AS <type>)", "(SELECT <expression> FROM <table>)", "EXISTS (<query>)",
        "- <expression>", "<parameter>", "<expression> COLLATE nocase", "~ <expression>",
        "CURRENT_TIMESTAMP",
    ],
    "condition": [
        "id = <literal>", "<expression> <operator> <expression>",
        "<column> IN (<literal>, <literal>)", "<column> IN (SELECT <expression> FROM t)",
        "<column> IN <table>", "<column> BETWEEN <literal> AND <literal>",
        "<column> LIKE '<text>%' ESCAPE '!'", "<column> <not>GLOB '<text>*'", "docs MATCH 'one'",
        "<column> REGEXP 'x'", "<column> IS <not>NULL", "<column> ISNULL",
        "<condition> AND <condition>", "NOT <condition>", "<column> IS <not>DISTINCT FROM 1",
    ],
    "not": ["", "NOT "],
    "operator": [
        "+", "-", "*", "/", "%", "||", "=", "==", "<>", "!=", "<", "<=", ">", ">=", "AND", "OR",
        "<<", ">>", "&", "|", "->", "->>", "IS", "LIKE", "GLOB",
    ],
    "column": ["id", "a", "name", "rowid", "\"name\"", "[id]", "b", "`b`"],
    "name": ["x", "\"x y\"", "go", "[a b]", "offset", "key", "first", "system", "match"],
    "literal": [
        "1", "'x'", "''", "'it''s'", "0", "-1", "1.5e3", "x'00ff'", "NULL", "TRUE",
        "'/etc/passwd'", "'t'", "'-- x'", "'/*'", "0x1F", ".5", "'\\'", "'a;b'", "\"x\"",
        "'users'", "5",
    ],
    "text": ["", "a", "%", "x;", "--", "''"],
    "parameter": ["?", ":id", "@id", "?1"],
    "type": ["INT", "TEXT", "VARCHAR(5)", "REAL", "BLOB", "NUMERIC"],
    "function": _FUNCTIONS,
    "call": [
        "<function>(<arguments>)", "<function>(<arguments>)", "count(*)",
        "<function> (<arguments>)", "\"<function>\"(<arguments>)", "[<function>](<arguments>)",
        "count(DISTINCT <column>)", "sum(b) FILTER (WHERE <condition>)", "group_concat(a, ',')",
        "snippet(docs, 0, 'a', 'b', 'c', 5)",
    ],
    "arguments": [
        "", "<expression>", "<expression>, <expression>", "<literal>, <literal>", "'x', 1, 2",
    ],
    "window": [
        "row_number() OVER (PARTITION BY <column> ORDER BY <column>)",
        "sum(b) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE TIES)",
    ],
    "pragma": _PRAGMAS,
    "pragmas": [
        "PRAGMA <pragma>", "PRAGMA <schema><pragma>", "PRAGMA <schema><pragma>(<value>)",
        "PRAGMA <pragma> = <value>", "PRAGMA <pragma>(<value>)", "SELECT * FROM pragma_<pragma>",
        "SELECT * FROM pragma_<pragma>(<literal>)",
        "SELECT * FROM pragma_<pragma> WHERE arg = <literal>",
        "SELECT * FROM pragma_<pragma>(<literal>, 'main')", "SELECT * FROM [pragma_<pragma>]",
    ],
    "schema": ["main.", "temp.", "", "\"main\"."],
    "value": [
        "1", "0", "on", "off", "t", "users", "'x'", "wal", "exclusive", "-5", "0x10002", "delete",
    ],
    "writes": [
        "INSERT INTO t (a) VALUES (<expression>)", "INSERT OR REPLACE INTO t SELECT * FROM t",
        "REPLACE INTO t (id) VALUES (1)", "UPDATE t SET a = <expression> WHERE <condition>",
        "DELETE FROM orders WHERE <condition>",
        "WITH c AS (<query>) DELETE FROM t WHERE id IN (SELECT 1 FROM c)",
        "WITH c AS (<query>) INSERT INTO t (a) SELECT 1 FROM c RETURNING id",
        "CREATE TEMP TABLE z AS <query>", "CREATE TABLE z (a)", "CREATE VIEW z AS <query>",
        "DROP TABLE <table>", "ALTER TABLE t ADD COLUMN z", "VACUUM", "VACUUM INTO 'copy.db'",
        "ATTACH 'other.db' AS other", "ATTACH DATABASE ':memory:' AS other", "DETACH other",
        "DETACH DATABASE temp", "REINDEX t", "ANALYZE", "ANALYZE t", "EXPLAIN DELETE FROM t",
        "INSERT INTO docs(docs) VALUES ('optimize')",
        "CREATE TRIGGER z AFTER DELETE ON t BEGIN SELECT 1; END",
    ],
    "session": [
        "BEGIN", "BEGIN IMMEDIATE", "BEGIN EXCLUSIVE TRANSACTION", "BEGIN DEFERRED", "COMMIT",
        "END", "ROLLBACK", "SAVEPOINT x", "RELEASE x", "ROLLBACK TO x", "END TRANSACTION",
        "BEGIN; <query>; COMMIT", "SAVEPOINT x; <query>; RELEASE SAVEPOINT x",
    ],
    "comments": [
        "SELECT 1 /* <items> */", "SELECT 1 /* /* */ FROM <table> -- */",
        "SELECT 1 -- <items>\n, <call>", "SELECT 1 /*/*/ FROM <table> /*/",
        "SELECT 1 /**/ FROM <table> /* /**/", "SELECT 1 --<items>",
        "SELECT '/*' FROM <table> -- */", "SELECT 1 -- /*\nFROM <table> -- */",
        "SELECT 1 # FROM <table>", "SELECT [/*] FROM <table> -- */",
        "SELECT 1 /* -- */ FROM <table> /* \n*/", "SELECT '\\' /* ' */ FROM <table> -- '",
        "SELECT 1 /* x */ /* /* y */ , <call> FROM t", "SELECT '\\', <call> -- ' FROM t",
    ],
    "several": [
        "<query>; <query>", "<query>;; <query>;", "<query>; <writes>",
        "<query> ; -- <query>\n<query>", "/* <query> */ <query>", "<query> /* ; */ ; <query>",
        "<session>; <writes>; <session>", "<query>\n;\n<pragmas>",
    ],
}  # fmt: skip

ARGUMENTS = (
    "", "a", "id", "1", "NULL", "'x', 1", "a, 'b'", "'main', 't'", "'t', 'main'", "5, 2",
    "'%d', id", "'/etc/passwd'", "'now', '+1 day'", "'[1]', '$[0]', 5", "1, 2, 3", "x'00ff', -1",
    "'{}', '$', 1, 2",
)  # fmt: skip

EXTRAS = (
    "; DELETE FROM t", "--", "/*", "*/", "'", "\"", "[", "]", "`", "x'", "load_extension('x')",
    "(", ")", ";", "PRAGMA user_version = 5", "UNION", "INTO", "RETURNING *",
    "writefile('f', 'x')", "AS", "OR REPLACE", "EXPLAIN", "WITH x AS (DELETE FROM t RETURNING *)",
    "\\", "''", "@x", "?1", "#", "ATTACH 'other.db' AS o", "pragma_optimize", "TEMP", "go", "FROM",
    "SELECT", "changes()", ",", ":x", "{", "||", "->", "MATCH", "ON CONFLICT DO UPDATE SET a = 1",
    "\n", "f(1)", "edit('x')",
)  # fmt: skip


def statement(construct: str, choose: Choose) -> str:
    """A text of a construct: of the grammar, `mutated`, or `foreign` (of other dialects)."""
    match construct:
        case "mutated":
            return mutated(project_examples("sqlite"), EXTRAS, choose, "sqlite")
        case "foreign":
            others = foreign("postgres", "mysql", "tsql", "duckdb", "snowflake")
            return mutated(others, EXTRAS, choose, "sqlite")
        case _:
            return grow(GRAMMAR, construct, choose)
