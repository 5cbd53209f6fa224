"""What looks like a secret in any text, by the `redact` items of rule files.

Three kinds of text are told apart, as a value ends differently in each: the source of a shell
command, the value of one word of it, and anything else (SQL, a here-document, a message).
Whatever is doubtful ends later rather than earlier: more is hidden than needed, not less.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from functools import lru_cache
from typing import TypeVar

from policy.automata import ANY, Automaton, Characters
from policy.frozen import frozen
from policy.globs import Builder, Mode, matches
from policy.program import Program
from policy.ruleset import RuleSet, Secret

T = TypeVar("T")

URL_PASSWORD = "password"
"""The name of what stands behind the user of a URL (RFC 3986, 3.2.1)."""

_RULE_SETS = 16
_KEPT = 1_024  # names whose meaning is remembered
_QUOTES_INSIDE = 100  # of a quoted text; one with more has no end
_STEPS = 8  # of an automaton for each character of a text; what needs more is a secret


class Kind(Enum):
    """What kind of text is looked through."""

    SHELL = "shell"  # source: quotes are still in it
    WORD = "word"  # the value of one word
    PLAIN = "plain"  # anything else


@frozen
class Look:
    """A part of a text that looks like a secret; `name` is which."""

    start: int
    end: int
    name: str


class Looks:
    """The `redact` items of a rule set, ready to look through texts. Safe to share."""

    def __init__(self, secrets: Sequence[Secret]) -> None:
        self._named = tuple((glob, one.name) for one in secrets for glob in one.named)
        self._texts = tuple((_automaton(glob), one.name) for one in secrets for glob in one.texts)
        self._sql = tuple((_phrase(words), one.name) for one in secrets for words in one.sql)
        self._names: dict[str, str | None] = {}
        self._programs: dict[str, bool] = {}
        begins = [automaton.prefix for automaton, _ in self._texts]
        begins += [words.split()[0] for one in secrets for words in one.sql]
        self._may_be_any = re.compile("|".join(("[=:]", *map(re.escape, begins))), re.IGNORECASE)

    def name(self, written: str) -> str | None:
        """Which secret a variable, field, header or option of that name holds; None: none."""
        try:
            return self._names[written]
        except KeyError:
            found = self._look_up(written)
            _remember(self._names, written, found)
            return found

    def find(self, text: str, kind: Kind, *, loose: bool = False) -> Iterator[Look]:
        """Every part of `text` that looks like a secret, in no order; they may overlap.

        `loose` says that nobody understands the text: what looks like an option of a secret's
        name is one.
        """
        if not loose and self._may_be_any.search(text) is None:
            return
        yield from _credentials(text)
        for automaton, name in self._texts:
            yield from _shaped(text, automaton, name)
        quotes = _Quotes(text if kind is Kind.SHELL else "")
        for phrase, name in self._sql:
            yield from _quoted_behind(text, phrase, name, quotes)
        if self._named:
            yield from self._named_values(text, kind, loose, quotes)

    def is_given_secrets(self, program: str, rules: RuleSet) -> bool:
        """Whether `rules`, whose looks these are, declare that a program is given any."""
        try:
            return self._programs[program]
        except KeyError:
            found = rules.program(program)
            takes = found is not None and _takes_any(found)
            _remember(self._programs, program, takes)
            return takes

    def _look_up(self, written: str) -> str | None:
        whole = written.strip("-.").lower().replace("-", "_")
        for part in dict.fromkeys((whole, whole.rpartition(".")[2])):
            for glob, name in self._named:
                if part and matches(glob, part):
                    return name
        return None

    def _named_values(self, text: str, kind: Kind, loose: bool, quotes: _Quotes) -> Iterator[Look]:
        done = 0
        for found in _NAMED.finditer(text):
            if found.start() < done:
                continue  # a part of what is a secret already
            option = found["name"].startswith("-")
            if option and not loose:
                continue  # what an option's value is, its program's declaration says
            if not found["sign"] and not (option and loose):
                continue
            name = self.name(found["name"])
            if name is None:
                continue
            span = _value(text, found, kind, quotes)
            if span is not None and not _says_nothing(text, span, quotes):
                yield Look(*span, name)
                done = span[1]


def _remember(known: dict[str, T], key: str, value: T) -> None:
    if len(known) >= _KEPT:
        known.clear()
    known[key] = value


def _takes_any(program: Program) -> bool:
    return bool(program.secrets) or any(map(_takes_any, program.subcommands.values()))


_recent: dict[int, tuple[RuleSet, Looks]] = {}


def looks_of(rules: RuleSet) -> Looks:
    """The looks of a rule set, made once for each."""
    # It holds mappings and can't be hashed; kept here, its identity stays its own.
    known = _recent.get(id(rules))
    if known is None:
        if len(_recent) >= _RULE_SETS:  # rule sets were loaded again and again
            _recent.clear()
        known = _recent[id(rules)] = (rules, Looks(rules.secrets))
    return known[1]


# URLs -------------------------------------------------------------------------------------

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,40}\Z")
_URL_LENGTH = 4_096  # characters of one that are looked at
_URL_END = re.compile(r"[\s'\"`<>|;()]")


def _credentials(text: str) -> Iterator[Look]:
    """The password of `scheme://user:password@host`."""
    at = text.find("://")
    while at >= 0:
        begin = at + 3
        end_found = _URL_END.search(text, begin, begin + _URL_LENGTH)
        end = min(end_found.start() if end_found else len(text), begin + _URL_LENGTH)
        if _SCHEME.search(text, max(0, at - 41), at):
            last = _user_end(text[begin:end])
            colon = text.find(":", begin, begin + last)
            if 0 <= colon < begin + last - 1:
                span = (colon + 1, begin + last)
                if not _VARIABLE.fullmatch(text[slice(*span)]):
                    yield Look(*span, URL_PASSWORD)
        at = text.find("://", begin)


def _user_end(rest: str) -> int:
    """Where the `@` stands that ends the user and the password of a URL; 0 without one."""
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in authority:
        return authority.rindex("@")
    # Not what RFC 3986 allows, but what people write: a password with `/` in it.
    port = authority.rpartition(":")[2]
    if ":" in authority and not port.isdigit() and not authority.startswith("["):
        return max(rest.rfind("@"), 0)
    return 0


# Texts that look like secrets -------------------------------------------------------------

_TOKEN = Characters((), negated=True, but=" \t\r\n'\"`\\;|&<>(){}$,")
_PIECE = re.compile(r"\*+|\?|\[[^\]]+\]|\\.|[^*?\[\\]+|.", re.DOTALL)


@lru_cache(maxsize=256)
def _automaton(glob: str) -> Automaton:
    """Of a glob whose `*` and `?` stay within a word, and whose `**` goes over blanks."""
    builder = Builder(Mode.TEXT)
    for found in _PIECE.finditer(glob):
        match found[0]:
            case "?":
                builder.one(_TOKEN)
            case "*":
                builder.run(_TOKEN)
            case piece if piece.startswith("**"):
                builder.run(ANY)
            case piece:
                builder.read(piece)
    return builder.build()


def _shaped(text: str, automaton: Automaton, name: str) -> Iterator[Look]:
    """The longest matches, none of which begins behind a letter or a digit."""
    budget = _STEPS * len(text)
    at = text.find(automaton.prefix)
    while at >= 0:
        end = at
        if at == 0 or not text[at - 1].isalnum():
            states = automaton.start
            for index in range(at, len(text)):
                states = automaton.step(states, text[index])
                budget -= 1
                if not states:
                    break
                if automaton.final(states):
                    end = index + 1
            if end > at:
                yield Look(at, end, name)
            if budget < 0:
                yield Look(at, len(text), name)
                return
        at = text.find(automaton.prefix, max(end, at + 1))


# SQL --------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _phrase(words: str) -> re.Pattern[str]:
    """The words, then where a quoted text begins behind them."""
    middle = r"\s{1,50}".join(r"\S{1,200}" if w == "*" else re.escape(w) for w in words.split())
    quote = r"(?:U&|[A-Za-z_][A-Za-z0-9_]{0,20})?(?P<quote>\\?['\"]|\\?\$[A-Za-z_]{0,20}\\?\$)"
    return re.compile(rf"(?<!\w){middle}\s{{0,50}}[=(:]{{0,2}}\s{{0,50}}{quote}", re.IGNORECASE)


def _quoted_behind(
    text: str, phrase: re.Pattern[str], name: str, quotes: _Quotes
) -> Iterator[Look]:
    done = 0
    for found in phrase.finditer(text):
        if found.start() < done or found["quote"] == quotes.at(found.start("quote")):
            continue  # inside a secret; or it ends what the shell quotes, and begins nothing
        done = _literal_end(text, found.end(), found["quote"])
        if done > found.end():
            yield Look(found.end(), done, name)


def _literal_end(text: str, begin: int, quote: str) -> int:
    """Where a text that `quote` began ends: the later where dialects differ."""
    first = -1
    at = text.find(quote, begin)
    for _ in range(_QUOTES_INSIDE):
        if at < 0:
            return first if first >= 0 else len(text)
        first = at if first < 0 else first
        doubled = text.startswith(quote, at + len(quote))
        escaped = text[at - 1] == "\\" and at > begin
        if not (doubled or escaped):
            return at
        at = text.find(quote, at + len(quote) * (2 if doubled else 1))
    return len(text)


# Names and their values -------------------------------------------------------------------

_NAMED = re.compile(
    r"(?<![A-Za-z0-9_.-])(?P<name>[A-Za-z0-9_.-]{1,100})"
    r"(?:\\?[\"'])?(?P<before>[ \t]{0,8})(?P<sign>(?:[:+]?=|:)(?![=~:]))?(?P<after>[ \t]{0,8})"
)
_QUOTE = re.compile(r"\\?[\"']")
_UNQUOTED_END = re.compile(r"[\s;|&<>()]")
_PART_END = re.compile(r"[\s;|&<>(),'\"`}\]]|\\(?=[\"'])")
_LINE_END = re.compile(r"[\n'\"]")
_VARIABLE = re.compile(r"\"?(?:\$[A-Za-z_][A-Za-z0-9_]*|\$\{[A-Za-z_][A-Za-z0-9_]*\})\"?")
_NO_SECRETS = frozenset(("true", "false", "null", "none", "nil", "undefined", "''", '""'))


def _value(text: str, found: re.Match[str], kind: Kind, quotes: _Quotes) -> tuple[int, int] | None:
    """Where the value behind a name and its sign stands."""
    at, sign = found.end("sign") if found["sign"] else found.end("before"), found["sign"]
    if sign == ":" and not found["after"] and text[at : at + 1] in {"/", ".", "~", ""}:
        return None  # a path, as in `volume:/srv`
    if sign is None or sign == ":" or found["before"]:
        at = found.end("after")
    elif found["after"]:
        return None  # `NAME= command`: set to nothing
    outer = quotes.at(at) if kind is Kind.SHELL else ""
    opened = _QUOTE.match(text, at)
    if kind is Kind.SHELL and not outer:
        return at, shell_word_end(text, at)
    if opened is not None and opened[0] != outer:
        end = _literal_end(text, opened.end(), opened[0])
        return opened.end(), end
    if kind is Kind.WORD and found.start() == 0 and sign is not None and sign != ":":
        return at, len(text)
    if outer and sign != ":":
        return at, _inner_end(text, at, outer)
    ends = (_LINE_END if sign == ":" else _PART_END).search(text, at)
    return at, ends.start() if ends else len(text)


def _inner_end(text: str, at: int, outer: str) -> int:
    """Where a value ends that isn't quoted by itself, inside the quotes `outer`."""
    while at < len(text):
        if text[at] == "\\" and not (outer == "'" and text.startswith(outer, at + 1)):
            at += 1  # in single quotes it may be for the shell that reads what is in them
        elif text[at] == outer or _UNQUOTED_END.match(text[at]):
            return at
        at += 1
    return len(text)


