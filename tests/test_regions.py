"""Of many regions those that matter are found, and no other answer comes out."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whitelist_forms import region, regions

from policy.whitelist.containment import Region, Status, difference, overlap
from policy.whitelist.regions import RegionIndex

APPS = [region("cat", f"{{p:path /srv/app{n}/**}}") for n in range(100)]
SERVICES = [region("docker", "restart", f"web-{n}") for n in range(100)]
AGENTS = [region("docker", "restart", "{x}", agents=(f"bot-{n}",)) for n in range(100)]
HOSTS = [region("ls", targets=(f"db-{n}-*",)) for n in range(100)]
EVERYTHING = [*APPS, *SERVICES, *AGENTS, *HOSTS]


class Index(RegionIndex):
    """Looks a handful up like thousands."""

    few = 0


@pytest.mark.parametrize(
    ("one", "near"),
    [
        (region("cat", "/srv/app7/x"), [APPS[7]]),
        (region("cat", "/etc/x"), []),
        (region("cat", "{p:path /srv/app42/log/**}"), [APPS[42]]),
        (region("cat", "{p:path /srv/**}"), APPS),
        (region("cat", "x", cwd=("/srv/app7",)), APPS),  # `x` may be `/srv/app7/x`
        (region("docker", "restart", "web-7", agents=("bot-7",)), [SERVICES[7], AGENTS[7]]),
        (region("docker", "restart", "web-7", agents=("root",)), [SERVICES[7]]),
        (region("docker", "restart", "web-7"), [SERVICES[7], *AGENTS]),
        (region("docker", "restart", "{x:like web-9*}"), [SERVICES[9], *SERVICES[90:], *AGENTS]),
        (region("docker", "restart", "{x:one of web-1 web-2 y}", agents=("z",)), SERVICES[1:3]),
        (region("docker", "stop", "web-7"), []),
        (region("docker", "{x...}", agents=("bot-7*",)), [*SERVICES, AGENTS[7], *AGENTS[70:80]]),
        (region("ls", targets=("db-7-a",)), [HOSTS[7]]),
        (region("ls", targets=("db-*",), agents=("a",)), HOSTS),
    ],
)
def test_those_are_near_that_begin_alike(one: Region, near: list[Region]) -> None:
    assert [EVERYTHING[index] for index in Index(EVERYTHING).near(one)] == near


def test_who_asks_for_a_fact_covers_nothing_without_it() -> None:
    index = Index(EVERYTHING)
    assert index.candidates(region("docker", "restart", "web-7")) == [SERVICES[7]]
    assert index.candidates(region("cat", "x"), directory=False) == []
    assert index.candidates(region("cat", "x")) == APPS


def test_the_same_is_found_whatever_its_holes_are_called() -> None:
    index = Index([region("a", "{x:one of a b}"), region("a", "{x:int}", agents=("b", "a"))])
    assert index.same(region("a", "{y:one of b a}")) == 0
    assert index.same(region("a", "{y:int}", agents=("a", "b"))) == 1
    assert index.same(region("a", "{y:int}")) is None


@settings(max_examples=150, deadline=None)
@given(regions, st.lists(regions, max_size=8))
def test_whoever_shares_a_point_is_near(one: Region, others: list[Region]) -> None:
    near = set(Index(others).near(one))
    for index, other in enumerate(others):
        if overlap(one, other).status is not Status.EMPTY:
            assert index in near


@settings(max_examples=150, deadline=None)
@given(regions, st.lists(regions, max_size=8))
def test_candidates_alone_give_the_same_answer(one: Region, others: list[Region]) -> None:
    found = Index(others).difference(one)
    assert found.status is difference(one, others).status
    if found.point is not None:
        assert not any(other.admits(found.point) for other in others)


@pytest.mark.parametrize(
    "made",
    [
        lambda n: region("docker", "restart", f"web-{n}"),
        lambda n: region("cat", f"{{p:path /srv/app{n}/**}}"),
        lambda n: region("docker", "restart", "{x}", agents=(f"bot-{n}",)),
        lambda n: region("cat", f"notes{n}" if n % 2 else f"{{p:path /srv/app{n}/*}}"),
    ],
)
def test_four_times_as_many_take_hardly_more_for_one(made: Callable[[int], Region]) -> None:
    def seconds(number: int) -> float:
        index = Index(made(n) for n in range(number))
        asked = [made(number + n) for n in range(200)]
        index.difference(asked.pop())  # what is sorted on first use
        started = time.perf_counter()
        for one in asked:
            assert index.difference(one).status is Status.FOUND
        return time.perf_counter() - started

    seconds(100)
    assert min(seconds(4_000) for _ in range(3)) < 3 * min(seconds(1_000) for _ in range(3))
