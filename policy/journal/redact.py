"""A command without the secrets in it, fit to be kept.

Secrets are found by declaration (the words of what the text runs) and by their look (the text
itself); each is hidden where it stands, and wherever else its value does. A value that the
text doesn't show as it is (a variable's, one written in escapes) takes more of the text along,
at worst all of it: what is kept never shows a secret that was found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field, replace

from policy.frozen import frozen
from policy.journal.declared import Given, secrets_of, secrets_of_words
from policy.journal.looks import Kind, Looks, goes_on, looks_of, shell_word_end
from policy.plan import Action, Opaque, Span, Word, WordKind, dynamic, static
from policy.ruleset import RuleSet

WHOLE = "command"
"""The name of what is hidden where a whole command has to be."""

_SHORT = 4  # a shorter value is also part of other words, so only whole words are it
_COMMANDS = 8  # that may begin in one command which isn't understood
_QUOTING = frozenset("'\"\\")
_FIXED = re.compile(r"'[^']*'|\\.", re.DOTALL)
_SINGLE_QUOTE = re.compile(r"""'(?:\\'|"'")'""")  # how one is written between two
_ESCAPED = re.compile(r'\\(["\\$`])')
_EXPANSION = re.compile(r"\$|\"?(?:\$[A-Za-z0-9_]+|\$\{[A-Za-z0-9_]+\}|\$[@*#?$!])\"?")


@frozen
class Redacted:
    """What is left of a text.

    `spans` are the places in the original that were hidden, `kinds` which secrets, each once,
    in the order of the text; both are empty where nothing was. `values` must not be shown.
    """

    text: str
    kinds: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    values: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    looks: Looks | None = field(default=None, repr=False, compare=False)

    def clean(self, text: str) -> str:
        """Another text that may quote the original (a message, a label), without its secrets."""
        return self.cleaned(text)[0]

    def cleaned(self, text: str) -> tuple[str, tuple[str, ...]]:
        """As `clean`, and the names of the secrets that it took out."""
        if self.looks is None:
            return mark(WHOLE), (WHOLE,)
        names = dict(self.values)
        found = [(look.start, look.end, look.name) for look in self.looks.find(text, Kind.PLAIN)]
        if names:
            pattern = "|".join(map(_pattern, names))  # the longest first
            found += [(*one.span(), names[one[0]]) for one in re.finditer(pattern, text)]
        merged = _merged(found)
        return _hidden(text, merged), tuple(name for _, _, name in merged)


def mark(name: str) -> str:
    """What stands in place of a secret."""
    return f"[redacted: {name}]"


def redact(
    text: str, actions: Sequence[Action], rules: RuleSet, language: str = "shell"
) -> Redacted:
    """`text`, which does `actions`, without secrets. Never raises: what fails hides all of it."""
    try:
        looks = looks_of(rules)
        found = _Finder(text, looks)
        opaque = any(isinstance(action.does, Opaque) for action in actions)
        for index, action in enumerate(actions):
            for given in secrets_of(action, actions[:index], rules, looks):
                found.given(given)
        if language == "shell":  # what does nothing, and what isn't understood, is in no action
            for words in _may_be_commands(text, rules, looks):
                for given in secrets_of_words(words, rules, looks):
                    found.given(given)
        kind = Kind.SHELL if language == "shell" else Kind.PLAIN
        found.looked(kind, loose=opaque)
        return found.redacted()
    except Exception:  # noqa: BLE001  # whatever breaks, no secret is kept
        return Redacted(mark(WHOLE), (WHOLE,), ((0, len(text)),))


def _may_be_commands(text: str, rules: RuleSet, looks: Looks) -> Iterator[tuple[Word, ...]]:
    """The words from each on that names a program which is given secrets, up to what may end
    its command: read from the text alone.
    """
    words: list[Word] = []
    starts: list[int] = []
    at = 0
    while at <= len(text):
        end = shell_word_end(text, at)
        if end > at:
            word = _read_plainly(text, at, end)
            bare = word.text if word.kind is WordKind.STATIC else ""
            if looks.is_given_secrets(bare.rpartition("/")[2], rules):
                starts.append(len(words))
            words.append(word)
            yield from _may_be_commands_in(text[at:end], at, rules, looks)
        if not text[end : end + 1].isspace() or text[end] == "\n":
            for start in starts[:_COMMANDS]:
                yield tuple(words[start:])
            words, starts = [], []
        at = end + 1