def shell_word_end(text: str, at: int) -> int:
    """Where the word of shell source that goes on at `at` ends."""
    while at < len(text):
        character = text[at]
        if character == "\\":
            at += 2
        elif character in "'\"":
            close = at + 1
            while close < len(text) and text[close] != character:
                close += 2 if character == '"' and text[close] == "\\" else 1
            at = close + 1
        elif _UNQUOTED_END.match(character):
            return at
        else:
            at += 1
    return min(at, len(text))


def _says_nothing(text: str, span: tuple[int, int], quotes: _Quotes) -> bool:
    """Whether the value is no secret by itself: empty, a constant, a variable, a command's
    output (whose own words are looked at as those of any command).
    """
    value = text[slice(*span)]
    if not value.strip() or value.lower() in _NO_SECRETS or not value.strip("*"):
        return True
    if quotes.at(span[0]) == "'":
        return False
    begin = span[0] + (value[0] == '"')
    return bool(_VARIABLE.fullmatch(value)) or text.startswith(("$(", "`"), begin)


class _Quotes:
    """Inside which quotes a place of shell source is: "", `'` or `"`."""

    def __init__(self, text: str) -> None:
        self._places: list[int] = [0]
        self._inside: list[str] = [""]
        self._text = text
        self._read = False

    def at(self, place: int) -> str:
        if not self._read:
            self._note(_QUOTES.finditer(self._text))
            self._read = True
        return self._inside[bisect_right(self._places, place) - 1]

    def _note(self, marks: Iterable[re.Match[str]]) -> None:
        inside = ""
        escaped = -1
        for mark in marks:
            character, at = mark[0], mark.start()
            if at == escaped:
                continue
            if character == "\\":
                escaped = -1 if inside == "'" else at + 1
                continue
            if inside in ("", character):
                inside = "" if inside else character
                self._places.append(at + 1)
                self._inside.append(inside)


_QUOTES = re.compile(r"[\\'\"]")


_GOES_ON = re.compile(r"""['"\\]+[^\s'"\\;|&<>(),:}\]]""")


def goes_on(text: str, end: int) -> int:
    """Where a value certainly has ended that seems to end at `end`.

    Behind a value that is quoted within quotes stand quotes and more of it; where it ends,
    only its shell knows, so the whole line counts.
    """
    if _GOES_ON.match(text, end) is None:
        return end
    line = text.find("\n", end)
    return len(text) if line < 0 else line
