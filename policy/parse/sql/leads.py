"""Statements that their first words identify, read from tokens alone.

For each lead word: what the statement is, and the facts that its tokens prove. A lead word
that stands in no table is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from policy.parse.sql.calls import calls
from policy.parse.sql.dialects import Dialect
from policy.parse.sql.facts import Facts, Unknown, step
from policy.parse.sql.lex import Token, TokenKind
from policy.plan import Table, Via

# Read through sqlglot's tree.
TREES = frozenset("SELECT WITH VALUES TABLE INSERT UPDATE DELETE MERGE FROM".split())

# Kind by lead word, where nothing but names, functions and words of the rest matter.
_SIMPLE = {
    word: word.lower()
    for word in (
        "ANALYZE ATTACH BACKUP BINLOG BULK CACHE CALL CHANGE CHECK CHECKPOINT CHECKSUM CLONE "
        "CLOSE CLUSTER COMMENT COPY DBCC DEALLOCATE DECLARE DENY DETACH DISABLE DO ENABLE "
        "EXCHANGE EXPORT FETCH FLUSH GET GRANT HANDLER HELP IMPORT INSTALL KILL LIST LOAD LOCK LS "
        "MSCK OPEN OPTIMIZE PREPARE PRINT PURGE PUT RAISERROR RECONFIGURE REFRESH REINDEX RELEASE "
        "REMOVE RENAME REPAIR REPLACE RESET RESTART RESTORE RESUME REVERT REVOKE RM SAVE "
        "SAVEPOINT SHOW SHUTDOWN START STOP SUSPEND SYSTEM THROW UNCACHE UNDROP UNINSTALL UNLOAD "
        "UNLOCK UNSET USE VACUUM WAITFOR XA"
    ).split()
}
_DEFINE = frozenset(("CREATE", "ALTER", "DROP", "TRUNCATE"))
_EXPLAIN = frozenset(("EXPLAIN", "DESCRIBE", "DESC"))
_MODIFIERS = frozenset(
    "OR REPLACE ALTER TEMP TEMPORARY UNIQUE FULLTEXT SPATIAL EXTERNAL MATERIALIZED VIRTUAL GLOBAL "
    "LOCAL UNLOGGED TRANSIENT SECURE CLUSTERED NONCLUSTERED COLUMNSTORE ONLINE OFFLINE VOLATILE "
    "IGNORE FOREIGN PUBLIC BITMAP DYNAMIC HYBRID ICEBERG LIVE STREAMING AGGREGATE "
    "EDITIONABLE".split()
)
_BODIES = frozenset("PROCEDURE PROC FUNCTION TRIGGER EVENT PACKAGE".split())
_NAMED = frozenset("TABLE VIEW INDEX".split())
_BEGIN_MORE = frozenset(
    "TRANSACTION TRAN WORK DEFERRED IMMEDIATE EXCLUSIVE CONCURRENT READ WRITE ONLY WITH CONSISTENT "
    "SNAPSHOT ISOLATION LEVEL COMMITTED UNCOMMITTED REPEATABLE SERIALIZABLE DISTRIBUTED".split()
)
_SCOPES = frozenset("GLOBAL SESSION LOCAL PERSIST PERSIST_ONLY".split())
_ALTER_FEATURES = {
    "ADD": "add-column",
    "RENAME": "rename",
    "MODIFY": "alter-type",
    "CHANGE": "alter-type",
    "ALTER": "alter-type",
    "DROP": "drop-column",
}
_ADDITIONS = {
    "INDEX": "add-index",
    "KEY": "add-index",
    "UNIQUE": "add-index",
    "FULLTEXT": "add-index",
    "SPATIAL": "add-index",
    "CONSTRAINT": "add-constraint",
    "PRIMARY": "add-constraint",
    "FOREIGN": "add-constraint",
    "CHECK": "add-constraint",
    "PARTITION": "add-partition",
}

# Words that begin a statement of T-SQL, which may follow another without `;`.
_BATCH_WORDS = frozenset(
    "DELETE UPDATE INSERT MERGE DROP ALTER CREATE TRUNCATE EXEC EXECUTE GRANT REVOKE DENY KILL "
    "SHUTDOWN BACKUP RESTORE DBCC USE SET DECLARE IF WHILE BEGIN COMMIT ROLLBACK SAVE PRINT "
    "RAISERROR THROW WAITFOR RETURN GOTO OPEN CLOSE FETCH DEALLOCATE BULK CHECKPOINT RECONFIGURE "
    "READTEXT WRITETEXT UPDATETEXT SETUSER REVERT LOAD DUMP GO RECEIVE SEND".split()
)


@dataclass
class Lead:
    """`body` are the tokens of a statement inside; `runs_body` whether it is run."""

    facts: Facts
    body: list[Token] = field(default_factory=list)
    via: tuple[Via, ...] = ()
    runs_body: bool = False


def second_statement(piece: list[Token]) -> Token | None:
    """The word with which T-SQL would begin another statement, if there is one."""
    lead = piece[0].upper
    if lead in ("GRANT", "REVOKE", "DENY"):
        return None
    if lead in ("CREATE", "ALTER") and any(t.upper in _BODIES for t in piece[1:4]):
        return None
    sets = 0
    begun = lead != "WITH"  # whether the statement behind its CTEs has
    for index, token in enumerate(piece):
        if index == 0 or token.kind is not TokenKind.WORD or token.depth > piece[0].depth:
            continue
        previous = piece[index - 1].upper
        if not begun and previous == ")" and token.upper in _AFTER_CTES:
            begun = True
            continue
        after = piece[index + 1].upper if index + 1 < len(piece) else ""
        if token.upper == "SET" and lead in ("UPDATE", "MERGE", "WITH"):
            sets += 1
            if sets == 1 or previous == "UPDATE":
                continue
        if token.upper == "SELECT" and lead not in TREES and previous not in _BEFORE_SELECT:
            return token
        if token.upper in _BATCH_WORDS and not _continues(lead, previous, token.upper, after):
            return token
    return None


_AFTER_CTES = frozenset(("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE"))
_BEFORE_SELECT = frozenset(("AS", "FOR", "UNION", "ALL", "EXCEPT", "INTERSECT"))


def _continues(lead: str, previous: str, word: str, after: str) -> bool:
    """Whether a word that can begin a statement belongs to the one that `lead` began."""
    if previous == ".":
        return True
    defines = lead in ("CREATE", "ALTER")
    match word:
        case "DELETE" | "UPDATE" | "INSERT" | "MERGE":
            in_merge = previous == "THEN" and lead in ("MERGE", "WITH")
            in_key = previous == "ON" and defines  # ON DELETE CASCADE
            return in_merge or in_key or (previous == "BULK" and word == "INSERT")
        case "SET":  # ON DELETE SET NULL
            return lead == "ALTER" or (defines and previous in ("DELETE", "UPDATE"))
        case "FETCH":
            return previous in ("ROWS", "ROW")
        case "DROP":
            return lead == "ALTER"  # has a feature of its own
        case "ALTER":
            return previous == "OR" or (lead == "ALTER" and after == "COLUMN")
        case "IF":
            return lead in ("DROP", "CREATE", "ALTER") and after in ("EXISTS", "NOT")
    return False


def writes_file(piece: list[Token]) -> bool:
    """Whether a query sends its rows to a file of the server (MySQL, ClickHouse)."""
    return any(
        before.upper == "INTO" and token.upper in ("OUTFILE", "DUMPFILE")
        for before, token in pairwise(piece)
    )


def read_lead(piece: list[Token], found: Dialect, first: bool) -> Lead:
    """One statement. `first` says that it begins a batch, where T-SQL runs a bare procedure."""
    lead = piece[0]
    word = lead.upper if lead.kind is TokenKind.WORD else ""
    after = piece[1].upper if len(piece) > 1 else ""
    facts = Facts("")
    facts.functions.update(dict.fromkeys(calls(piece[1:], found)))
    if writes_file(piece):
        facts.features |= {"into", "file"}
    if word in _EXPLAIN:
        return _explain(piece, facts)
    if word == "ANALYZE" and after in ("SELECT", "UPDATE", "DELETE", "INSERT", "WITH", "FORMAT"):
        return _explain(piece, facts)  # MariaDB's EXPLAIN ANALYZE
    if word in _DEFINE:
        _define(piece, found, facts)
    elif word in ("BEGIN", "START") and all(
        t.upper in _BEGIN_MORE or t.text == "," for t in piece[1:]
    ):
        facts.kind = "begin"
        if {"IMMEDIATE", "EXCLUSIVE"} & {token.upper for token in piece}:
            facts.features.add("exclusive")  # SQLite: others can't write, or not even read
    elif word == "BEGIN" or word in ("IF", "WHILE", "LOOP", "REPEAT", "FOR"):
        raise Unknown(f"{word}, a block of statements")
    elif word in ("COMMIT", "END"):
        if not all(
            t.upper in ("TRANSACTION", "TRAN", "WORK", "AND", "NO", "CHAIN") for t in piece[1:]
        ):
            raise Unknown(f"{word} with more words")
        facts.kind = "commit"
    elif word == "ROLLBACK":
        if any(token.upper == "RELEASE" for token in piece[1:]):
            raise Unknown("ROLLBACK RELEASE")  # ends the session as well
        facts.kind = "rollback"
    elif word == "SET":
        _set(piece, facts)
    elif word == "PRAGMA":
        _pragma(piece, facts)
    elif word in ("EXEC", "EXECUTE"):
        _execute(piece[1:], found, facts)
    elif word in _SIMPLE:
        facts.kind = _SIMPLE[word]
        _simple(piece, facts)
    elif found.batches and first and lead.name is not None:
        _execute(piece, found, facts)
    else:
        raise Unknown(f"a statement that begins with `{lead.text}`")
    return Lead(facts)


def _explain(piece: list[Token], facts: Facts) -> Lead:
    """EXPLAIN, DESCRIBE, DESC, and MariaDB's ANALYZE before a statement."""
    facts.kind = "explain"
    runs = False
    at = 0
    while at < len(piece):
        token = piece[at]
        if at and (token.upper in TREES or token.upper == "REPLACE" or token.text == "("):
            break
        runs |= token.upper == "ANALYZE"
        at += 1
    body = piece[at:]
    if body and body[0].text == "(" and len(body) > 1 and body[1].upper not in TREES | {"("}:
        raise Unknown("EXPLAIN with options in parentheses")
    if not body:
        if runs:
            raise Unknown("EXPLAIN ANALYZE")
        facts.kind = "describe"
        facts.functions.clear()
        facts.names.update({t.name: None for t in piece[1:] if t.name is not None})
        return Lead(facts)
    for token in piece[1:at]:
        if token.kind is TokenKind.WORD and token.upper == "INTO":
            facts.features.add("into-variable")
    if runs:
        facts.features.add("analyze")
        facts.functions.clear()
    return Lead(facts, body, (step("explain"),), runs)


