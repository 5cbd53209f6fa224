"""Which literals of a statement another value may replace without changing what it does.

Three kinds, each proved from the tokens around the literal: compared with a column in a
condition (`id = 5`, `name LIKE 'a%'`, `id IN (1, 2)`, `id BETWEEN 1 AND 9`), inserted as an
element of a row of VALUES, assigned by SET. The literal must be the whole operand, and what
is not proved is not free: no cast, no arithmetic, no argument of a function, no LIMIT.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from policy.parse.sql.lex import Token, TokenKind

_LEADS = frozenset("SELECT INSERT UPDATE DELETE REPLACE MERGE WITH EXPLAIN (".split())
_QUERIES = frozenset("SELECT WITH VALUES TABLE FROM INSERT UPDATE DELETE MERGE".split())
_COMPARES = frozenset(("=", "<>", "!=", "<", ">", "<=", ">="))
_LIKES = frozenset(("LIKE", "ILIKE"))

# Words that end an operand, and with it the clause that it stands in.
_CLAUSES = frozenset(
    "CROSS EXCEPT FETCH FOR FROM FULL GROUP HAVING INNER INTERSECT JOIN LEFT LIMIT MINUS NATURAL "
    "OFFSET ON OPTION ORDER OUTPUT RETURNING RIGHT SET UNION WHEN WHERE WINDOW".split()
)
_FUNCTIONS_TOO = frozenset(("INSERT", "LEFT", "REPLACE", "RIGHT"))

# Written like a column, but not one of a table.
_NOT_COLUMNS = frozenset(
    "ALL ANY CURRENT CURRENT_CATALOG CURRENT_DATE CURRENT_DATETIME CURRENT_PATH CURRENT_ROLE "
    "CURRENT_SCHEMA CURRENT_SERVER CURRENT_TIME CURRENT_TIMESTAMP CURRENT_TIMEZONE CURRENT_USER "
    "DEFAULT DISTINCT FALSE INTERVAL LEVEL LOCALTIME LOCALTIMESTAMP MAXVALUE NOT NULL PRIOR ROWNUM "
    "SESSION_USER SOME SYSDATE SYSTEM_USER SYSTIMESTAMP TRUE UID UNKNOWN USER UTC_DATE UTC_TIME "
    "UTC_TIMESTAMP".split()
)


class _Kind(Enum):
    """What a bracket, or the statement itself, is."""

    QUERY = "query"  # a statement
    GROUP = "group"  # a part of a condition
    ROW = "row"  # a row of VALUES that is inserted
    LIST = "list"  # nothing but literals, after `column IN`
    CASE = "case"  # CASE … END, where nothing is free
    OTHER = "other"  # anything else, where nothing is free


class _Clause(Enum):
    CONDITION = "condition"
    ASSIGNMENTS = "assignments"
    ROWS = "rows"
    OTHER = "other"


@dataclass
class _Frame:
    kind: _Kind
    clause: _Clause = _Clause.OTHER
    verb: str = ""  # the word that began the statement
    writes: bool = False  # so that SET assigns to columns
    betweens: int = 0  # BETWEENs whose AND hasn't come yet


def is_plain_number(token: Token) -> bool:
    """Decimal digits and nothing else."""
    return token.kind is TokenKind.NUMBER and token.text.isascii() and token.text.isdigit()


def is_plain_string(token: Token) -> bool:
    """`'…'` without a backslash, which servers, versions and sessions read differently."""
    return token.kind is TokenKind.STRING and token.text[0] == "'" and "\\" not in token.text


def free_literals(tokens: Sequence[Token]) -> frozenset[int]:
    """Places in `tokens`, one statement with its operators joined, of the literals."""
    if not tokens or tokens[0].upper not in _LEADS:
        return frozenset()
    return frozenset(_Walk(tokens).run())


class _Walk:
    """From left to right, with a frame for each open bracket."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.frames = [_Frame(_Kind.QUERY)]
        self.inner: set[int] = set()  # ANDs that belong to a BETWEEN
        self.found: set[int] = set()

    def run(self) -> set[int]:
        for at, token in enumerate(self.tokens):
            if token.text[-1] in "([{" and token.kind in (TokenKind.SYMBOL, TokenKind.WORD):
                self.frames.append(self.opened(at))
            elif token.kind is TokenKind.SYMBOL and token.text in ")]}":
                self.close()
            elif token.kind is TokenKind.WORD:
                self.word(at, token.upper)
            elif self.literal(at) and self.is_free(at):
                self.found.add(at)
        return self.found

    def close(self) -> None:
        if len(self.frames) > 1:
            self.frames.pop()

    # What stands at a place ----------------------------------------------------------------

    def upper(self, at: int) -> str:
        return self.tokens[at].upper if 0 <= at < len(self.tokens) else ""

    def literal(self, at: int) -> bool:
        if not 0 <= at < len(self.tokens):
            return False
        return is_plain_number(self.tokens[at]) or is_plain_string(self.tokens[at])

    def name(self, at: int) -> bool:
        if at < 0 or self.tokens[at].kind not in (TokenKind.WORD, TokenKind.QUOTED):
            return False
        return self.tokens[at].text[0] not in "@#$" and self.tokens[at].text[-1] != "("

    def column(self, end: int) -> int | None:
        """Where the column begins whose last name is at `end`."""
        if not self.name(end):
            return None
        start = end
        while self.upper(start - 1) == ".":
            if not self.name(start - 2):
                return None
            start -= 2
        if start == end and self.upper(end) in _NOT_COLUMNS:
            return None
        return start

    def begins_term(self, at: int) -> bool:
        """Whether a term of a condition begins at `at`."""
        match self.upper(at - 1):
            case "WHERE" | "HAVING" | "ON" | "OR":
                return True
            case "AND":
                return at - 1 not in self.inner
            case "NOT":
                return self.begins_term(at - 1)
            case "(":
                return self.frames[-1].kind is _Kind.GROUP
        return False

    def ends(self, at: int) -> bool:
        """Whether what stands before `at` is a whole operand."""
        if at >= len(self.tokens):
            return True
        token = self.tokens[at]
        if token.kind is TokenKind.WORD:
            return token.upper in _CLAUSES or token.upper in ("AND", "OR")
        return token.text == ")"

    # Frames --------------------------------------------------------------------------------

    def opened(self, at: int) -> _Frame:
        if self.tokens[at].text != "(":
            return _Frame(_Kind.OTHER)
        if self.upper(at + 1) in _QUERIES:
            return _Frame(_Kind.QUERY)
        frame = self.frames[-1]
        before = self.upper(at - 1)
        if frame.clause is _Clause.ROWS and (
            before == "VALUES" or (before == "," and self.upper(at - 2) == ")")
        ):
            return _Frame(_Kind.ROW)
        if frame.clause is _Clause.CONDITION:
            if before == "IN" and self.compared(at - 1) and self.is_list(at + 1):
                return _Frame(_Kind.LIST)
            if self.begins_term(at):
                return _Frame(_Kind.GROUP, _Clause.CONDITION)
        return _Frame(_Kind.OTHER)

    def is_list(self, at: int) -> bool:
        """Whether literals with commas between them go from `at` to a bracket that ends a term."""
        while self.literal(at):
            if self.upper(at + 1) == ")":
                return self.ends(at + 2)
            if self.upper(at + 1) != ",":
                return False
            at += 2
        return False

    def word(self, at: int, word: str) -> None:
        """What a keyword begins or ends."""
        frame = self.frames[-1]
        if word == "CASE":
            self.frames.append(_Frame(_Kind.CASE))
        elif word == "END" and frame.kind is _Kind.CASE:
            self.close()
        elif self.upper(at - 1) == ".":
            return
        elif word == "BETWEEN":
            frame.betweens += 1
        elif word == "AND" and frame.betweens:
            frame.betweens -= 1
            self.inner.add(at)
        elif frame.kind is _Kind.QUERY and not (
            word in _FUNCTIONS_TOO and self.upper(at + 1) == "("
        ):
            self.clause(at, word, frame)

    def clause(self, at: int, word: str, frame: _Frame) -> None:
        match word:
            case "SELECT":
                frame.verb, frame.clause = word, _Clause.OTHER
            case "INSERT" | "REPLACE":
                frame.verb = frame.verb or "INSERT"
                frame.writes, frame.clause = True, _Clause.OTHER
            case "UPDATE" if self.upper(at - 1) == "KEY" and self.upper(at - 2) == "DUPLICATE":
                frame.clause = _Clause.ASSIGNMENTS
            case "UPDATE" | "MERGE" | "DELETE":
                frame.verb = frame.verb or word
                frame.writes |= word != "DELETE" and self.upper(at - 1) != "FOR"
                frame.clause = _Clause.OTHER
            case "SET" if frame.writes:
                frame.clause = _Clause.ASSIGNMENTS
            case "VALUES" if frame.verb in ("INSERT", "MERGE") and frame.clause is _Clause.OTHER:
                frame.clause = _Clause.ROWS
            case "WHERE" | "HAVING" if frame.verb:
                frame.clause = _Clause.CONDITION
            case "ON" if frame.verb and self.joins(at):
                frame.clause = _Clause.CONDITION
            case _ if word in _CLAUSES:
                frame.clause = _Clause.OTHER

    def joins(self, at: int) -> bool:
        """Whether the ON at `at` has the condition of a join after it."""
        after = ("CONFLICT", "CONSTRAINT", "DUPLICATE")
        return self.upper(at - 1) != "DISTINCT" and self.upper(at + 1) not in after

    # The three places ----------------------------------------------------------------------

    def is_free(self, at: int) -> bool:
        """Whether the literal at `at` may be replaced."""
        frame = self.frames[-1]
        before, after = self.upper(at - 1), self.upper(at + 1)
        match frame.kind:
            case _Kind.LIST:
                return True
            case _Kind.ROW:
                return before in ("(", ",") and after in (")", ",")
            case _Kind.QUERY | _Kind.GROUP if frame.clause is _Clause.CONDITION:
                return self.in_condition(at)
            case _Kind.QUERY if frame.clause is _Clause.ASSIGNMENTS:
                start = self.column(at - 2) if before == "=" else None
                begins = start is not None and self.upper(start - 1) in ("SET", "UPDATE", ",")
                return begins and (after == "," or self.ends(at + 1))
            case _:
                return False

    def in_condition(self, at: int) -> bool:
        before = self.upper(at - 1)
        if before == "BETWEEN":
            return self.is_range(at)
        if before == "AND" and self.upper(at - 3) == "BETWEEN":
            return self.is_range(at - 2)
        if before in _LIKES:
            text = self.tokens[at].kind is TokenKind.STRING
            return text and self.compared(at - 1) and self.ends(at + 1)
        if before not in _COMPARES or not self.ends(at + 1):
            return False
        start = self.column(at - 2)
        return start is not None and self.begins_term(start)

    def is_range(self, low: int) -> bool:
        """`column [NOT] BETWEEN literal AND literal`, the first literal at `low`."""
        both = self.literal(low) and self.upper(low + 1) == "AND" and self.literal(low + 2)
        return both and self.ends(low + 3) and self.compared(low - 1)

    def compared(self, at: int) -> bool:
        """Whether a column, and perhaps NOT, stands before the operator at `at`."""
        start = self.column(at - 2 if self.upper(at - 1) == "NOT" else at - 1)
        return start is not None and self.begins_term(start)
