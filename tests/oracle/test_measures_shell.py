"""Each safety measure of the shell's readers is needed: without it, bash does what no plan says.

A parser's mistake is played, as it was or may be: with the measure the text isn't understood,
and without it the oracle reports what was missed.
"""

from __future__ import annotations

from contextlib import ExitStack
from unittest.mock import patch

import pytest

from oracle.cover import covered
from oracle.needs import unavailable
from oracle.sandbox import Answer, Sandbox, Unavailable
from policy import Engine
from policy.parse.shell import bashlex_reader, readers, tree_sitter_reader
from policy.parse.shell.parts import WordError
from policy.parse.shell.recorder import Recorder
from policy.parse.shell.syntax import Expression, NotAccepted, Script, sequence

LOWERING = tree_sitter_reader._Lowering  # noqa: SLF001 - the closed list is private


@pytest.fixture(scope="module")
def sandbox():
    try:
        with Sandbox() as made:
            yield made
    except Unavailable as wrong:
        unavailable(str(wrong))


def missed(sandbox, text, *patches):
    with ExitStack() as stack:
        for one in patches:
            stack.enter_context(one)
        engine = Engine.load()
        plan, decision = engine.plan(text), engine.decide(text)
    found = set()
    for answer in Answer:
        found.update(covered(plan, decision, sandbox.run(text, answer=answer)).missed)
    return found


def unchecked():
    """What a tree leaves out of its text isn't looked for."""
    return patch.object(readers, "check_leftovers", lambda *_: None)


# Agreement of the parsers ------------------------------------------------------------------


def first_of(*parsers):
    """The first tree that there is, whatever the other parser says."""

    def parse(text, readable):
        for parser in parsers:
            try:
                return parser.parse(text, readable)
            except (NotAccepted, WordError) as error:
                refused = error
        raise refused

    return patch.object(readers, "_parse", parse)


MISTAKES = [  # what each lowering did wrong once, or would without a repair
    (
        "if p1; then p2; elif p3; then p4; elif p5; then p6; else p7; fi",
        patch.object(bashlex_reader, "_flat", lambda parts: parts),
        patch.object(bashlex_reader, "_is_keyword", lambda node: node.kind == "reservedword"),
        bashlex_reader,
        {"ran p5", "ran p6", "ran p7"},
    ),
    (
        "p1 >out a",
        patch.object(LOWERING, "behind", lambda self, node, found: []),
        patch.object(LOWERING, "behind", lambda self, node, found: []),
        tree_sitter_reader,
        {"ran p1 a"},
    ),
]


@pytest.mark.parametrize(("text", "one", "two", "parser", "happened"), MISTAKES)
def test_a_mistake_of_one_parser_is_caught_by_the_other(sandbox, text, one, two, parser, happened):
    other = tree_sitter_reader if parser is bashlex_reader else bashlex_reader
    assert missed(sandbox, text) == set()
    assert missed(sandbox, text, one, two) == set()
    assert missed(sandbox, text, one, two, first_of(other, parser)) == set()
    alone = first_of(parser, other)
    assert missed(sandbox, text, one, two, alone) == set()  # what it leaves out is found
    assert missed(sandbox, text, one, two, alone, unchecked()) & happened


# Closed lists of nodes ---------------------------------------------------------------------


def strange(kind):
    """A parser that has a name of its own for a node, as its next version may."""
    known = LOWERING._node  # noqa: SLF001 - see above

    def lower(self, node):
        if node.type == kind:
            raise self.refuse(node)
        return known(self, node)

    return patch.object(LOWERING, "_node", lower)


def skipping():
    """An unknown node is nothing."""
    known = LOWERING.node

    def lower(self, node):
        try:
            return known(self, node)
        except NotAccepted as error:
            if not error.unknown:
                raise
            start = self.span(node)[0]
            return Expression((start, start), (), (start, start))

    return patch.object(LOWERING, "node", lower)


@pytest.mark.parametrize(
    ("text", "kind", "happened"),
    [
        ("case a in a) p1;; esac", "case_statement", "ran p1"),
        ("for ((i=0; i<1; i++)); do p1; done", "c_style_for_statement", "ran p1"),
        ("x=(a); p1 ${x[0]} >out", "redirected_statement", "ran p1 a"),
    ],
)
def test_a_node_that_the_lowering_does_not_know_is_not_skipped(sandbox, text, kind, happened):
    assert missed(sandbox, text, strange(kind)) == set()
    assert happened not in missed(sandbox, text, strange(kind), skipping())  # it is left out
    assert happened in missed(sandbox, text, strange(kind), skipping(), unchecked())


def tolerant():
    """What tree-sitter couldn't read is nothing, too."""

    def parse(text, readable):
        parser = tree_sitter_reader._parser()  # noqa: SLF001 - see above
        root = parser.parse(readable.encode()).root_node
        items = LOWERING(text, None).items(c for c in root.children if not c.is_error)
        return Script(text, sequence(items, (0, len(text))) if items else None)

    return patch.object(tree_sitter_reader, "parse", parse)


def test_an_error_of_tree_sitter_is_not_skipped(sandbox):
    text = "[\\\n[ a == a ]] && p1"
    assert missed(sandbox, text) == set()
    assert missed(sandbox, text, tolerant()) == set()  # it is left out
    assert "ran p1" in missed(sandbox, text, tolerant(), unchecked())


# Refusals of the word reader ---------------------------------------------------------------


def unsaid():
    """What can't be read says nothing."""
    return patch.object(Recorder, "opaque", lambda self, *_: None)


@pytest.mark.parametrize(
    ("text", "happened"),
    [
        ("p1 <<E\n$\\\n(p2)\nE", "ran p2"),
        ("p1 <<E\n${x:-'$(p2)'}\nE", "ran p2"),
        ("p1 $'\\x{41}'", "ran p1 A"),
        ("sh -c 'p1 {a,b}'", "ran p1 {a,b}"),
        ("x='a[$(p1)]'; (( x ))", "ran p1"),
        ("declare -i x; read x <<< 'a[$(p1)]'", "ran p1"),
    ],
)
def test_what_the_reader_is_not_sure_of_is_said(sandbox, text, happened):
    assert missed(sandbox, text) == set()
    assert happened in missed(sandbox, text, unsaid())
