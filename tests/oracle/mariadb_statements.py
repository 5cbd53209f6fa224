"""A grammar of MariaDB's statements: what reads, what writes, and what only looks like reading."""

from __future__ import annotations

from oracle.sqltexts import Choose, examples, foreign, grow, mutated

SHADOWS = (
    "adddate any_value apply bit_and cast columns count curdate date_sub f first_value geometry "
    "group_concat hstore is_uuid json_arrayagg json_table last left lag map max min name now "
    "point rank record row_number session_user string struct substr sum text top trim user "
    "variance vector void year"
).split()
"""Names under which the schema keeps functions of its own: those of built-in ones among them."""

_SHADOW = """
CREATE FUNCTION `{name}`() RETURNS INT MODIFIES SQL DATA
BEGIN INSERT INTO log VALUES ('{name}'); RETURN 1; END;
CREATE FUNCTION `{name}_1`(x INT) RETURNS INT MODIFIES SQL DATA
BEGIN INSERT INTO log VALUES ('{name}_1'); RETURN x; END;
"""

_COLUMNS = "id INT PRIMARY KEY, a VARCHAR(50), b INT, name VARCHAR(50), made DATETIME"
SCHEMA = f"""
CREATE TABLE t ({_COLUMNS}, FULLTEXT (a));
CREATE TABLE users ({_COLUMNS}, email VARCHAR(50), FULLTEXT (a));
CREATE TABLE orders ({_COLUMNS}, total DOUBLE, KEY (b), FULLTEXT (a));
CREATE TABLE log (w VARCHAR(50));
CREATE TABLE keep ({_COLUMNS}, FULLTEXT (a)) ENGINE=MyISAM;
CREATE SEQUENCE s;
CREATE VIEW v AS SELECT id, a, b, LOWER(name) AS name, made FROM users;
CREATE PROCEDURE p() INSERT INTO log VALUES ('p');
CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW SET @g = NEW.id;
INSERT INTO t VALUES (1, 'one', 1, 'x', NOW()), (2, 'two', 5, 'y', '2024-01-01');
INSERT INTO users VALUES (1, 'one', 1, 'Ann', NOW(), 'a@example.org'), (2, '', 2, NULL, NULL, '');
INSERT INTO orders VALUES (1, 'one', 1, 'x', NOW(), 9.5), (2, '', 2, '', NULL, 0);
INSERT INTO keep VALUES (1, '[1, 2]', 1, '', NULL);
""" + "".join(_SHADOW.format(name=name) for name in SHADOWS)  # fmt: skip

_FUNCTIONS = (
    "abs adddate ascii benchmark bin char_length coalesce column_json concat concat_ws "
    "connection_id conv count crc32 curdate current_user database date date_add date_format "
    "datediff decode_oracle elt encrypt des_encrypt extractvalue f field find_in_set format "
    "found_rows from_unixtime get_lock greatest group_concat hex if ifnull inet_aton instr "
    "is_free_lock is_used_lock json_array json_extract json_set json_valid kill last_insert_id "
    "lastval length load_file locate lower master_gtid_wait master_pos_wait max md5 min mod "
    "name_const nextval now nullif octet_length old_password password period_add pi pow quote "
    "rand release_all_locks release_lock repeat replace reverse round row_count rpad schema "
    "sec_to_time session_user setval sformat sha2 sign sleep soundex space st_astext strcmp "
    "substr substring_index sum sysdate sys_guid time to_base64 to_char trim truncate "
    "uncompress unhex unix_timestamp updatexml upper user uuid uuid_short value version weekday "
    "wsrep_last_seen_gtid year row_number lag rank json_table binlog_gtid_pos sys_exec ps_kill"
).split()

