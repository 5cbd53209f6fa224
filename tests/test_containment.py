"""What entries admit is compared exactly, and every answer can be shown."""

from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from whitelist_forms import form, region, regions, words

from policy.decision import Context
from policy.languages import examples
from policy.whitelist.containment import (
    Point,
    Region,
    Relation,
    Status,
    compare,
    difference,
    included,
    overlap,
)
from policy.whitelist.form import Form, Piece, piece_admits
from policy.whitelist.region import piece_at

# Tables ------------------------------------------------------------------------------------

PUSH = ("git", "push", "{remote}", "{branch}")


@pytest.mark.parametrize(
    ("one", "other", "relation", "here", "there"),
    [
        (PUSH, ("git", "push", "{args...}"), Relation.NARROWER, None, "git push"),
        (PUSH, ("git", "push", "origin", "{b}"), Relation.WIDER, "git push remote branch", None),
        (PUSH, ("git", "push", "{a}", "{b}"), Relation.EQUIVALENT, None, None),
        (
            PUSH,
            ("git", "fetch", "{a}"),
            Relation.INCOMPARABLE,
            "git push remote branch",
            "git fetch a",
        ),
        (("c", "{x...}"), ("c", "{x}", "{y...}"), Relation.WIDER, "c", None),
        (("c", "{x...:int}"), ("c", "{y...}"), Relation.NARROWER, None, "c y"),
        (("c", "a", "{x...}"), ("c", "{y...:name}"), Relation.INCOMPARABLE, "c a +x", "c"),
        (
            ("c", "{p:path /var/**}"),
            ("c", "{p:path /var/log/**}"),
            Relation.WIDER,
            "c /var/p",
            None,
        ),
        (("c", "{p:path /var/*}"), ("c", "{p:path /var/**}"), Relation.NARROWER, None, "c /var"),
        (("c", "{p:path ~/a/**}"), ("c", "{p:path ~/**}"), Relation.NARROWER, None, "c \0/p"),
        (("c", "{x:int}"), ("c", "{x:name}"), Relation.NARROWER, None, "c x"),
        (("c", "{x:name}"), ("c", "{x}"), Relation.NARROWER, None, "c +x"),
        (("c", "{x}"), ("c", "{x:text}"), Relation.NARROWER, None, "c some x"),
        (("c", "{x:one of a b}"), ("c", "{x:one of b a}"), Relation.EQUIVALENT, None, None),
        (("c", "{x:like web-*}"), ("c", "{x:like web*}"), Relation.NARROWER, None, "c web1"),
        (("c", "{x:like web-*}"), ("c", "web-{n}"), Relation.WIDER, "c web-", None),
        (("c", "web-{n:int}"), ("c", "{x:like web-*}"), Relation.NARROWER, None, "c web-main"),
        (("c", "web-{n:int}"), ("c", "web-1"), Relation.WIDER, "c web-7", None),
        (
            ("c", "--f={p:path /a/**}"),
            ("c", "--f={p:path /**}"),
            Relation.NARROWER,
            None,
            "c --f=/p",
        ),
        (("c", "{x}"), ("c", "+{x}"), Relation.WIDER, "c x", None),
    ],
)
def test_two_patterns_compare_with_a_command_on_each_side(
    one: tuple[str, ...],
    other: tuple[str, ...],
    relation: Relation,
    here: str | None,
    there: str | None,
) -> None:
    found = compare(region(*one), region(*other))
    assert found.relation is relation
    assert (shown(found.here), shown(found.there)) == (here, there)


def shown(point: Point | None) -> str | None:
    return None if point is None else " ".join(point.texts)


@pytest.mark.parametrize(
    ("one", "others"),
    [
        (("c", "{x:one of a b}"), [("c", "a"), ("c", "b")]),
        (("c", "{x:name}"), [("c", "{x:like [a-zA-Z_]*}"), ("c", "{x:like [0-9]*}")]),
        (("c", "{p:path /srv/[ab]/*}"), [("c", "{p:path /srv/a/*}"), ("c", "{p:path /srv/b/**}")]),
        (("c", "{p:path /srv/**}"), [("c", "{p:path /srv}"), ("c", "{p:path /srv/*/**}")]),
        (("c", "{x...:int}"), [("c",), ("c", "{x:int}"), ("c", "{x}", "{y}", "{z...}")]),
        (("c", "{x}", "{y:one of a b}"), [("c", "{x}", "b"), ("c", "{x}", "a")]),
        (("c", "{x:one of a b}", "{y}"), [("c", "a", "{y}"), ("c", "b", "{y...}")]),
    ],
)  # fmt: skip
def test_several_together_may_cover_what_none_covers_alone(
    one: tuple[str, ...], others: list[tuple[str, ...]]
) -> None:
    regions = [region(*other) for other in others]
    assert included(region(*one), regions)
    for left_out in range(len(regions)):
        rest = regions[:left_out] + regions[left_out + 1 :]
        assert difference(region(*one), rest).status is Status.FOUND