def _define(piece: list[Token], found: Dialect, facts: Facts) -> None:
    lead = piece[0].upper
    facts.kind = lead.lower()
    words = [token.upper for token in piece]
    at = 1
    while at < len(piece) and (
        words[at] in _MODIFIERS or words[at] in ("=", "DEFINER", "ALGORITHM")
    ):
        if words[at] in ("DEFINER", "ALGORITHM"):
            raise Unknown(f"{lead} {words[at]}")
        at += 1
    facts.object = words[at].lower() if at < len(piece) else None
    if lead == "TRUNCATE" and facts.object != "table":
        facts.object, at = "table", 0
    if facts.object == "proc":
        facts.object = "procedure"
    if facts.object == "view" and "MATERIALIZED" in words[1:at]:
        facts.object = "materialized-view"
    if any(word in _BODIES for word in words[1:4]) and "BEGIN" in words and not found.batches:
        raise Unknown("a body of several statements")
    _define_features(words, facts)
    at += 1
    while at < len(piece) and words[at] in ("IF", "NOT", "EXISTS", "ONLY"):
        at += 1
    for name, schema in _names(piece, at):
        if facts.object in ("table", "view", "materialized-view"):
            facts.tables[Table(name, schema, True)] = None
        else:
            facts.names[name] = None
        if lead in ("CREATE", "ALTER"):
            break
    for table in facts.tables:
        facts.functions.pop(table.name.lower(), None)  # its columns stand after it
        facts.functions.pop(f"{table.schema}.{table.name}".lower(), None)
    if facts.object == "index" and "ON" in words[at:]:
        for name, schema in _names(piece, words.index("ON", at) + 1)[:1]:
            facts.tables[Table(name, schema, True)] = None
    if lead == "ALTER":
        _alter(piece, at, facts)