GRAMMAR = {
    "query": [
        "SELECT <items> FROM <source>", "SELECT <value>, <call>, <value>",
        "SELECT <hint><items> FROM <source> WHERE <condition>",
        "SELECT <items> FROM <source> <tail>",
        "SELECT <items> FROM <source> GROUP BY <expression> WITH ROLLUP HAVING <condition>",
        "(<query>) UNION <all>(<query>) LIMIT 5",
        "SELECT <expression> FROM <source> UNION SELECT 1",
        "WITH c AS (<query>) SELECT <items> FROM c",
        "WITH RECURSIVE c AS (SELECT 1 n UNION ALL SELECT n + 1 FROM c LIMIT 5) SELECT * FROM c",
        "VALUES (<value>, <value>)", "SELECT <window> FROM t", "SELECT t.*, <expression> FROM t",
        "EXPLAIN <query>", "EXPLAIN FORMAT=JSON <query>", "DESCRIBE <query>", "ANALYZE <query>",
        "ANALYZE FORMAT=JSON <query>",
    ],
    "all": ["", "ALL "],
    "hint": [
        "", "DISTINCT ", "SQL_CALC_FOUND_ROWS ", "HIGH_PRIORITY ", "STRAIGHT_JOIN ",
        "SQL_NO_CACHE ", "SQL_BUFFER_RESULT ",
    ],
    "items": [
        "*", "<expression>", "<expression>, <items>", "<expression> AS <name>",
        "<expression> <name>",
    ],
    "source": [
        "<table>", "<table> <name>", "<table> AS x <join> <table> AS y ON <condition>", "<table>",
        "t", "(<query>) AS <name>", "<table> AS x, <table> AS y", "t USE INDEX (PRIMARY)",
        "(t CROSS JOIN s)", "t NATURAL JOIN users", "t JOIN users USING (id, a, b, name, made)",
        "seq_1_to_5", "t PARTITION (p)", "t FOR SYSTEM_TIME ALL",
        "JSON_TABLE('[1]', '$[*]' COLUMNS (n INT PATH '$')) AS j",
    ],
    "join": ["JOIN", "LEFT JOIN", "INNER JOIN", "STRAIGHT_JOIN", "CROSS JOIN", "RIGHT OUTER JOIN"],
    "table": [
        "t", "users", "orders", "v", "app.t", "`users`", "keep", "information_schema.tables", "s",
        "`app`.`t`", "app . t", "information_schema.processlist", "mysql.proc", "log",
        "mysql.user", "performance_schema.threads",
    ],
    "tail": [
        "LIMIT 5", "LIMIT 1", "ORDER BY <expression> LIMIT 5 OFFSET 1", "ORDER BY 1 DESC",
        "LIMIT 1, 5", "FOR UPDATE", "LOCK IN SHARE MODE", "FOR UPDATE SKIP LOCKED", "FOR SHARE",
        "FOR UPDATE NOWAIT", "INTO @x", "INTO OUTFILE '<file>'", "INTO DUMPFILE '<file>'",
        "LIMIT ROWS EXAMINED 5", "OFFSET 1 ROW FETCH FIRST 5 ROWS ONLY", "PROCEDURE ANALYSE(5)",
        "INTO @x FOR UPDATE", "FOR UPDATE OF t WAIT 1", "WHERE id = 1 FOR UPDATE",
        "WHERE id = (@x := 1)", "WHERE id = <call>", "WHERE id = NEXTVAL(s)",
    ],
    "file": ["x.txt", "/tmp/x.txt", "../x"],
    "expression": [
        "<column>", "<literal>", "<call>", "<expression> <operator> <expression>",
        "(<expression>)", "CASE WHEN <condition> THEN <expression> ELSE <expression> END",
        "CAST(<expression> AS <type>)", "(SELECT <expression> FROM <table> LIMIT 1)",
        "EXISTS (<query>)", "- <expression>", "<variable>", "'x' COLLATE utf8mb4_bin",
        "NEXT VALUE FOR s", "PREVIOUS VALUE FOR s", "@x := <expression>",
        "CONVERT(<expression>, <type>)", "CONVERT(<expression> USING utf8mb4)", "NOT <expression>",
        "INTERVAL 1 DAY + NOW()", "BINARY <column>", "CURRENT_TIMESTAMP", "s.nextval",
        "DEFAULT(a)", "<call>",
    ],
    "condition": [
        "id = <literal>", "<expression> <operator> <expression>",
        "<column> IN (<literal>, <literal>)", "<column> IN (SELECT <expression> FROM <table>)",
        "<column> BETWEEN <literal> AND <literal>", "<column> LIKE 'a%'",
        "MATCH (a) AGAINST ('one' IN BOOLEAN MODE)", "<column> REGEXP 'x'", "<column> IS NOT NULL",
        "<condition> AND <condition>", "(@x := id) > 0", "<column> SOUNDS LIKE 'x'",
        "<column> = ANY (SELECT <expression> FROM <table>)", "<column> <=> NULL",
        "ROW(1, 2) = (SELECT 1, 2)",
    ],
    "operator": [
        "+", "-", "*", "/", "%", "||", "=", "<>", "<", "AND", "OR", "XOR", "DIV", "MOD", "&&", "^",
        "<<", "|", "&", "<=>", "!=", "->", ":=", "LIKE", "--",
    ],
    "column": ["id", "a", "name", "`id`", "b", "made"],
    "value": [
        "<literal>", "<variable>", "<literal>", "NEXT VALUE FOR s", "@x := <literal>",
        "<value> + <value>",
    ],
    "name": ["x", "`x y`", "first", "delimiter", "value", "'x'", "count", "status"],
    "literal": [
        "1", "'x'", "''", "'it''s'", "0", "-1", "1.5e3", "x'00ff'", "0xff", "b'01'", "NULL",
        "TRUE", "\"x\"", "'-- x'", "'/*'", "'\\\\'", "'it\\'s'", "_utf8mb4'x'", "N'x'", "'a;b'",
        "'#'", "'x' 'y'", "DATE '2024-01-01'", "\\N", "\"a'b\"", "'a\"b'", "_binary 0x41", ".5",
        "'/etc/passwd'",
    ],
    "variable": [
        "@x", "@@version", "@@global.general_log", "@@session.sql_mode", "@`x y`", "@'x'",
        "@@sql_mode",
    ],
    "type": ["CHAR(5)", "SIGNED", "DECIMAL(5, 2)", "DATETIME(3)", "JSON", "BINARY", "UNSIGNED"],
    "function": _FUNCTIONS,
    "shadow": SHADOWS,
    "call": [
        "<function>(<arguments>)", "<function>(<arguments>)", "<function>(<literal>, 0)",
        "COUNT(*)", "<function> (<arguments>)", "`<function>`(<arguments>)",
        "COUNT(DISTINCT <column>)", "<shadow>()", "<shadow> ()", "`<shadow>`()", "<shadow>_1(1)",
        "app.f()", "GROUP_CONCAT(a)", "app.<shadow>()", "GET_LOCK('a', 0)", "SLEEP(0)",
        "<shadow>(/* x */)", "<shadow>\n()",
    ],
    "arguments": ["", "<expression>", "<expression>, <expression>", "<literal>", "'x', 1, 2", "1"],
    "window": [
        "ROW_NUMBER() OVER (PARTITION BY <column> ORDER BY <column>)",
        "SUM(b) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)",
    ],
    "show": [
        "SHOW <shown>", "SHOW <shown> LIKE 'a%'", "SHOW <shown> WHERE <condition>",
        "DESCRIBE <table>", "SHOW CREATE TABLE <table>", "DESC users name", "HELP 'select'",
        "SHOW CREATE PROCEDURE p", "SHOW COLUMNS FROM <table>",
        "SHOW FULL COLUMNS FROM t WHERE <condition>", "EXPLAIN <table>",
        "SHOW <shown> WHERE (<query>) = 1", "SHOW INDEX FROM t", "SHOW EXPLAIN FOR 1",
        "SHOW TABLES WHERE NEXT VALUE FOR s", "SHOW VARIABLES WHERE Variable_name = <call>",
        "SHOW STATUS WHERE (@x := 5)", "SHOW CREATE SEQUENCE s", "SHOW GRANTS FOR agent@localhost",
        "SHOW CREATE USER root@localhost",
    ],
    "shown": [
        "TABLES", "DATABASES", "VARIABLES", "STATUS", "GLOBAL STATUS", "PROCESSLIST", "ENGINES",
        "PLUGINS", "TABLE STATUS", "TRIGGERS", "EVENTS", "WARNINGS", "GRANTS", "OPEN TABLES",
        "CHARACTER SET", "COLLATION", "FUNCTION STATUS", "MASTER STATUS", "SLAVE STATUS",
        "PRIVILEGES", "PROFILES", "ENGINE INNODB STATUS", "BINARY LOGS", "ERRORS",
        "PACKAGE STATUS", "SCHEMAS",
    ],
    "writes": [
        "INSERT INTO t (id) VALUES (<literal>)", "REPLACE INTO t (id) VALUES (1)",
        "INSERT INTO log SELECT a FROM t", "UPDATE t SET a = <expression> WHERE <condition>",
        "DELETE FROM orders WHERE <condition>", "DELETE FROM t", "TRUNCATE log",
        "INSERT INTO log VALUES ('x') RETURNING w", "CREATE TABLE z AS <query>",
        "CREATE TEMPORARY TABLE z (a INT)", "CREATE VIEW z AS <query>", "DROP TABLE <table>",
        "ALTER TABLE t ADD COLUMN z INT", "CREATE SEQUENCE z", "DO <call>", "CALL p()",
        "HANDLER t OPEN", "HANDLER t READ FIRST", "LOCK TABLES t WRITE", "OPTIMIZE TABLE t",
        "LOAD DATA INFILE 'x.txt' INTO TABLE log", "WITH c AS (<query>) DELETE FROM t",
        "EXPLAIN DELETE FROM t", "ANALYZE DELETE FROM log", "ANALYZE UPDATE t SET a = 1",
        "EXPLAIN INSERT INTO log VALUES ('x')", "ANALYZE TABLE t",
        "CREATE FUNCTION z() RETURNS INT RETURN 1", "PREPARE q FROM 'DELETE FROM log'",
        "EXECUTE IMMEDIATE 'DELETE FROM log'", "ANALYZE INSERT INTO log VALUES ('x')",
    ],
    "set": [
        "SET @x = <expression>", "SET SESSION sql_mode = 'ANSI_QUOTES'", "SET @@sql_mode = ''",
        "SET GLOBAL general_log = 1", "SET NAMES gbk", "SET CHARACTER SET utf8mb4",
        "SET autocommit = 0", "SET PASSWORD = ''", "SET ROLE NONE", "SET TRANSACTION READ ONLY",
        "SET a = 1, @b := 2", "SET STATEMENT max_statement_time = 1 FOR <query>",
        "SET LOCAL wait_timeout = 5", "SET STATEMENT sql_mode = 'ANSI_QUOTES' FOR <query>",
        "SET DEFAULT ROLE NONE",
    ],
    "session": [
        "BEGIN", "START TRANSACTION", "START TRANSACTION READ ONLY", "COMMIT", "ROLLBACK",
        "SAVEPOINT x", "RELEASE SAVEPOINT x", "ROLLBACK TO x", "USE app", "USE mysql",
        "UNLOCK TABLES", "BEGIN WORK", "START TRANSACTION WITH CONSISTENT SNAPSHOT",
        "COMMIT AND CHAIN", "COMMIT RELEASE", "XA BEGIN 'x'", "DEALLOCATE PREPARE q", "CLOSE c",
        "FLUSH TABLES", "FLUSH STATUS", "KILL QUERY 1", "RESET QUERY CACHE", "ROLLBACK RELEASE",
        "START TRANSACTION READ WRITE", "COMMIT WORK",
    ],
    "comments": [
        "SELECT '\\', <call> -- '", "SELECT \"\\\", <call> -- \"", "SELECT 'x\\' <tail> -- '",
        "SELECT a FROM t WHERE a = '\\' <tail> # '", "SELECT 'a\\\\', <call> -- '",
        "SELECT '\\', <call> /* ' */", "SELECT \"a\\\" FROM <table> # \"",
        "SELECT `\\`, <call> -- `", "SELECT /*! <items> */ FROM <table>",
        "SELECT 1 /*!50000 INTO @x */", "SELECT 1 /*M! , NEXTVAL(s) */",
        "SELECT 1 /*!99999 , <call> */", "SELECT /* <items> */ 1", "SELECT 1 # <items>\n, <call>",
        "SELECT 1 -- <items>\n, <call>", "SELECT 1 --<literal>", "SELECT 1/* ' */, <call> /* ' */",
        "SELECT 1 /*M!100000 FOR UPDATE */ FROM t", "SELECT '/*' , <call> -- */\n",
        "SELECT 1 --\t<items>\n, <call>", "SELECT 1 /*!*/, <call>",
        "SELECT 1 /*/ , <call> /*/ , 2", "SELECT 1 -- x\r, <call>", "SELECT 1 --\n, <call>",
    ],
    "several": [
        "<query>; <query>", "<query>;; <query>;", "<query>; <writes>",
        "<query> ; -- <query>\n<query>", "/* <query> */ <query>", "<session>; <query>; <session>",
        "<show>; <query>", "<query>; <set>",
    ],
}  # fmt: skip

