"""Compares what the text says of one word with the globs of a rule.

Each answer is a `Truth`: a static word matches or not, a glob may lie inside or only touch, a
word known only at run time may become anything that its prefix and suffix leave open.

Two judgements are built in, so that ordinary use of the shell stays ordinary:

* A glob of the shell becomes every file that it matches. So one that overlaps an anchored
  path glob (`/etc/*` and `/etc/shadow`) counts as FIXED. For a name in any directory
  (`**/id_rsa`) the overlap is only POSSIBLE, and must come from a character that both name:
  `id_*` may be `id_rsa`, while `*` isn't taken to find it.
* A relative path whose working directory is unknown isn't taken to lie in the directory of
  an absolute glob. It may lie below a home, and with leading `..` in another or at the root.
"""

from __future__ import annotations

from functools import lru_cache

from policy.automata import Automaton, included, overlap
from policy.globs import HOME, Mode, automaton, between, escape, literal, matches, unescape
from policy.paths import PathValue, home_form, normalise
from policy.plan import Word, WordKind
from policy.ruleset import Patterns, Url
from policy.truth import Truth, certainly, negate
from policy.urls import fixed_parts, path_start, read_url

_SPECIAL = "*?[]\\"
_HOMES = ("/root", "/home/*", "/Users/*")


def names(patterns: Patterns, name: str, *, fold: bool = False) -> bool:
    """Whether a name that the text fixes is one of the patterns'."""
    if len(patterns.globs) <= _FEW:
        found = any(matches(glob, name, fold=fold) for glob in patterns.globs)
    else:
        exact, wild = _sorted(patterns, fold)
        found = (name.casefold() if fold else name) in exact or any(
            matches(glob, name, fold=fold) for glob in wild
        )
    return found is not patterns.outside


_FEW = 8
_SORTED: dict[tuple[int, bool], tuple[Patterns, frozenset[str], tuple[str, ...]]] = {}
"""By identity, for hashing hundreds of globs costs what it saves; the patterns are kept alive."""


def _sorted(patterns: Patterns, fold: bool) -> tuple[frozenset[str], tuple[str, ...]]:
    """The patterns' globs as names that match only themselves, and the rest."""
    kept = _SORTED.get((id(patterns), fold))
    if kept is None or kept[0] is not patterns:
        exact = (g for g in patterns.globs if literal(g))
        names_ = frozenset(g.casefold() if fold else g for g in exact)
        wild = tuple(g for g in patterns.globs if not literal(g))
        kept = _SORTED[id(patterns), fold] = (patterns, names_, wild)
    return kept[1:]


# Texts -----------------------------------------------------------------------------------


def text_truth(word: Word, patterns: Patterns) -> Truth:
    """Whether the word's value matches as a text: `*` is any text."""
    if word.kind is WordKind.STATIC and not word.home:
        return certainly(names(patterns, word.text))
    found = max((_text_glob(word, glob) for glob in patterns.globs), default=Truth.NO)
    if not patterns.outside:
        return found
    # What may be no word at all is outside, but not for certain.
    return min(negate(found), Truth.FIXED if word.many else Truth.CERTAIN)


def _text_glob(word: Word, glob: str) -> Truth:
    other = automaton(glob, Mode.TEXT)
    if word.parts:
        from policy.holes import spellings  # only patterns have them

        return _hole(spellings(word.parts), other, many=word.many)
    if word.home:
        value = between("/", "".join(word.text.partition("/")[1:]))
    elif word.kind is WordKind.PATTERN:
        value = automaton(word.text, Mode.SHELL)
    else:
        value = between(word.prefix, word.suffix)
    if included(value, other):
        return Truth.FIXED if word.many and word.kind is WordKind.DYNAMIC else Truth.CERTAIN
    if word.many and word.kind is WordKind.DYNAMIC:
        return Truth.POSSIBLE
    if overlap(value, other):
        return Truth.POSSIBLE
    if word.kind is WordKind.PATTERN and other.accepts(unescape(word.text)):
        return Truth.POSSIBLE  # no file matches it: the shell passes the glob on as it is
    return Truth.NO


def _hole(value: Automaton, other: Automaton, *, many: bool) -> Truth:
    """Whether every word that a pattern admits matches, or some, or none."""
    if not overlap(value, other):
        return Truth.NO
    return Truth.CERTAIN if not many and included(value, other) else Truth.POSSIBLE


# Paths -----------------------------------------------------------------------------------


@lru_cache(maxsize=4_096)
def path_truth(value: PathValue, patterns: Patterns) -> Truth:
    """Whether the path matches one of the path globs, or with `outside` none of them."""
    globs = _path_globs(patterns.globs)
    match value.kind:
        case WordKind.STATIC:
            found = _static(value.text, globs)
            return negate(found) if patterns.outside else found
        case WordKind.PATTERN:
            return _pattern(value.text, globs, outside=patterns.outside)
        case WordKind.DYNAMIC:
            if patterns.outside:
                return _dynamic_outside(value, globs)
            return _dynamic_inside(value, globs)


