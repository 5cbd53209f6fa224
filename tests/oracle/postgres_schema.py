"""What the tests' server holds: something of every kind that a statement can reach."""

from __future__ import annotations

ROLES = (
    "CREATE ROLE app LOGIN",
    "CREATE ROLE reader",
    "GRANT reader TO app",
    # psql's sessions are written down.
    "CREATE ROLE writer LOGIN IN ROLE app",
    "ALTER ROLE writer SET log_statement = 'all'",
    "ALTER ROLE writer SET log_min_error_statement = 'error'",
    *(f"ALTER ROLE {role} SET search_path = app, public" for role in ("app", "postgres", "writer")),
)

# A user's functions: none of them may be called by what is allowed, however it is written.
_WRITES = "LANGUAGE sql VOLATILE AS 'INSERT INTO app.audit VALUES (1); SELECT true'"

SCHEMA = (
    "SET ROLE app",
    "CREATE SCHEMA app",
    "SET search_path = app, public",
    "CREATE TABLE audit (n int)",
    "CREATE TABLE users (id int PRIMARY KEY, name text, data jsonb, tags text[], made date)",
    """INSERT INTO users SELECT n, 'user' || n, '{"a": 1}', '{x,y}', '2024-01-01'
    FROM generate_series(1, 9) AS n""",
    """CREATE TABLE orders (id serial PRIMARY KEY, user_id int REFERENCES users, total numeric,
    state text DEFAULT 'new')""",
    "INSERT INTO orders (user_id, total) SELECT n, n * 10 FROM generate_series(1, 9) AS n",
    "CREATE TABLE parts (id int, kind text) PARTITION BY LIST (kind)",
    "CREATE TABLE parts_a PARTITION OF parts FOR VALUES IN ('a')",
    "CREATE TABLE keep (id int)",
    "CREATE VIEW totals AS SELECT user_id, sum(total) FROM orders GROUP BY 1",
    "CREATE MATERIALIZED VIEW kept AS SELECT count(*) FROM users",
    "CREATE INDEX by_name ON users (name)",
    "CREATE SEQUENCE numbers",
    "CREATE TYPE mood AS ENUM ('calm', 'wild')",
    "CREATE TYPE pair AS (a int, b int)",
    f"CREATE FUNCTION touch() RETURNS bool {_WRITES}",
    f"CREATE FUNCTION touch(int) RETURNS bool {_WRITES}",
    f"CREATE FUNCTION touch(text) RETURNS bool {_WRITES}",
    f"CREATE FUNCTION touch(int, int) RETURNS bool {_WRITES}",
    """CREATE FUNCTION touch_in(text) RETURNS pair LANGUAGE sql VOLATILE AS
    'INSERT INTO app.audit VALUES (1); SELECT (1, 2)::app.pair'""",
    "CREATE PROCEDURE close_month(int) LANGUAGE sql AS 'INSERT INTO app.audit VALUES ($1)'",
    "CREATE OPERATOR @#@ (LEFTARG = int, RIGHTARG = int, FUNCTION = touch)",
    "CREATE OPERATOR @@# (RIGHTARG = int, FUNCTION = touch)",
    "CREATE CAST (text AS pair) WITH FUNCTION touch_in(text)",
    "CREATE DOMAIN checked AS int CHECK (touch(VALUE))",
    "CREATE AGGREGATE touch_all (int) (SFUNC = int4pl, STYPE = int, INITCOND = '0')",
    "CREATE RULE noted AS ON INSERT TO keep DO ALSO INSERT INTO audit VALUES (2)",
    "SELECT lo_from_bytea(4711, 'blob')",
    "RESET ROLE",
)
