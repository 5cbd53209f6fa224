"""Texts for the judge: mutations of real statements, and every function that the rules allow."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from policy.shipped import ruleset

_PIECE = re.compile(r"\s+|\w+|'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/|.", re.DOTALL)
_INSERTED = [
    ";", " ; ", "(", ")", ",", "'", '"', "--", "/*", "*/", "$$", "E", "U&", "\\", "\n", "\t", "\r",
    "\f", "\v", "\u00a0", "\u2003", "\u3000", "\ufeff", "\u00e9", "::", ".", "*", "@", "#", "{",
    "}",
    "INTO", "FOR UPDATE", "ANALYZE", "EXPLAIN", "WITH x AS (", "NULL", "1", "RETURNING *", "ALL",
    "; DROP TABLE keep", "nextval('numbers')", "touch(1)", ".nextval", "/* x */", "-- x\n", "$1",
    " UNION SELECT ", "DELETE FROM keep", "INSERT INTO keep VALUES (1)", "::checked", "LATERAL",
]  # fmt: skip


@cache
def own() -> tuple[str, ...]:
    """The statements that the project's rules give as examples."""
    found = (
        example.text
        for rule in ruleset().rules
        for example in rule.examples
        if example.language in ("sql:postgres", "sql:psql")
    )
    return tuple(dict.fromkeys(found))


@cache
def collected(corpora: Path | None) -> tuple[str, ...]:
    """The statements of PostgreSQL's regression suite, where a directory has them."""
    path = corpora / "postgres_regress.jsonl.gz" if corpora is not None else None
    if path is None or not path.is_file():
        return ()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return tuple(json.loads(line)["statement"] for line in lines)


def mutations(random: Random, texts: tuple[str, ...], count: int) -> Iterator[str]:
    """`count` texts, each some steps away from one of `texts`; every tenth as it is."""
    for number in range(count):
        pieces = _PIECE.findall(random.choice(texts))
        for _ in range(0 if number % 10 == 0 else random.randint(1, 3)):
            pieces = _mutated(random, pieces, texts)
        yield "".join(pieces)


def _mutated(random: Random, pieces: list[str], texts: tuple[str, ...]) -> list[str]:
    if not pieces:
        return [random.choice(_INSERTED)]
    at = random.randrange(len(pieces))
    other = random.randrange(len(pieces))
    changed = list(pieces)
    match random.randrange(9):
        case 0:
            del changed[at]
        case 1:
            changed.insert(at, changed[other])
        case 2:
            changed[at], changed[other] = changed[other], changed[at]
        case 3:
            changed.insert(at, random.choice(_INSERTED))
        case 4:
            changed[at] = changed[at].swapcase()
        case 5:
            changed[at] = random.choice(_INSERTED)
        case 6:
            changed.insert(at, random.choice([" /* a */ ", " -- a\n", "\n", "/**/"]))
        case 7:
            changed += [";", random.choice(texts)]
        case _:
            donor = _PIECE.findall(random.choice(texts))
            start = random.randrange(len(donor)) if donor else 0
            changed[at : at + 1] = donor[start : start + random.randint(1, 5)]
    return changed