def _define_features(words: list[str], facts: Facts) -> None:
    pairs = set(pairwise(words))
    if ("IF", "EXISTS") in pairs:
        facts.features.add("if-exists")
    if ("IF", "NOT") in pairs:
        facts.features.add("if-not-exists")
    if ("OR", "REPLACE") in pairs or ("OR", "ALTER") in pairs:
        facts.features.add("or-replace")
    if {"TEMP", "TEMPORARY"} & set(words[1:4]):
        facts.features.add("temporary")
    if "CASCADE" in words:
        facts.features.add("cascade")
    if "SELECT" in words and words[0] == "CREATE":
        facts.features.add("as-select")


def _alter(piece: list[Token], at: int, facts: Facts) -> None:
    """Features of the clauses after the name; a clause that is not known is `other`."""
    if facts.object != "table":
        facts.features.add("other")
        return
    while at < len(piece) and (piece[at].name is not None or piece[at].text == "."):
        if piece[at].upper in _ALTER_FEATURES and piece[at - 1].text != ".":
            break
        at += 1
    starts = [at] if at < len(piece) else []
    depth = piece[0].depth
    starts += [
        index + 1
        for index, token in enumerate(piece)
        if index > at and token.text == "," and token.depth == depth and index + 1 < len(piece)
    ]
    for start in starts:
        word = piece[start].upper
        after = piece[start + 1].upper if start + 1 < len(piece) else ""
        feature = _ALTER_FEATURES.get(word, "other")
        if word == "ADD":
            feature = _ADDITIONS.get(after, feature)
        facts.features.add(feature)
    if any(token.upper == "DROP" for token in piece[at:]):
        facts.features.add("drop-column")
    if not starts:
        facts.features.add("other")


