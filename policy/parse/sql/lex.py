"""The lexical gate: SQL text to tokens, exactly, or a fault.

Parsers and servers agree on a text only if they agree on where its strings, quoted names and
comments begin and end. This lexer is small enough to be checked against a dialect's manual,
and refuses what servers, versions or sessions are known to read differently: control
characters, non-ASCII white space, nested and executable comments, templates, unquoted
backslashes. It also bounds nesting before a recursive parser sees the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from enum import Enum
from functools import cache

from policy.frozen import frozen
from policy.lookalikes import posing
from policy.misread import told
from policy.plan import OpaqueKind, Span


class Backslash(Enum):
    """What a backslash does inside a plain string."""

    ESCAPES = "escapes"
    LITERAL = "literal"
    UNSURE = "unsure"  # differs by version or session: refused where it decides the end


@frozen
class Lexis:
    """How one dialect writes its tokens."""

    strings: str = "'"  # characters that quote a string
    names: str = '"'  # characters that quote a name; `[` stands for `[…]`
    backslash: Backslash = Backslash.LITERAL
    escape_strings: bool = False  # E'…' and U&'…' (PostgreSQL)
    dollar_quotes: bool = False  # $tag$…$tag$
    raw_strings: bool = False  # r'…' (BigQuery, Spark): refused
    hash_comments: bool = False  # # until the end of the line
    slash_comments: bool = False  # // until the end of the line
    dash_needs_blank: bool = False  # `--` is a comment only before a blank (MySQL)
    braces: bool = False  # { } build values
    word_start: str = ""  # characters beside letters and `_` that begin a word
    word_more: str = "$"  # characters beside letters, digits and `_` that continue one
    substitution: str = ""  # text that a client replaces before the server sees it


class TokenKind(Enum):
    WORD = "word"
    QUOTED = "quoted"  # a quoted name
    STRING = "string"
    NUMBER = "number"
    SYMBOL = "symbol"


@frozen
class Token:
    """`text` is the source; `upper` its upper case for a word, else the source."""

    kind: TokenKind
    text: str
    start: int
    end: int
    upper: str
    depth: int  # of parentheses, brackets and CASE around it

    @property
    def name(self) -> str | None:
        """The identifier that a word or quoted name stands for, in its own case."""
        if self.kind is TokenKind.WORD:
            return self.text
        if self.kind is TokenKind.QUOTED:
            close = self.text[-1]
            return self.text[1:-1].replace(close * 2, close)
        return None


class LexFault(Exception):
    """The text can't be given to a parser; becomes an opaque action."""

    def __init__(self, message: str, span: Span, kind: OpaqueKind = OpaqueKind.LEXICAL) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.kind = kind


# A parser's stack grows with these. PostgreSQL's and sqlglot's parsers crash or give up at
# several thousand levels; sqlglot's time doubles with each type-like name before a bracket.
MAX_NESTING = 128
MAX_CHAIN = 400
MAX_TYPE_NESTING = 4
MAX_STATEMENTS = 1_000