# A value of each type, as an expression; functions of other types are called with NULL.
_VALUES = {
    "int2": "2::int2", "int4": "2", "int8": "2::int8", "float4": "1.5::float4",
    "float8": "1.5::float8", "numeric": "1.5", "text": "'numbers'::text", "name": "'users'::name",
    "varchar": "'a'::varchar", "bpchar": "'a'::bpchar", "char": "'a'::\"char\"",
    "bytea": "'\\x61'::bytea", "bool": "true", "oid": "'users'::regclass::oid",
    "regclass": "'numbers'::regclass", "regtype": "'int'::regtype", "date": "'2024-01-01'::date",
    "time": "'10:00'::time", "timetz": "'10:00+00'::timetz",
    "timestamp": "'2024-01-01'::timestamp", "timestamptz": "now()",
    "interval": "'1 day'::interval", "json": "'{\"a\": [1]}'::json",
    "jsonb": "'{\"a\": [1]}'::jsonb", "jsonpath": "'$.a'::jsonpath", "uuid": "gen_random_uuid()",
    "inet": "'10.0.0.1'::inet", "cidr": "'10.0.0.0/8'::cidr", "xml": "'<a/>'::xml",
    "point": "point(1, 1)", "box": "'((0,0),(1,1))'::box", "money": "'1'::money",
    "circle": "'<(0,0),1>'::circle", "polygon": "'((0,0),(1,1),(2,0))'::polygon", "bit": "B'101'",
    "path": "'((0,0),(1,1))'::path", "lseg": "'[(0,0),(1,1)]'::lseg", "line": "'{1,1,1}'::line",
    "varbit": "B'101'::varbit", "tsvector": "to_tsvector('a b')", "tsquery": "to_tsquery('a')",
    "regconfig": "'english'::regconfig", "regdictionary": "'simple'::regdictionary",
    "xid": "'5'::xid", "xid8": "'5'::xid8", "tid": "'(0,1)'::tid", "pg_lsn": "'0/5'::pg_lsn",
    "cid": "'0'::cid", "anyelement": "1", "anyarray": "ARRAY[1, 2]", "anycompatible": "1",
    "any": "1", "record": "ROW(1, 2)", "anycompatiblearray": "ARRAY[1, 2]", "anynonarray": "1",
    "anyenum": "'calm'::mood", "_text": "ARRAY['a']", "_int4": "ARRAY[1]",
    "anyrange": "int4range(1, 5)", "int4range": "int4range(1, 5)", "_any": "1",
    "anymultirange": "'{[1,5)}'::int4multirange", "anycompatiblenonarray": "1",
    "_oid": "ARRAY[1::oid]", "aclitem": "'app=r/app'::aclitem",
    "_aclitem": "ARRAY['app=r/app'::aclitem]", "macaddr": "'08:00:2b:01:02:03'::macaddr",
}  # fmt: skip

_FUNCTIONS = """
    SELECT p.proname, p.prokind::text, array(SELECT t.typname FROM unnest(p.proargtypes::oid[])
        WITH ORDINALITY AS a(oid, n) JOIN pg_type t ON t.oid = a.oid ORDER BY n)
    FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace ORDER BY 1, 3"""

_OPERATORS = """
    SELECT oprname, l.typname, r.typname FROM pg_operator LEFT JOIN pg_type l ON l.oid = oprleft
    JOIN pg_type r ON r.oid = oprright WHERE oprnamespace = 'pg_catalog'::regnamespace"""


def calls(session: Any) -> list[str]:
    """A call of every function of the server's catalogue, and a selection of it as a field."""
    found: list[str] = []
    for name, kind, types in session.rows(_FUNCTIONS):
        values = [_VALUES.get(each, f"NULL::{_type(each)}") for each in types]
        call = f'pg_catalog."{name}"({", ".join(values)})'
        found.append(f"SELECT {call}" + (" OVER ()" if kind == "w" else ""))
        if "'numbers'::text" in values:
            found.append(found[-1].replace("'numbers'::text", "'SELECT app.touch()'::text"))
        if len(values) == 1:
            found.append(f'SELECT ({values[0]})."{name}"')
    return list(dict.fromkeys(found))


def operators(session: Any) -> list[str]:
    """A use of every operator, cast and view of the server's catalogue."""
    found = [
        f"SELECT {_value(left) if left else ''} {name} {_value(right)}"
        for name, left, right in session.rows(_OPERATORS)
    ]
    types = session.rows("SELECT typname FROM pg_type WHERE typnamespace = 11 AND typtype <> 'c'")
    found += [f"SELECT '1'::{_type(name)}, CAST(NULL AS {_type(name)})" for (name,) in types]
    views = session.rows(
        "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'v') "
        "AND relnamespace::regnamespace::text IN ('pg_catalog', 'information_schema')"
    )
    return found + [f"SELECT * FROM {name}" for (name,) in views]


def settings(session: Any) -> list[str]:
    """Every setting set to something else, and a query under it."""
    query = (
        "SELECT name, vartype, setting, enumvals FROM pg_settings "
        "WHERE context IN ('user', 'superuser')"
    )
    found = []
    for name, kind, value, choices in session.rows(query):
        other = value
        if kind == "bool":
            other = "off" if value == "on" else "on"
        elif kind == "enum":
            other = next((each for each in choices if each != value), value)
        change = f"SET {name} = '{other}'"
        found += [
            f"{change}; SELECT sum(total) FROM orders",
            f"SET jit = on; SET jit_above_cost = 0; {change}; SELECT sum(total + 1) FROM orders",
        ]
    return found


def _type(name: str) -> str:
    return f'pg_catalog."{name}"'


def _value(name: str) -> str:
    return _VALUES.get(name, f"NULL::{_type(name)}")
