"""Rule sets as bytes that load fast: each rule and program is read when it is first asked for.

A decision looks at the programs and rules of a few commands, so that loading the others would
be most of the time of a process that decides once. What `load` returns equals what was given
to `dump`; its mappings and `rules` are lazy views.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar, overload

from policy.ruleset import Rule, RuleSet

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_PROTOCOL = 5
_EAGER = ("variables", "variable_patterns", "adjustments", "overridden", "digest")


def dump(rules: RuleSet) -> bytes:
    """The bytes from which `load` makes the same rule set."""
    shelf = _Writer()
    numbers = {rule.name: shelf.put(rule) for rule in rules.rules}

    def numbered(found: Sequence[Rule]) -> tuple[int, ...]:
        return tuple(numbers[rule.name] for rule in found)

    index: dict[str, Any] = {
        "rules": numbered(rules.rules),
        "programs": {name: shelf.put(program) for name, program in rules.programs.items()},
        "patterns": tuple((name, shelf.put(program)) for name, program in rules.patterns),
        "commands": {
            program: {first: numbered(found) for first, found in by_first.items()}
            for program, by_first in rules.commands.items()
        },
        "statements": {kind: numbered(found) for kind, found in rules.statements.items()},
        "assignments": numbered(rules.assignments),
        "opaque": {kind: numbered(found) for kind, found in rules.opaque.items()},
        "defaults": {path: shelf.put(default) for path, default in rules.defaults.items()},
        "secrets": tuple(shelf.put(secret) for secret in rules.secrets),
        "eager": shelf.put({name: getattr(rules, name) for name in _EAGER}),
    }
    return pickle.dumps((shelf.blobs, index), _PROTOCOL)


def load(data: bytes) -> RuleSet:
    """The rule set of bytes that `dump` made.

    The bytes are a pickle: only for data as trusted as the program itself. Raises whatever
    `pickle.loads` raises for anything else.
    """
    blobs, index = pickle.loads(data)  # noqa: S301  # see policy/shipped.py on who can write it
    one = _Shelf(blobs).get

    def several(numbers: tuple[int, ...]) -> tuple[Rule, ...]:
        return tuple(map(one, numbers))

    def by_first(numbers: dict[str, tuple[int, ...]]) -> Mapping[str, tuple[Rule, ...]]:
        return LazyMapping(numbers, several)

    return RuleSet(
        programs=LazyMapping(index["programs"], one),
        patterns=tuple((name, one(number)) for name, number in index["patterns"]),
        commands=LazyMapping(index["commands"], by_first),
        statements=LazyMapping(index["statements"], several),
        assignments=several(index["assignments"]),
        opaque=LazyMapping(index["opaque"], several),
        defaults=LazyMapping(index["defaults"], one),
        rules=LazySequence(index["rules"], one),
        secrets=LazySequence(index["secrets"], one),
        **one(index["eager"]),
    )


class LazyMapping(Mapping[K, V], Generic[K, V]):
    """A mapping whose values are made from stored ones at the first look."""

    __slots__ = ("_made", "_make", "_stored")

    def __init__(self, stored: Mapping[K, Any], make: Callable[[Any], V]) -> None:
        self._stored = stored
        self._make = make
        self._made: dict[K, V] = {}

    def __getitem__(self, key: K) -> V:
        try:
            return self._made[key]
        except KeyError:
            made = self._made[key] = self._make(self._stored[key])
            return made

    def __reduce__(self) -> tuple[type, tuple[dict[K, V]]]:
        return dict, (dict(self),)  # copies and pickles are plain

    def __contains__(self, key: object) -> bool:
        return key in self._stored

    def __iter__(self) -> Iterator[K]:
        return iter(self._stored)

    def __len__(self) -> int:
        return len(self._stored)


class LazySequence(Sequence[V], Generic[V]):
    """A sequence whose members are made from stored ones when they are looked at."""

    __slots__ = ("_make", "_stored")

    def __init__(self, stored: Sequence[int], make: Callable[[int], V]) -> None:
        self._stored = stored
        self._make = make

    @overload
    def __getitem__(self, index: int) -> V: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[V, ...]: ...
    def __getitem__(self, index: int | slice) -> V | tuple[V, ...]:
        if isinstance(index, slice):
            return tuple(map(self._make, self._stored[index]))
        return self._make(self._stored[index])

    def __len__(self) -> int:
        return len(self._stored)

    def __reduce__(self) -> tuple[type, tuple[tuple[V, ...]]]:
        return tuple, (tuple(self),)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, tuple | LazySequence):
            return NotImplemented
        return tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


class _Writer:
    """Collects pickles; what is put twice is stored once."""

    def __init__(self) -> None:
        self.blobs: list[bytes] = []
        self._numbers: dict[int, int] = {}
        self._kept: list[object] = []  # so that no id is used again

    def put(self, value: object) -> int:
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self.blobs)
            self._kept.append(value)
            self.blobs.append(pickle.dumps(value, _PROTOCOL))
        return number


class _Shelf:
    """Values by number, each unpickled once."""

    __slots__ = ("_blobs", "_values")

    def __init__(self, blobs: Sequence[bytes]) -> None:
        self._blobs = blobs
        self._values: dict[int, Any] = {}

    def get(self, number: int) -> Any:  # as typed as a pickle is
        try:
            return self._values[number]
        except KeyError:
            value = self._values[number] = pickle.loads(self._blobs[number])  # noqa: S301
            return value
