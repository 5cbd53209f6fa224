"""`@frozen` gives what `dataclass(frozen=True, slots=True)` gives."""

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace

import pytest

from policy.frozen import frozen


@frozen
class Point:
    """A point."""

    x: int
    y: int = 0
    tags: list[str] = field(default_factory=list)
    label: str = field(default="", compare=False)


@frozen
class Single:
    value: object


@frozen
class Empty:
    pass


@dataclass(frozen=True, slots=True)
class Other:
    value: object


VALUES = [Point(1), Point(1, 2, ["a"], "b"), Single((1, 2)), Single(Single(None)), Empty()]


def test_equal_fields_make_equal_values() -> None:
    assert Point(1, label="a") == Point(1, 0, [], "b")
    assert Point(1) != Point(2)
    assert Single(1) != Other(1)
    assert Empty() == Empty()
    assert {Single((1, 2)): 1, Empty(): 2} == {Single((1, 2)): 1, Empty(): 2}
    assert hash(Single(1)) != hash(Single(2))


def test_each_value_has_its_own_default() -> None:
    assert Point(1).tags is not Point(1).tags


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "missing 1 required positional argument: 'x'"),
        ({"x": 1, "z": 2}, "unexpected keyword argument 'z'"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, int], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Point(**arguments)  # type: ignore[arg-type]  # what is tested


def test_nothing_can_be_changed() -> None:
    with pytest.raises(FrozenInstanceError, match="`x` of Point can't be changed"):
        Point(1).x = 2  # type: ignore[misc]  # what is tested
    with pytest.raises(FrozenInstanceError):
        del Point(1).x
    with pytest.raises(FrozenInstanceError):
        Point(1).z = 2  # type: ignore[attr-defined]  # what is tested
    assert not hasattr(Point(1), "__dict__")


def test_it_is_shown_as_it_is_made() -> None:
    assert repr(Point(1)) == "Point(x=1, y=0, tags=[], label='')"
    assert repr(Empty()) == "Empty()"


@pytest.mark.parametrize("value", VALUES)
def test_copies_are_equal(value: object) -> None:
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(value, protocol)) == value
    assert copy.deepcopy(value) == value == copy.copy(value)


def test_dataclasses_know_it() -> None:
    assert [one.name for one in fields(Point)] == ["x", "y", "tags", "label"]
    assert replace(Point(1, 2), y=3) == Point(1, 3)
    match Point(1, 2):
        case Point(x, y=2):
            assert x == 1
        case _:
            pytest.fail("a pattern with positions doesn't match")