def _may_be_commands_in(
    source: str, start: int, rules: RuleSet, looks: Looks
) -> Iterator[tuple[Word, ...]]:
    """Those in a word that is quoted, which may be a shell's text: `bash -c '…'`."""
    if len(source) < 3 or source[0] not in "'\"" or source[-1] != source[0] or " " not in source:
        return
    written = source[1:-1]
    text = _SINGLE_QUOTE.sub("'", written) if source[0] == "'" else _ESCAPED.sub(r"\1", written)

    def place(word: Word) -> Word:
        if text != written:  # it stands somewhere in there
            return replace(word, span=(start, start + len(source)))
        return replace(word, span=(start + 1 + word.span[0], start + 1 + word.span[1]))

    for words in _may_be_commands(text, rules, looks):
        yield tuple(map(place, words))


def _read_plainly(text: str, start: int, end: int) -> Word:
    """The word of shell source between two offsets, without knowing what is around it."""
    source = text[start:end]
    begin = _first_expansion(_FIXED.sub(lambda found: "_" * len(found[0]), source))
    if begin < 0:
        return static(_stripped(source), (start, end))
    return dynamic(source, (start, end), prefix=_stripped(source[:begin]), many=False)


class _Finder:
    """Gathers the places to hide in one text."""

    def __init__(self, text: str, looks: Looks) -> None:
        self.text = text
        self.looks = looks
        self.places: list[tuple[int, int, str]] = []
        self.values: dict[str, str] = {}
        self._seen: set[Given] = set()
        self._made: _Bare | None = None

    @property
    def _bare(self) -> _Bare:
        if self._made is None:
            self._made = _Bare(self.text)
        return self._made

    def given(self, given: Given) -> None:
        """Hides a secret that a word holds."""
        if given in self._seen:
            return
        self._seen.add(given)
        start, end = given.word.span
        source = self.text[start:end]
        value = given.part
        if value is None and given.word.kind is WordKind.STATIC:
            value = given.word.text
        if value is None:
            if not (given.word.prefix or given.word.suffix):
                # `NAME=$x`, `-p$x`, `user:$x`: what stands before isn't of the value
                source = source[max(_first_expansion(source), 0) :]
            if not _only_expands(source):
                self.places.append((start, end, given.name))
                for fixed in (given.word.prefix, given.word.suffix):
                    self._value(fixed, given.name)
            return
        value = value.strip("\r\n")
        if value:
            self._value(value, given.name)
            self.places += [(*span, given.name) for span in self._spans(given, value)]

    def looked(self, kind: Kind, *, loose: bool) -> None:
        """Hides what looks like a secret."""
        for look in self.looks.find(self.text, kind, loose=loose):
            end = look.end
            if kind is Kind.SHELL:
                end = goes_on(self.text, end)
                self._value(_stripped(self.text[look.start : look.end]), look.name)
            self.places.append((look.start, end, look.name))
            self._value(self.text[look.start : look.end], look.name)

    def redacted(self) -> Redacted:
        for value, name in self.values.items():
            self.places += [(*span, name) for span in self._everywhere(value)]
        merged = _merged(self.places)
        return Redacted(
            _hidden(self.text, merged),
            tuple(dict.fromkeys(name for _, _, name in merged)),
            tuple((start, end) for start, end, _ in merged),
            tuple(sorted(self.values.items(), key=lambda one: -len(one[0]))),
            self.looks,
        )

    def _value(self, value: str, name: str) -> None:
        if value:
            self.values.setdefault(value, name)

    def _spans(self, given: Given, value: str) -> list[Span]:
        """The places of a value in the span of its word."""
        start, end = given.word.span
        source = self.text[start:end]
        if source == value:
            return [(start, end)]
        if "$'" in source or '$"' in source or not _stripped(value):
            return [(start, end)]
        found = self._bare.places(value, start, end)
        whole = given.whole
        if found and given.part is None and whole is not None and whole.kind is WordKind.STATIC:
            # The value is the end of its word: other places are part of an option's name.
            ends = self._bare.inside(*whole.span) == _stripped(whole.text)
            if ends and whole.text.endswith(value):
                return [found[-1]]
        if found:
            return found
        if "$" not in source and "`" not in source and end > start:
            return [(start, end)]
        # It came from elsewhere in the text: a variable, a substitution.
        if not self._everywhere(value):
            return [(0, len(self.text))]
        if whole is not None and whole.text.endswith(value):
            begin = _first_expansion(source)
            if begin >= 0 and source[:begin] == whole.text[: -len(value)]:
                source = source[begin:]  # `-p$x`: what stands before is the option's name
        return [] if _only_expands(source) else [(start, end)]

    def _everywhere(self, value: str) -> list[Span]:
        if len(_stripped(value)) >= _SHORT:
            return self._bare.places(value, 0, len(self.text))
        return [found.span() for found in re.finditer(_pattern(value), self.text)]