@pytest.mark.parametrize(
    ("one", "others", "outside"),
    [
        ({"agents": ("a", "b")}, [{"agents": ("a",)}, {"agents": ("b",)}], None),
        ({"agents": ("a", "b")}, [{"agents": ("a",)}], Context(agent="b")),
        ({"agents": ("web-*",)}, [{"agents": ("web-1",)}], Context(agent="web-")),
        ({}, [{"agents": ("*",)}], Context()),
        ({"agents": ("*",)}, [{}], None),
        ({"targets": ("a",)}, [{"environments": ("a",)}], Context(target="a")),
        ({"cwd": ("/srv/**",)}, [{"cwd": ("/srv/*/**",)}], Context(cwd="/srv")),
        ({"cwd": ("/srv/app/**",)}, [{"cwd": ("/srv/**",)}], None),
        ({"cwd": ("/srv/./a",)}, [], None),
        (
            {"agents": ("a", "b"), "environments": ("dev", "prod")},
            [{"agents": ("a",)}, {"agents": ("b",), "environments": ("dev",)}],
            Context(agent="b", environment="prod"),
        ),
    ],
)
def test_scopes_are_compared_fact_by_fact(
    one: dict[str, tuple[str, ...]],
    others: list[dict[str, tuple[str, ...]]],
    outside: Context | None,
) -> None:
    found = difference(region("c", **one), [region("c", **other) for other in others])
    assert found.point == (None if outside is None else Point("shell", form("c").pieces, outside))
    assert found.status is (Status.EMPTY if outside is None else Status.FOUND)


SRV = "{p:path /srv/**}"


@pytest.mark.parametrize(
    ("one", "others", "outside"),
    [
        # A relative path fills a hole only in a directory that is known.
        (region("c", "notes"), [region("c", SRV)], ("notes", None)),
        (region("c", "notes", cwd=("/srv/app",)), [region("c", SRV)], None),
        (region("c", "notes", cwd=("/srv/*",)), [region("c", SRV)], None),
        (region("c", "notes", cwd=("/s*",)), [region("c", SRV)], ("notes", "/sa")),
        (region("c", "../notes", cwd=("/srv/app",)), [region("c", SRV)], ("../notes", "/srv/app")),
        # A hole for a path also admits relative ones, which `like` doesn't.
        (region("c", SRV), [region("c", "{x:text}")], None),
        (region("c", "{p:path /srv}"), [region("c", "/srv")], ("srv", "/")),
        (region("c", "{p:path /srv}"), [region("c", "/srv"), region("c", "srv")], None),
        (region("c", "{p:path /srv/*}"), [region("c", "{x:like /*}")], ("/srv/a b", None)),
        (
            region("c", "{p:path /srv/[ab]}", cwd=("/srv",)),
            [region("c", "{x:like /*}")],
            ("a", "/srv"),
        ),
        (region("c", SRV, cwd=("/srv",)), [region("c", SRV)], None),
        (region("c", "{p:path app/*}"), [region("c", SRV)], ("app/p", None)),
        (region("c", "{p:path app/*}", cwd=("/srv",)), [region("c", SRV)], None),
    ],
)
def test_directories_decide_which_relative_paths_fill_a_hole(
    one: Region, others: list[Region], outside: tuple[str, str | None] | None
) -> None:
    found = difference(one, others)
    point = found.point
    assert (None if point is None else (point.texts[-1], point.context.cwd)) == outside
    assert found.status is (Status.EMPTY if outside is None else Status.FOUND)


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [
        (region(*PUSH), region("git", "push", "origin", "{b:like +*}"), "git push origin +branch"),
        (region(*PUSH), region("git", "push", "{x...}"), "git push remote branch"),
        (region("c", "{x}"), region("d", "{x}"), None),
        (region("c", "{x:int}"), region("c", "{x:like a*}"), None),
        (region("c", "{x:like *1}"), region("c", "{x:like a*}"), "c a1"),
        (region("c", "notes"), region("c", SRV), "c notes"),
        (region("c", "{x...}"), region("c", "{x...:int}"), "c"),
        (region("c", "{x...}"), region("c"), "c"),
        (region("c", "{x}"), region("c"), None),
        (region("c", agents=("a",)), region("c", agents=("b",)), None),
        (region("c", agents=("a*",)), region("c", agents=("*b",)), "c"),
        (region("c", cwd=("/a/**",)), region("c", cwd=("/b/**",)), None),
        (region("c", "notes", cwd=("/a/**",)), region("c", SRV), None),
    ],
)
def test_an_overlap_is_shown_by_a_command_of_both(
    one: Region, other: Region, common: str | None
) -> None:
    found = overlap(one, other)
    assert shown(found.point) == common
    assert found.status is (Status.EMPTY if common is None else Status.FOUND)