def _names(piece: list[Token], at: int) -> list[tuple[str, str | None]]:
    """Dotted names separated by commas, from token `at`."""
    found: list[tuple[str, str | None]] = []
    while at < len(piece) and (name := piece[at].name) is not None:
        schema = None
        while at + 1 < len(piece) and piece[at + 1].text == ".":
            at += 1
            if at + 1 < len(piece) and (after := piece[at + 1].name) is not None:
                schema, name = name, after
                at += 1
        found.append((name, schema))
        if at + 1 >= len(piece) or piece[at + 1].text != ",":
            break
        at += 2
    return found


def _set(piece: list[Token], facts: Facts) -> None:
    facts.kind = "set"
    left = True
    depth = piece[0].depth
    for before, token in pairwise(piece):
        if token.text == "," and token.depth == depth:
            left = True
        elif token.text in ("=", ":"):
            left = False
        elif left and token.name is not None:
            name = token.name.lower()
            if token.upper in _SCOPES and before.text != ".":
                if token.upper not in ("SESSION", "LOCAL"):
                    facts.features.add("global")
                continue
            facts.names["@" + name if before.text == "@" else name] = None


def _pragma(piece: list[Token], facts: Facts) -> None:
    facts.kind = "pragma"
    facts.functions.clear()
    names = _names(piece, 1)
    if len(names) != 1:
        raise Unknown("PRAGMA")
    facts.names[names[0][0].lower()] = None
    rest = piece[2 if names[0][1] is None else 4 :]
    if rest:
        facts.features.add("value" if rest[0].text == "=" else "argument")


def _execute(rest: list[Token], found: Dialect, facts: Facts) -> None:
    """EXEC proc …, EXEC ('text'), and EXECUTE of a prepared statement."""
    facts.kind = "exec" if found.batches else "execute"
    at = 0
    if len(rest) > 2 and rest[0].text.startswith("@") and rest[1].text == "=":
        at = 2  # EXEC @result = proc
    names = _names(rest, at)
    if not names or names[0][0].startswith("@"):
        facts.features.add("dynamic")
        return
    name, schema = names[0]
    facts.names[name.lower()] = None
    if schema is not None:
        facts.features.add("qualified")


def _simple(piece: list[Token], facts: Facts) -> None:
    words = [token.upper for token in piece[1:]]
    if facts.kind in ("show", "use", "list", "ls", "help", "vacuum", "reindex", "analyze", "flush"):
        facts.names.update({t.name.lower(): None for t in piece[1:] if t.name is not None})
    if facts.kind == "call":
        for name, schema in _names(piece, 1)[:1]:
            facts.names[name.lower() if schema is None else f"{schema}.{name}".lower()] = None
    if {"INFILE", "INTO"} & set(words) and facts.kind in ("load", "vacuum"):
        facts.features.add("file")
    if facts.kind == "copy":
        facts.features |= {"program"} & {word.lower() for word in words}
        facts.features.add("file")
    if facts.kind in ("show", "rollback") and any(token.text == ":" for token in piece):
        raise Unknown(facts.kind)
    if facts.kind in ("show", "help", "list", "ls") and any(
        (before.text == "(" and token.upper in TREES) or before.upper in ("NEXT", "PREVIOUS")
        for before, token in pairwise(piece)
    ):
        raise Unknown(f"a query or sequence inside {piece[0].upper}")