ARGUMENTS = (
    "", "a", "id", "1", "NULL", "'x', 1", "a, 'b'", "5, 2", "'/etc/passwd'", "made", "made, 1",
    "1, 2, 3", "'[1]', '$[0]', 5", "0xff, -1", "'a', 'b', 'c', 'd'", "made, INTERVAL 1 DAY", "*",
    "DISTINCT a", "DAY FROM made", "a AS CHAR(5)", "'x' IN 'xyz'", "a USING utf8mb4",
    "'POINT(1 1)'", "POINT(1, 1), 2", "'x', 0",
)  # fmt: skip

EXTRAS = (
    "; DELETE FROM t", "-- ", "/*", "*/", "'", "\"", "`", "x'", "NEXTVAL(s)", "(", ")", ";", "/*!",
    "SET GLOBAL general_log = 1", "UNION", "INTO @x", "INTO OUTFILE 'x'", "FOR UPDATE",
    "RETURNING *", "SLEEP(0)", "@x := 1", "AS", "EXPLAIN", "ANALYZE", "\\", "''", "@x", "?", "#",
    "NEXT VALUE FOR s", "LOCK IN SHARE MODE", "f()", "app.f()", "`now`()", "count (1)", ",", "{",
    "||", "->", "DUAL", "\n", "GET_LOCK('x', 0)", "_utf8", "N'x'", "0x41", "INTO", "SELECT",
    "FROM", "PROCEDURE ANALYSE()", "\\'",
)  # fmt: skip


def statement(construct: str, choose: Choose) -> str:
    """A text of a construct: of the grammar, `mutated`, or `foreign` (of other dialects)."""
    match construct:
        case "mutated":
            return mutated(examples("mysql"), EXTRAS, choose, "mysql")
        case "foreign":
            others = foreign("postgres", "sqlite", "tsql", "duckdb", "snowflake", "oracle")
            return mutated(others, EXTRAS, choose, "mysql")
        case _:
            return grow(GRAMMAR, construct, choose)