_NEVER = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # controls
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional controls
    "\u2028\u2029\ud800-\udfff]"  # line separators, halves of surrogate pairs
)
_RAW = frozenset(("r", "R", "rb", "Rb", "rB", "RB", "br", "Br", "bR", "BR", "q", "Q", "nq", "NQ"))
_GOES_ON = re.compile(r"(?:[ \t]|--[^\r\n]*+)*+[\r\n](?:[ \t\r\n]|--[^\r\n]*+[\r\n])*+'")
_DOLLAR = re.compile(r"\$(?:[^\W\d]\w*)?\$")
_CHAIN_WORDS = frozenset(
    "NOT UNION EXCEPT INTERSECT MINUS JOIN BETWEEN LIKE ILIKE IN IS COLLATE AND OR EXPLAIN "
    "INTERVAL DISTINCT ISNULL NOTNULL SIMILAR RLIKE REGEXP DIV MOD XOR BINARY PRIOR".split()
)
_SPREADING = frozenset(("UNION", "EXCEPT", "INTERSECT", "MINUS", "JOIN"))
_OPENERS = {"(": ")", "[": "]", "{": "}"}
TYPE_LIKE = frozenset(
    "ARRAY STRUCT MAP ROW RECORD TUPLE NESTED OBJECT LIST UNION VARIANT NULLABLE LOWCARDINALITY "
    "BIT BOOL BOOLEAN TINYINT SMALLINT MEDIUMINT INT INTEGER BIGINT INT2 INT4 INT8 INT16 INT32 "
    "INT64 INT128 INT256 UINT UINT8 UINT16 UINT32 UINT64 FLOAT FLOAT4 FLOAT8 FLOAT32 FLOAT64 "
    "DOUBLE REAL DECIMAL DEC NUMERIC NUMBER BIGDECIMAL BIGNUMERIC DECIMAL32 DECIMAL64 DECIMAL128 "
    "DECIMAL256 MONEY SMALLMONEY CHAR NCHAR CHARACTER BPCHAR VARCHAR VARCHAR2 NVARCHAR NVARCHAR2 "
    "STRING TEXT TINYTEXT MEDIUMTEXT LONGTEXT CLOB NTEXT BLOB TINYBLOB MEDIUMBLOB LONGBLOB BINARY "
    "VARBINARY BYTES BYTEA RAW IMAGE DATE DATE32 DATETIME DATETIME2 DATETIME64 SMALLDATETIME "
    "DATETIMEOFFSET TIME TIMETZ TIMESTAMP TIMESTAMPTZ TIMESTAMPLTZ TIMESTAMPNTZ TIMESTAMP_LTZ "
    "TIMESTAMP_NTZ TIMESTAMP_TZ INTERVAL YEAR JSON JSONB XML UUID UNIQUEIDENTIFIER ENUM ENUM8 "
    "ENUM16 FIXEDSTRING IPV4 IPV6 INET CIDR MACADDR POINT POLYGON RING LINESTRING MULTILINESTRING "
    "GEOGRAPHY GEOMETRY HLLSKETCH HSTORE SUPER SERIAL BIGSERIAL SMALLSERIAL VECTOR TSRANGE "
    "TSTZRANGE DATERANGE INT4RANGE INT8RANGE NUMRANGE NAME OBJECT_IDENTIFIER AGGREGATEFUNCTION "
    "SIMPLEAGGREGATEFUNCTION DYNAMIC NOTHING VOID UNKNOWN USERDEFINED SQL_VARIANT ROWVERSION "
    "SIGNED UNSIGNED ANY".split()
)


def lex(text: str, lexis: Lexis) -> tuple[Token, ...]:
    """The tokens of `text` without blanks and comments. Raises `LexFault`."""
    check_characters(text)
    if lexis.substitution and (at := text.find(lexis.substitution)) >= 0:
        span = (at, at + len(lexis.substitution))
        raise LexFault(f"`{lexis.substitution}`, which a client may replace", span)
    return _nest(_scan(text, lexis), text)


def check_characters(text: str) -> None:
    """Raises `LexFault` for a character that no text may hold, wherever it stands."""
    if found := _NEVER.search(text):
        raise LexFault(f"the character {_name(found[0])}", found.span())


def _scan(text: str, lexis: Lexis) -> Iterator[tuple[TokenKind, int, int]]:
    """Kind, start and end of each token."""
    scanner = _scanner(lexis)
    at, end = 0, len(text)
    while at < end:
        found = scanner.match(text, at)
        if found is None:
            raise _refuse(text, at, lexis)
        group = found.lastgroup
        stop = found.end()
        if group == "comment":
            _check_comment(found[0], (at, stop))
        elif group == "string" or group == "quoted":
            if group == "quoted":
                _check_name(found[0], at)
            elif text[at] in "eE" and _GOES_ON.match(text, stop):
                # The server goes on with escapes; psql, which reads by lines, without.
                message = "a string with escapes that goes on in another line: write it in one"
                raise LexFault(message, (at, stop))
            yield (TokenKind.STRING if group == "string" else TokenKind.QUOTED), at, stop
        elif group == "dollar":
            close = text.find(found[0], stop)
            if close < 0:
                raise LexFault("a dollar-quoted string that doesn't end", (at, end))
            stop = close + len(found[0])
            yield TokenKind.STRING, at, stop
        elif group == "number":
            if stop < end and (text[stop].isalnum() or text[stop] == "_"):
                raise LexFault("a number that runs into a word", (at, stop + 1))
            yield TokenKind.NUMBER, at, stop
        elif group == "word":
            word = found[0]
            if lexis.raw_strings and word in _RAW and text[stop : stop + 1] in ("'", '"'):
                raise LexFault(f"a string with the prefix `{word}`", (at, stop))
            if not word.isascii() and unicodedata.normalize("NFKC", word) != word:
                raise LexFault("a name with characters that servers may fold", (at, stop))
            _check_name(word, at)
            yield TokenKind.WORD, at, stop
        elif group == "symbol":
            yield TokenKind.SYMBOL, at, stop
        at = stop