class _Form:
    """A path glob that a value is searched in, read only where its ends leave room for one."""

    __slots__ = ("anchored", "glob", "prefix", "suffix")

    def __init__(self, glob: str, *, anchored: bool) -> None:
        self.glob = glob
        self.anchored = anchored
        first = min((glob.find(one) for one in _SPECIAL if one in glob), default=len(glob))
        last = max(glob.rfind(one) for one in _SPECIAL)
        self.prefix = glob[:first].removesuffix("/")
        self.suffix = glob[last + 1 :].removeprefix("/")

    @property
    def automaton(self) -> Automaton:
        return automaton(self.glob, Mode.PATH)

    def overlaps(self, value: Automaton, *, by_name: bool = False) -> bool:
        room = (value.prefix.startswith(self.prefix) or self.prefix.startswith(value.prefix)) and (
            value.suffix.endswith(self.suffix) or self.suffix.endswith(value.suffix)
        )
        return room and overlap(value, self.automaton, by_name=by_name)

    def includes(self, value: Automaton) -> bool:
        room = value.prefix.startswith(self.prefix) and value.suffix.endswith(self.suffix)
        return room and included(value, self.automaton)


class _PathGlobs:
    """The globs of one condition, sorted by how a fixed path is looked up in them."""

    __slots__ = ("_searched", "exact", "globs", "named", "other", "trees")

    def __init__(self, globs: tuple[str, ...]) -> None:
        self.globs = tuple(map(_anywhere, globs))
        self._searched: tuple[_Form, ...] | None = None
        exact, trees, named = set(), set(), set()
        self.other: list[_Form] = []
        for glob in self.globs:
            canonical = HOME + glob[1:] if glob.startswith("~") else glob
            if literal(canonical):
                exact.add(canonical)
            elif canonical.endswith("/**") and literal(canonical[:-3]):
                trees.add(canonical[:-3])
            elif canonical.startswith("**/") and literal(name := canonical[3:]) and "/" not in name:
                named.add(name)
            else:
                self.other.append(_Form(canonical, anchored=True))
        self.exact, self.trees, self.named = frozenset(exact), frozenset(trees), frozenset(named)

    @property
    def searched(self) -> tuple[_Form, ...]:
        """Every glob, those of homes in each form; for values that aren't fixed."""
        if self._searched is None:
            self._searched = tuple(
                _Form(form, anchored=not glob.startswith("**"))
                for glob in self.globs
                for form in _forms(glob)
            )
        return self._searched

    def hold(self, path: str) -> bool:
        """Whether one of them matches the canonical path."""
        if path in self.exact or path.rpartition("/")[2] in self.named:
            return True
        if self.trees:
            parent = path
            while parent:
                if parent in self.trees:
                    return True
                parent = parent.rpartition("/")[0]
            if "" in self.trees and path.startswith("/"):
                return True
        return any(
            path.startswith(form.prefix)
            and path.endswith(form.suffix)
            and form.automaton.accepts(path)
            for form in self.other
        )


@lru_cache(maxsize=1_024)
def _path_globs(globs: tuple[str, ...]) -> _PathGlobs:
    return _PathGlobs(globs)


def _anywhere(glob: str) -> str:
    """A glob of a rule: without a trailing slash, and a relative one in any directory."""
    glob = glob if len(glob) == 1 else glob.rstrip("/")
    return glob if glob.startswith(("/", "~", "**")) else f"**/{glob}"


def _forms(glob: str) -> tuple[str, ...]:
    """`~/x` as every path that it may mean."""
    if not glob.startswith("~"):
        return (glob,)
    return (f"{HOME}*{glob[1:]}", *(home + glob[1:] for home in _HOMES))


def _static(path: str, globs: _PathGlobs) -> Truth:
    if _holds(path, globs):
        return Truth.CERTAIN
    if path.startswith(HOME):
        return _below_home(path, globs)
    if path.startswith("/"):
        return Truth.NO
    return Truth.POSSIBLE if any(_holds(one, globs) for one in _guesses(path)) else Truth.NO


def _holds(path: str, globs: _PathGlobs) -> bool:
    if globs.hold(path):
        return True
    below_home = home_form(path)
    return below_home is not None and globs.hold(below_home)


def _guesses(path: str) -> tuple[str, ...]:
    """Where a relative path may lie: below a home, or with `..` at the root or in another."""
    if path == "..":
        return ("/",)
    if not path.startswith("../"):
        return (f"{HOME}/{path}",)
    while path.startswith("../"):
        path = path[3:]
    if path == "..":
        return ("/",)
    user, slash, rest = path.partition("/")
    return (f"/{path}", f"{HOME}{user}/{rest}") if slash else (f"/{path}",)


def _below_home(path: str, globs: _PathGlobs) -> Truth:
    """A path below a home that no glob names as such: where may that home be?"""
    below = path.partition("/")[2]
    if below == ".." or below.startswith("../"):
        guesses = (*_guesses(below), normalise(f"/home/user/{below}"))
        return Truth.FIXED if any(_holds(one, globs) for one in guesses) else Truth.NO
    answers = [
        _inside(f"{home}/{escape(below)}".rstrip("/"), globs, anchored_only=True) for home in _HOMES
    ]
    if all(answer is Truth.CERTAIN for answer in answers):
        return Truth.CERTAIN
    return Truth.POSSIBLE if any(answers) else Truth.NO