class _Bare:
    """A text without what quotes it, in which values are found however they are quoted."""

    def __init__(self, text: str) -> None:
        kept: list[int] = []
        at, length = 0, len(text)
        while at < length:
            if text[at] == "\\" and text[at + 1 : at + 2] == "\n":
                at += 2  # a line that goes on
                continue
            if text[at] not in _QUOTING:
                kept.append(at)
            at += 1
        self._kept = kept
        self._text = "".join([text[index] for index in kept])

    def inside(self, start: int, end: int) -> str:
        """What is left between two offsets into the original."""
        from bisect import bisect_left

        return self._text[bisect_left(self._kept, start) : bisect_left(self._kept, end)]

    def places(self, value: str, start: int, end: int) -> list[Span]:
        """Where the original has `value` between two offsets, overlapping ones among them."""
        from bisect import bisect_left

        wanted = _stripped(value)
        if not wanted:
            return []
        found: list[Span] = []
        first, last = bisect_left(self._kept, start), bisect_left(self._kept, end)
        at = self._text.find(wanted, first, last)
        while at >= 0:
            found.append((self._kept[at], self._kept[at + len(wanted) - 1] + 1))
            at = self._text.find(wanted, at + 1, last)
        return found


def _stripped(value: str) -> str:
    return "".join(character for character in value if character not in _QUOTING)


def _first_expansion(source: str) -> int:
    found = re.search(r"\"?[$`]", source)
    return found.start() if found else -1


def _only_expands(source: str) -> bool:
    """Whether a word is nothing but a variable or a substitution, which shows no value."""
    if _EXPANSION.fullmatch(source):
        return True
    inner = source[1:-1] if source[:1] == source[-1:] == '"' and len(source) > 1 else source
    if inner[:1] == "`":
        return inner.find("`", 1) == len(inner) - 1
    if inner[:2] != "$(" or inner[-1:] != ")":
        return False
    depth = 0
    for index, character in enumerate(inner):
        depth += (character == "(") - (character == ")")
        if depth == 0 and index > 1 and index < len(inner) - 1:
            return False
    return depth == 0


def _pattern(value: str) -> str:
    """A regular expression for the value; for a short one, only where it is a whole word."""
    exact = re.escape(value)
    if len(value) >= _SHORT:
        return exact
    return f"(?<![A-Za-z0-9_]){exact}(?![A-Za-z0-9_])"


def _merged(places: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """The places in order, those that overlap as one of the first one's name."""
    merged: list[tuple[int, int, str]] = []
    for start, end, name in sorted(places, key=lambda one: (one[0], -one[1])):
        if merged and start < merged[-1][1]:
            before = merged[-1]
            merged[-1] = (before[0], max(before[1], end), before[2])
        elif end > start:
            merged.append((start, end, name))
    return merged


def _hidden(text: str, places: Iterable[tuple[int, int, str]]) -> str:
    pieces: list[str] = []
    at = 0
    for start, end, name in places:
        pieces += [text[at:start], mark(name)]
        at = end
    return "".join([*pieces, text[at:]])
