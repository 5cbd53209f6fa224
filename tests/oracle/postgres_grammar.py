"""A grammar of PostgreSQL's statements over the schema of `postgres_schema.py`.

Each name stands for a list of productions; `{name}` in one is replaced by a production of that
name. The first productions of a list hold no further names, so that depth ends there. Statements
are meant to run: most of them do, so that the server says what they did.
"""

from __future__ import annotations

from hypothesis import strategies as st

_DEPTH = 5

GRAMMAR: dict[str, list[str]] = {
    "text": [
        "{read}", "{read}", "{read}", "{read}", "{write}", "{session}", "{other}",
        "{read};{read}", "{read} ; {write}", "{session}; {read}", "{read};\n{session}; {read};",
        "{trick}", "{hidden}",
    ],
    # What only reads, if the functions that it calls do.
    "read": [
        "{query}", "{query}", "{query}", "{query}{tail}", "TABLE {table}", "VALUES ({value}, 1)",
        "({query}) UNION ALL ({query})", "{query} EXCEPT {query}",
        "WITH x AS ({query}) SELECT * FROM x", "WITH x AS MATERIALIZED ({query}) {query}",
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) {query}",
        "EXPLAIN {query}", "EXPLAIN {write}", "EXPLAIN ({explain}) {query}",
        "EXPLAIN ({explain}) {write}", "EXPLAIN ANALYZE {query}", "COPY ({query}) TO STDOUT",
        "COPY ({query}) TO STDOUT (FORMAT csv, HEADER)", "COPY {table} TO STDOUT", "SHOW {setting}",
        "SHOW ALL", "PREPARE p AS {query}; EXECUTE p", "PREPARE q (int) AS {query}; EXECUTE q({value})",
        "BEGIN; DECLARE c CURSOR FOR {query}; FETCH 2 FROM c; COMMIT",
        "BEGIN; DECLARE c SCROLL CURSOR FOR {query}; MOVE LAST IN c; CLOSE c; ROLLBACK",
    ],
    "query": [
        "SELECT 1", "SELECT {value}", "SELECT {value} AS v, {value} FROM {from}",
        "SELECT {value} FROM {from} WHERE {condition}", "SELECT DISTINCT {value} FROM {from}",
        "SELECT count(*) FILTER (WHERE {condition}) FROM {from}",
        "SELECT id, row_number() OVER (ORDER BY {value}) FROM orders",
        "SELECT state, max(total) FROM orders GROUP BY state HAVING {condition}",
        "SELECT * FROM {from} ORDER BY 1 LIMIT 3", "SELECT u.* FROM users u, LATERAL ({query}) l",
        "SELECT CASE WHEN {condition} THEN {value} END FROM {from}", "SELECT ({query} LIMIT 1)",
    ],
    "tail": [
        "", " LIMIT 1", " FOR UPDATE", " FOR SHARE SKIP LOCKED", " FOR KEY SHARE", " OFFSET 1",
        " ORDER BY {value}", " LIMIT {value}", " FOR NO KEY UPDATE OF users",
    ],
    "from": [
        "orders", "users", "totals", "pg_class", "app.orders AS o (id, u)", "ONLY users",
        "orders JOIN users u ON u.id = orders.user_id", "generate_series(1, 3) AS id",
        "({query}) AS s", "users TABLESAMPLE system (50)", "users NATURAL JOIN keep",
        "ROWS FROM (generate_series(1, 2), unnest(ARRAY[{value}, {value}])) AS r",
        "(VALUES ({value})) AS v (id)", "orders LEFT JOIN users u ON {condition}",
        "json_to_recordset('[{{\"a\": 1}}]') AS j (a int)", "unnest(ARRAY[{value}]) WITH ORDINALITY",
        "xmltable('/a' PASSING '<a/>'::xml COLUMNS b int PATH 'b')", "{call} AS f",
    ],
    "value": [
        "1", "2", "'a'", "NULL", "id", "total", "name", "E'\\'x\\n'", "U&'d\\0061t'", "$$a$$",
        "$tag$ ; $$ ' $tag$", "B'101'", "1.5e3", "'2024-01-01'::date", "current_user",
        "({value})", "{value} + {value}", "-{value}", "{value} || 'x'", "({query} LIMIT 1)",
        "{call}", "{call}", "CAST({value} AS {type})", "{value}::{type}", "ARRAY[{value}]",
        "ARRAY({query})", "ROW({value}, 2)", "(ARRAY[1, 2])[{value}]", "coalesce({value}, 1)",
        "EXISTS ({query})", "{value} COLLATE \"C\"", "data -> 'a'", "data #>> '{{a}}'",
        "(now()).{field}", "({value}).{field}", "(ROW(1, 2)::pair).a", "users.{field}",
        "{value} OPERATOR(pg_catalog.+) {value}", "{value} @#@ {value}", "@@# {value}",
        "INTERVAL '1 day'", "date_trunc('day', now())", "extract(year FROM now())",
        "xmlelement(name a, {value})", "interval '1' minute", "current_date AT TIME ZONE 'utc'",
    ],
    "condition": [
        "true", "id = 1", "id = id", "name LIKE 'a%'", "total > 5", "{value} IS NULL",
        "{value} = {value}", "id IN ({value}, 2)", "id = ANY ({query})", "NOT {condition}",
        "{condition} AND {condition}", "({condition} OR {condition})", "EXISTS ({query})",
        "{value} BETWEEN 1 AND {value}", "{value} IS DISTINCT FROM {value}", "name ~ 'x'",
        "name SIMILAR TO 'x%'", "{call} IS NOT NULL", "(id, 1) = (1, {value})",
    ],
    "field": [
        "a", "id", "date", "abs", "length", "nextval", "lastval", "touch", "touched", "lo_unlink",
        "pg_advisory_lock", "row_to_json", "pg_terminate_backend", "pg_notify", "pg_read_file",
        "setval", "pg_ls_dir", "lo_creat", "text", "upper", "relname",
    ],
    "call": [
        "now()", "count(*)", "lower('A')", "abs(-1)", "random()", "version()", "nextval('numbers')",
        "touch()", "pg_backend_pid()", "length({value})", "nextval({value}::regclass)",
        "setval('numbers', {value})", "currval('numbers')", "touch({value})",
        "pg_advisory_lock({value})", "pg_try_advisory_xact_lock(1)", "set_config('role', 'app', false)",
        "set_config('work_mem', '1MB', true)", "pg_notify('ch', {value})", "lo_create(0)",
        "lo_put(4711, 0, 'x')", "lo_export(4711, '/tmp/x')", "lo_unlink(4711)", "lo_creat(-1)",
        "lo_open(4711, 131072)", "txid_current()", "pg_current_xact_id()", "pg_switch_wal()",
        "pg_reload_conf()", "pg_stat_reset()", "pg_export_snapshot()", "pg_rotate_logfile()",
        "pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'; SELECT 1",
        "pg_cancel_backend(1)", "query_to_xml('DELETE FROM keep', true, true, '')",
        "table_to_xml('orders', true, true, '')", "ts_stat('SELECT touch()')",
        "pg_catalog.nextval('numbers')", "\"nextval\"('numbers')", "NEXTVAL('numbers')",
        "nextval /* x */ ('numbers')", "generate_series(1, {value})", "unnest(ARRAY[{value}])",
        "format('%s', {value})", "to_char(now(), 'YYYY')", "jsonb_build_object('a', {value})",
        "pg_get_viewdef('totals'::regclass)", "touch_all(id)", "pg_relation_size('orders')",
        "pg_create_restore_point('x')", "pg_log_backend_memory_contexts(1)", "setseed(0.5)",
        "pg_collation_for({value})", "any_value({value})", "mode() WITHIN GROUP (ORDER BY {value})",
        "pg_import_system_collations('app')", "pg_sequence_last_value('numbers')",
        "lo_from_bytea(0, 'x')", "pg_stat_clear_snapshot()", "pg_logical_emit_message(true, 'a', 'b')",
        "brin_summarize_new_values('by_name')", "gin_clean_pending_list('by_name')",
        "pg_drop_replication_slot('x')", "pg_replication_origin_create('x')", "currtid2('users', '(0,1)')",
    ],
    "type": [
        "text", "int", "name", "regclass", "date", "jsonb", "bool", "checked", "mood", "pair",
        "app.pair", "pg_catalog.int4", "varchar(3)", "int[]", "numeric(5, 2)", "\"char\"",
        "app.checked", "regproc", "checked[]",
    ],
    "table": ["orders", "users", "keep", "app.audit", "totals", "pg_class", "numbers", "parts", "kept"],
    "write": [
        "INSERT INTO keep VALUES (1)", "DELETE FROM orders WHERE id = 1", "UPDATE users SET name = 'a'",
        "INSERT INTO audit {query}", "INSERT INTO keep DEFAULT VALUES RETURNING id",
        "UPDATE orders SET total = {value} WHERE {condition}", "DELETE FROM keep USING users WHERE {condition}",
        "INSERT INTO users (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET name = 'b'",
        "INSERT INTO users (id) VALUES (1) ON CONFLICT DO NOTHING",
        "MERGE INTO keep k USING users u ON k.id = u.id WHEN NOT MATCHED THEN INSERT VALUES (u.id)",
        "SELECT * INTO copied FROM {from}", "SELECT 1 AS a INTO TEMP t1", "SELECT 1 INTO UNLOGGED app.u",
        "WITH d AS (DELETE FROM keep RETURNING *) SELECT * FROM d",
        "WITH i AS (INSERT INTO audit VALUES (1)) {query}", "TRUNCATE {table}",
        "WITH u AS (UPDATE users SET name = 'c' RETURNING id) TABLE u",
        "COPY keep FROM STDIN", "CREATE TABLE made AS {query}", "CREATE TABLE IF NOT EXISTS m2 (a int)",
        "CREATE TEMP TABLE t2 (a int)", "REFRESH MATERIALIZED VIEW kept", "DROP TABLE IF EXISTS keep",
        "CREATE VIEW v AS {query}", "ALTER TABLE keep ADD COLUMN b int", "COMMENT ON TABLE keep IS 'x'",
        "GRANT SELECT ON users TO reader", "CREATE INDEX ON orders (total)", "SELECT 1 FROM users FOR UPDATE",
        "ALTER SEQUENCE numbers RESTART", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER TYPE mood ADD VALUE 'x'", "SELECT nextval('numbers')", "EXECUTE p", "CALL close_month(1)",
    ],
    "session": [
        "BEGIN", "COMMIT", "ROLLBACK", "BEGIN READ ONLY", "BEGIN READ WRITE", "SAVEPOINT a",
        "START TRANSACTION ISOLATION LEVEL SERIALIZABLE", "LISTEN ch", "UNLISTEN *", "DEALLOCATE ALL",
        "PREPARE w AS {write}", "PREPARE r AS {query}", "DECLARE h CURSOR WITH HOLD FOR {query}",
        "SET {setting} = {setting-value}", "SET LOCAL {setting} = {setting-value}", "RESET {setting}",
        "SET search_path = app, pg_catalog", "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
        "SET TRANSACTION READ WRITE", "SET ROLE reader", "SET SESSION AUTHORIZATION app", "RESET ALL",
        "SET TIME ZONE 'UTC'", "SET CONSTRAINTS ALL DEFERRED", "DISCARD ALL", "SET NAMES 'latin1'",
        "SET XML OPTION DOCUMENT", "CLOSE ALL", "PREPARE TRANSACTION 'x'", "LOCK TABLE users",
    ],
    "setting": [
        "work_mem", "statement_timeout", "standard_conforming_strings", "jit_dump_bitcode", "enable_seqscan",
        "search_path", "role", "application_name", "datestyle", "transaction_read_only", "timezone",
        "client_encoding", "jit", "session_replication_role", "bytea_output", "custom.x", "lock_timeout",
        "backslash_quote", "check_function_bodies", "default_transaction_read_only", "row_security",
    ],
    "setting-value": ["on", "off", "DEFAULT", "'1s'", "100", "'app'", "'ISO, DMY'"],
    "explain": [
        "ANALYZE", "ANALYZE off", "VERBOSE", "ANALYZE, COSTS off", "ANALYZE false, ANALYZE true",
        "FORMAT json", "ANALYZE, WAL, BUFFERS", "ANALYZE 1", "ANALYZE 0", "analyze 'on'", "\"analyze\"",
        "ANALYZE true, ANALYZE false", "GENERIC_PLAN", "ANALYZE, TIMING off, SUMMARY",
    ],
    "other": [
        "DO $$ BEGIN PERFORM touch(); END $$", "NOTIFY ch, 'x'", "CHECKPOINT", "VACUUM keep", "ANALYZE users",
        "REINDEX TABLE users", "LOAD 'plpgsql'", "ALTER SYSTEM SET work_mem = '5MB'", "CLUSTER users USING by_name",
        "COPY users TO '/tmp/x'", "COPY users TO PROGRAM 'true'", "CREATE ROLE x", "ALTER ROLE app SET jit = on",
        "REASSIGN OWNED BY reader TO app", "SECURITY LABEL ON TABLE users IS 'x'", "DROP OWNED BY reader",
        "EXPLAIN ANALYZE {write}", "EXPLAIN (ANALYZE) CREATE TABLE e AS {query}", "EXPLAIN ANALYZE EXECUTE p",
        "CREATE RULE r AS ON SELECT TO keep DO INSTEAD {query}", "ALTER DATABASE app SET jit = on",
        "IMPORT FOREIGN SCHEMA x FROM SERVER y INTO z", "CREATE EXTENSION IF NOT EXISTS plpgsql",
        "COPY (DELETE FROM keep RETURNING *) TO STDOUT", "COPY (WITH d AS ({write} RETURNING 1) {query}) TO STDOUT",
    ],
    # What a reader may take for something else than the server does.
    "trick": [
        "SELECT 1 /* /* x */ ; {write} */", "SELECT 1 /*/**/ ; {write} /**/*/", "SELECT '\\'; {write} --'",
        "SELECT 1 -- x\r; {write}", "SELECT 1 --\n; {write}", "SELECT E'\\\\'; {write} --'",
        "SELECT $a$ $b$ $a$; {write} --$b$", "SELECT \"a;\"; {write}", "SELECT U&\"d\\0061t\" ; {write}",
        "SELECT 1\u00a0AS a; {write}", "SELECT '\u2019'; {write} --'", "SELECT 1;;;{write}",
        "SELECT 'a'\n'; {write} --'", "SELECT 'a' -- x\n '; {write}'", "SELECT U&'!0061' UESCAPE '!'; {write}",
        "SELECT 1 AS \u00e9; {write}", "SELECT $\u00e9$ ' $\u00e9$; {write} --'", "SELECT 1$$x$$; {write}",
        "SELECT 0x1; {write}", "SELECT 1_0; {write}", "SELECT 1 /*! ; {write} */", "SELECT 1\f; {write}",
        "SELECT 1\v; {write}", "SELECT N'\\'; {write} --'", "SELECT b'1'; {write} --'", "SELECT x'1'';{write}--'",
        "SET standard_conforming_strings = off; SELECT '\\'; {write} --'", "BEGIN;;COMMIT; {write}",
        "CREATE RULE r2 AS ON INSERT TO users DO ALSO ({write}; {write})", "SELECT 1 \\; {write}",
        "CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END; {write}",
        "SELECT CASE WHEN true THEN 1 END; {write}", "SELECT (1; {write})", "SELECT {{ {write} }}",
        "SELECT $1; {write}", "SELECT $٣$ ' $٣$; {write} --'", "SELECT ٣; {write}", "\ufeff{write}",
    ],
    # A write deep inside something that reads.
    "hidden": [
        "SELECT 1 FROM (SELECT nextval('numbers')) x", "VALUES (touch(1))", "SELECT 1 ORDER BY touch(1)",
        "SELECT 1 LIMIT (SELECT nextval('numbers'))", "SELECT count(*) OVER (PARTITION BY touch(id)) FROM users",
        "SELECT 1 FROM users GROUP BY touch(id)", "SELECT array_agg(id ORDER BY touch(id)) FROM users",
        "SELECT 1 WHERE 1 IN (SELECT nextval('numbers'))", "SELECT ('numbers'::regclass).nextval",
        "SELECT (x.a).nextval FROM (SELECT 'numbers'::regclass AS a) x", "SELECT orders.touched FROM orders",
        "SELECT (orders).touched FROM orders", "SELECT (o).touched FROM orders o", "SELECT ((1)).touch",
        "SELECT ((ARRAY['numbers'::regclass])[1]).nextval", "SELECT 'x'::text::pair", "SELECT CAST(1 AS checked)",
        "SELECT 1 @#@ 2", "SELECT @@# 2", "SELECT 1 OPERATOR(app.@#@) 2", "SELECT 1 = ANY (SELECT nextval('numbers'))",
        "EXPLAIN (ANALYZE, COSTS off) SELECT touch(1)", "PREPARE z AS SELECT touch(1); EXECUTE z",
        "PREPARE z (int) AS SELECT $1; EXECUTE z(nextval('numbers'))", "SELECT touch_all(id) FROM users",
        "BEGIN; DECLARE c CURSOR FOR SELECT touch(1); FETCH c; COMMIT", "SELECT 1 FROM nextval('numbers')",
        "SELECT 1 FROM users TABLESAMPLE system (touch(1)::int)", "COPY (SELECT touch(1)) TO STDOUT",
        "SELECT 1 FROM ROWS FROM (nextval('numbers'))", "SELECT * FROM users u JOIN users v ON touch(u.id)",
        "SELECT xmlelement(name a, nextval('numbers'))", "SELECT '{{1}}'::checked[]",
        "SELECT json_populate_record(NULL::pair, '{{}}')", "SELECT 1 FROM users WINDOW w AS (ORDER BY touch(id))",
        "SELECT GREATEST(1, nextval('numbers'))", "SELECT COALESCE(NULL, nextval('numbers'))",
        "SELECT (SELECT nextval('numbers')) IS NULL", "SELECT ROW(nextval('numbers')) = ROW(1)",
        "SELECT lo_get(4711), loread(lo_open(4711, 131072), 5)", "SELECT lowrite(lo_open(4711, 131072), 'x')",
        "SELECT 'x'::pair", "SELECT jsonb_populate_record(NULL::users, '{{}}')",
        "SET jit = on; SET jit_above_cost = 0; SET jit_dump_bitcode = on; SELECT sum(id) FROM orders",
    ],
}  # fmt: skip


@st.composite
def statements(draw: st.DrawFn, start: str = "text") -> str:
    """A text of the grammar."""
    return _expand(draw, start, 0)


def _expand(draw: st.DrawFn, name: str, depth: int) -> str:
    productions = GRAMMAR[name]
    if depth >= _DEPTH:
        ends = [each for each in productions if "{" not in each.replace("{{", "")]
        productions = ends or productions
    chosen = productions[draw(st.integers(0, len(productions) - 1))]
    return _fill(draw, chosen, depth + 1)


def _fill(draw: st.DrawFn, production: str, depth: int) -> str:
    parts: list[str] = []
    at = 0
    while (found := production.find("{", at)) >= 0:
        parts.append(production[at:found].replace("}}", "}"))
        if production[found + 1] == "{":
            parts.append("{")
            at = found + 2
            continue
        stop = production.index("}", found)
        parts.append(_expand(draw, production[found + 1 : stop], depth))
        at = stop + 1
    parts.append(production[at:].replace("}}", "}"))
    return "".join(parts)