def _pattern(glob: str, globs: _PathGlobs, *, outside: bool) -> Truth:
    found = _inside(glob, globs)
    if found is Truth.NO and not glob.startswith("/"):
        if glob.startswith(HOME):
            below = glob.partition("/")[2]
            guesses = tuple(f"{home}/{below}" for home in _HOMES)
        else:
            guesses = _guesses(glob)
        found = max(_inside(one, globs, by_name=True) for one in guesses)
        found = min(found, Truth.POSSIBLE)
    if not outside:
        return found
    if found is Truth.CERTAIN:
        return Truth.NO
    return Truth.CERTAIN if found is Truth.NO else Truth.FIXED


def _inside(
    glob: str, globs: _PathGlobs, *, by_name: bool = False, anchored_only: bool = False
) -> Truth:
    value = automaton(glob, Mode.SHELL)
    best = Truth.NO
    for form in globs.searched:
        if form.anchored and form.glob[0] != glob[0]:
            continue  # one is absolute, or below a home, and the other is not
        if (anchored_only and not form.anchored) or not form.overlaps(value):
            continue
        if form.includes(value):
            return Truth.CERTAIN
        if form.anchored and not by_name:
            best = Truth.FIXED
        elif best is Truth.NO and form.overlaps(value, by_name=True):
            best = Truth.FIXED if form.anchored else Truth.POSSIBLE
    return best


def _dynamic_inside(value: PathValue, globs: _PathGlobs) -> Truth:
    if value.globs:
        return _hole_inside(value, globs)
    if value.text and globs.hold(value.text):
        return Truth.FIXED
    ends = between("", value.suffix)
    if not value.many and any(form.includes(ends) for form in globs.searched):
        return Truth.CERTAIN
    begins = between(value.prefix, value.suffix)
    if value.prefix and any(form.includes(begins) for form in globs.searched):
        return Truth.FIXED
    # The prefix rules nothing out: `..` may follow it.
    if value.many or any(form.overlaps(ends) for form in globs.searched):
        return Truth.POSSIBLE
    return Truth.NO


def _hole_inside(value: PathValue, globs: _PathGlobs) -> Truth:
    """Of a path that a pattern bounds: whether all that it admits lie inside, some, or none."""
    admitted = [automaton(glob, Mode.SHELL) for glob in value.globs]
    certain = not value.many and all(
        any(form.includes(one) for form in globs.searched) for one in admitted
    )
    if certain:
        return Truth.CERTAIN
    # A relative one may lie below a home, as any relative word.
    relative = [glob for glob in value.globs if glob[:1] not in {"/", HOME}]
    below = [automaton(f"{HOME}/{glob}", Mode.SHELL) for glob in relative]
    reached = any(form.overlaps(one) for one in (*admitted, *below) for form in globs.searched)
    return Truth.POSSIBLE if reached else Truth.NO


def _dynamic_outside(value: PathValue, globs: _PathGlobs) -> Truth:
    match inside := _dynamic_inside(value, globs):
        case Truth.NO | Truth.CERTAIN:
            return negate(inside)
        case Truth.FIXED:
            return Truth.POSSIBLE
        case Truth.POSSIBLE if value.globs:
            return Truth.POSSIBLE
        case Truth.POSSIBLE:
            begins = between(value.prefix, value.suffix)
            decided = value.prefix and not any(form.overlaps(begins) for form in globs.searched)
            return Truth.FIXED if decided else Truth.POSSIBLE


# URLs ------------------------------------------------------------------------------------


def url_truth(word: Word, condition: Url) -> Truth:
    """Whether the part of the URL that the condition asks for matches."""
    if word.kind is WordKind.DYNAMIC or word.home:
        scheme, host = fixed_parts(word.prefix)
        known = {"scheme": scheme, "host": host, "path": None}[condition.part]
        if condition.part == "path" and word.parts and not word.many:
            return _holed_path(word, condition.patterns)
        if known is None or word.many:
            return Truth.POSSIBLE
        return certainly(names(condition.patterns, known, fold=True))
    # `?` and `[` of a URL make it a glob for the shell, which passes on what no file matches.
    text = word.text if word.kind is WordKind.STATIC else unescape(word.text)
    parts = read_url(text)
    if parts is None:
        return Truth.POSSIBLE
    value = {"scheme": parts.scheme, "host": parts.host, "path": parts.path}[condition.part]
    return certainly(names(condition.patterns, value, fold=condition.part != "path"))


def _holed_path(word: Word, patterns: Patterns) -> Truth:
    """Of the path of a URL of a pattern, whose host is written out."""
    start = path_start(word.prefix)
    if start is None:
        return Truth.POSSIBLE
    from policy.holes import language  # only patterns have them

    first, *others = word.parts
    value = language((str(first)[start:], *others))
    found = max(_hole(value, automaton(glob, Mode.TEXT), many=False) for glob in patterns.globs)
    return negate(found) if patterns.outside else found