@cache
def _scanner(lexis: Lexis) -> re.Pattern[str]:
    """One pattern with a named group for each kind of token; strings never backtrack."""
    start = rf"(?:[^\W\d]|[{re.escape(lexis.word_start)}])" if lexis.word_start else r"[^\W\d]"
    more = rf"[\w{re.escape(lexis.word_more)}]" if lexis.word_more else r"\w"
    bodies = {
        Backslash.LITERAL: "{q}[^{q}]*+(?:{q}{q}[^{q}]*+)*+{q}",
        Backslash.ESCAPES: r"{q}[^{q}\\]*+(?:(?:{q}{q}|\\.)[^{q}\\]*+)*+{q}",
        Backslash.UNSURE: r"{q}[^{q}\\]*+(?:(?:{q}{q}|\\[^{q}])[^{q}\\]*+)*+{q}",
    }
    strings = [bodies[lexis.backslash].replace("{q}", quote) for quote in lexis.strings]
    if lexis.escape_strings:
        escaped = bodies[Backslash.ESCAPES].replace("{q}", "'")
        strings = [rf"[eE]{escaped}", rf"(?:[bBxXnN]|[uU]&){strings[0]}", *strings]
    names = [
        r"\[[^\]]*+(?:\]\][^\]]*+)*+\]"
        if quote == "["
        else bodies[Backslash.LITERAL].replace("{q}", quote)
        for quote in lexis.names
    ]
    if lexis.escape_strings:
        names.append(r'[uU]&"[^"]*+(?:""[^"]*+)*+"')
    dash = r"--(?=[ \t\r\n]|\Z)[^\n]*+" if lexis.dash_needs_blank else r"--[^\n]*+"
    comments = [dash, r"/\*(?s:.*?)\*/"]
    if lexis.hash_comments:
        comments.append(r"\#[^\n]*+")
    if lexis.slash_comments:
        comments.append(r"//[^\n]*+")
    number = (
        r"(?:0[xX][0-9a-fA-F]++|[0-9]++(?:\.(?!\.)[0-9]*+)?(?:[eE][+-]?[0-9]++)?"
        r"|\.[0-9]++(?:[eE][+-]?[0-9]++)?)"
    )
    symbols = r"(?!/\*)[-+*/<>=~!@%^&|?:;,.()\[\]#" + ("{}" if lexis.braces else "") + "]"
    parts = [
        r"(?P<blank>[ \t\r\n]++)",
        rf"(?P<comment>{'|'.join(comments)})",
        rf"(?P<string>{'|'.join(strings)})",
        rf"(?P<quoted>{'|'.join(names)})" if names else "",
        rf"(?P<dollar>{_DOLLAR.pattern})" if lexis.dollar_quotes else "",
        rf"(?P<word>{start}{more}*+)",
        rf"(?P<number>{number}|\$[0-9]++)",
        rf"(?P<symbol>{symbols})",
    ]
    pattern = "|".join(part for part in parts if part)
    return re.compile(pattern)


def _check_name(name: str, at: int) -> None:
    positions = list(posing(name))
    if positions:
        raise LexFault(told(name, positions, at), (at, at + len(name)))


def _check_comment(comment: str, span: Span) -> None:
    body = comment[2:]
    if comment.startswith("/*"):
        if body.startswith(("!", "M!", "m!", "+")):
            raise LexFault("a comment that a server may execute", span)
        if "/*" in comment[1:]:
            raise LexFault("a comment inside a comment", span)
    else:
        if "\r" in comment[:-1]:
            raise LexFault("a carriage return inside a line comment", span)
        if body.startswith("+"):
            raise LexFault("a comment that a server may execute", span)


def _nest(found: Iterator[tuple[TokenKind, int, int]], text: str) -> tuple[Token, ...]:
    """Tokens with their depth; faults where brackets don't pair or nest too deeply."""
    tokens: list[Token] = []
    closers: list[tuple[str, int, bool]] = []  # closer, chain length before, type-like
    chain = spread = typed = 0
    base = 0  # chain length of the enclosing levels
    statements = 0
    for kind, start, end in found:
        source = text[start:end]
        upper = source
        depth = len(closers)
        if kind is TokenKind.SYMBOL:
            if source in _OPENERS:
                before = tokens[-1] if tokens else None
                like = before is not None and before.upper in TYPE_LIKE
                typed += like
                closers.append((_OPENERS[source], chain, like))
                base, chain = base + chain, 0
            elif source in ")]}":
                if not closers or closers[-1][0] != source:
                    raise LexFault(f"`{source}` without its opening bracket", (start, end))
                _, chain, like = closers.pop()
                base -= chain
                typed -= like
                chain += source == "]"  # a[1][2][3]
                depth = len(closers)
            elif source == ",":
                chain = 0
            elif source == ";":
                if closers and closers[-1][0] != "END":
                    raise LexFault("`;` inside brackets", (start, end))
                chain = base = spread = 0
                statements += 1
                closers.clear()
            elif source != "." or (tokens and tokens[-1].text in ")]"):
                chain += 1
        elif kind is TokenKind.WORD:
            upper = source.upper()
            if upper == "CASE":
                closers.append(("END", chain, False))
                base, chain = base + chain, 0
            elif upper == "END" and closers and closers[-1][0] == "END":
                _, chain, _ = closers.pop()
                base -= chain
                depth = len(closers)
            elif upper in _CHAIN_WORDS:
                chain += 1
                spread += upper in _SPREADING
        if (
            len(closers) > MAX_NESTING
            or base + chain > MAX_CHAIN
            or spread > MAX_CHAIN
            or typed > MAX_TYPE_NESTING
        ):
            raise LexFault("nested too deeply", (start, end), OpaqueKind.LIMIT)
        if statements > MAX_STATEMENTS:
            raise LexFault("too many statements", (start, end), OpaqueKind.LIMIT)
        tokens.append(Token(kind, source, start, end, upper, depth))
    if closers:
        missing = closers[-1][0]
        raise LexFault(f"`{missing}` is missing at the end", (len(text) - 1, len(text)))
    return tuple(tokens)