def test_what_the_scope_leaves_open_stays_open_in_a_witness() -> None:
    found = difference(region("c", "{x}", agents=("a",)), [region("c", "{x:int}")])
    assert found.point is not None
    assert found.point.context == Context(agent="a")


def test_words_of_other_roles_have_nothing_in_common() -> None:
    one = Region(Form("shell", (Piece("program", ("c",)), Piece("value", ("a",)))))
    assert difference(one, [region("c", "{x}")]).status is Status.FOUND
    assert overlap(one, region("c", "{x}")).status is Status.EMPTY


def test_other_languages_have_nothing_in_common() -> None:
    one = Region(Form("sql:postgres", form("c").pieces))
    assert difference(one, [region("c")]).status is Status.FOUND
    assert overlap(one, region("c")).status is Status.EMPTY


def test_beyond_the_bound_the_answer_is_unknown() -> None:
    one, other = region("c", "{p:path /var/log/**}"), region("c", "{p:path /var/**}")
    assert difference(one, [other], steps=20).status is Status.UNKNOWN
    assert compare(one, other, steps=20).relation is Relation.UNKNOWN
    assert overlap(region("c", "{x:like *a}"), region("c", "{x:like *b?}"), steps=3).status is (
        Status.UNKNOWN
    )


# Against brute force -----------------------------------------------------------------------

POOL = [
    *("a", "b", "1", "a1", "ab", "a b", "aab", "+a", "", "-a", "a.b", "c"),
    *("/", "/a", "/a/b", "/a/b/c", "/b", "/a/", "/a//b", "/a/../b", "b/a", "a/b", "../b", "./b"),
    *("\0/a", "f=/a/b", "f=/a/./b"),
]
DIRECTORIES = [None, "/", "/a", "/a/b", "/b", "a", "\0/a"]
AGENTS = [None, "a", "b", "ab"]


def members(one: Region) -> list[Point]:
    """Many points of a region, of those that the pool has and the examples of its words."""
    found = []
    for agent, directory in product(AGENTS, DIRECTORIES):
        context = Context(agent=agent, cwd=directory)
        if not one.scope.admits(context, directory):
            continue
        fixed = len(one.form.pieces)
        sizes = range(fixed, fixed + (3 if one.form.rest else 1))
        for size in sizes:
            levels = []
            for level in range(size):
                mine = piece_at(one.form, level)
                assert mine is not None
                some = {*POOL, "c", *examples(mine.parts)}
                levels.append(
                    [
                        piece
                        for text in sorted(some)
                        if piece_admits(mine, piece := Piece(mine.role, (text,)), directory)
                    ][: 30 if size < 4 else 6]
                )
            found += [Point("shell", pieces, context) for pieces in product(*levels)]
    return found[:: 1 + len(found) // 3_000]


@settings(max_examples=150, deadline=None)
@given(regions, st.lists(regions, max_size=4))
def test_a_difference_is_empty_only_if_no_sample_is_outside(
    one: Region, others: list[Region]
) -> None:
    found = difference(one, others)
    assert found.status is not Status.UNKNOWN
    if found.status is Status.FOUND:
        point = found.point
        assert point is not None
        assert one.admits(point)
        assert not any(other.admits(point) for other in others)
    else:
        for point in members(one):
            assert one.admits(point)
            assert any(other.admits(point) for other in others), point


@settings(max_examples=150, deadline=None)
@given(regions, regions)
def test_an_overlap_is_empty_only_if_no_sample_is_in_both(one: Region, other: Region) -> None:
    found = overlap(one, other)
    assert found.status is not Status.UNKNOWN
    assert overlap(other, one).status is found.status
    if found.point is not None:
        assert one.admits(found.point)
        assert other.admits(found.point)
    else:
        assert not any(other.admits(point) for point in members(one))


@settings(max_examples=100, deadline=None)
@given(st.lists(regions, min_size=1, max_size=3), words)
def test_what_is_split_is_covered_by_its_parts(others: list[Region], word: str) -> None:
    narrow = Region(form("c", word), others[0].scope)
    wide = Region(form("c", "{x:text}"), others[0].scope)
    assume(word and not word.startswith(("-", "{p:path ~")))
    assert included(narrow, [*others, wide])
    assert included(narrow, [*others, narrow])


@settings(max_examples=100, deadline=None)
@given(regions, st.lists(regions, max_size=3), regions)
def test_more_regions_only_cover_more(one: Region, others: list[Region], more: Region) -> None:
    if included(one, others):
        assert included(one, [*others, more])