def _refuse(text: str, at: int, lexis: Lexis) -> LexFault:
    char = text[at]
    span = (at, at + 1)
    if lexis.backslash is Backslash.UNSURE and char in lexis.strings and f"\\{char}" in text[at:]:
        found = text.index(f"\\{char}", at)
        return LexFault(
            f"a backslash before a quote, which ends the string or not by the session's settings: "
            f"write the quote twice, {char}{char}",
            (found, found + 2),
        )
    if char in lexis.strings or char in lexis.names or text[at : at + 2] in ("E'", "e'"):
        return LexFault(f"a quote `{char}` that doesn't end", (at, len(text)))
    if text.startswith("/*", at):
        return LexFault("a comment that doesn't end", (at, len(text)))
    if char == "\\":
        return LexFault("a backslash outside a string", span)
    if text[at : at + 2] in ("{#", "{{", "{%"):
        return LexFault(f"the template `{text[at : at + 2]}`", (at, at + 2))
    if char.isspace():
        return LexFault(f"the blank {_name(char)}", span)
    return LexFault(f"the character {_name(char)} outside a string", span)


def _name(char: str) -> str:
    if char.isascii() and char.isprintable():
        return f"`{char}`"
    return f"U+{ord(char):04X} {unicodedata.name(char, '')}".rstrip()


def normal_form(tokens: tuple[Token, ...] | list[Token], keywords: frozenset[str]) -> str:
    """The tokens with keywords in upper case, one blank where the text had any gap.

    Read again by the same lexis, it has the same tokens.
    """
    parts: list[str] = []
    last: int | None = None
    for token in tokens:
        # Two signs of MySQL's may touch (`1--2`), but before a blank they would be a comment.
        if last is not None and (token.start > last or token.text == "-" == parts[-1]):
            parts.append(" ")
        # Only ASCII: a dotless i in upper case would make the keyword IN of a name.
        is_keyword = token.kind is TokenKind.WORD and token.upper in keywords
        parts.append(token.upper if is_keyword and token.text.isascii() else token.text)
        last = token.end
    return "".join(parts)


def passed(text: str, at: int, lexis: Lexis) -> tuple[str, int]:
    """What stands at `at` (`blank`, `comment`, `string`, `symbol` …) and where it ends.

    Raises `LexFault` where nothing of the lexis begins.
    """
    return _passed(_scanner(lexis), text, at, lexis)


def _passed(scanner: re.Pattern[str], text: str, at: int, lexis: Lexis) -> tuple[str, int]:
    found = scanner.match(text, at)
    if found is None:
        raise _refuse(text, at, lexis)
    group, stop = found.lastgroup or "", found.end()
    if group == "dollar":
        close = text.find(found[0], stop)
        if close < 0:
            raise LexFault("a dollar-quoted string that doesn't end", (at, len(text)))
        stop = close + len(found[0])
    return group, stop


def segments(text: str, at: int, lexis: Lexis) -> tuple[int, bool | None]:
    """Where the next backslash outside strings and comments is (or the end), from `at`.

    Also whether a statement has begun there and not ended with `;`: None where nothing but
    blanks and comments was passed. Raises `LexFault`.
    """
    scanner = _scanner(lexis)
    begun: bool | None = None
    while at < len(text) and text[at] != "\\":
        group, stop = _passed(scanner, text, at, lexis)
        if group not in ("blank", "comment"):
            begun = text[at:stop] != ";"
        at = stop
    return at, begun


def statements_end(text: str, at: int, lexis: Lexis) -> int:
    """The first end of a line, from `at`, where every statement begun has ended with `;`."""
    scanner = _scanner(lexis)
    begun = False
    while at < len(text):
        group, stop = _passed(scanner, text, at, lexis)
        if group == "blank" and not begun and "\n" in text[at:stop]:
            return text.index("\n", at)
        if group not in ("blank", "comment"):
            begun = text[at:stop] != ";"
        at = stop
    return at
