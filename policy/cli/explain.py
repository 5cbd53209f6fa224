"""`policy check --explain`: what a text would run, as a tree with the verdict of each part."""

from __future__ import annotations

from shlex import quote
from typing import TextIO

from rich.text import Text
from rich.tree import Tree

from policy.cli import wording
from policy.cli.console import console_of
from policy.decision import Decision, Judged
from policy.visible import shorten, visible

_LONGEST = 160


def explain(decision: Decision, stream: TextIO, coloured: bool) -> None:
    """Write the tree: a branch for each step through which something is reached.

    multi-party  high, score 97: 2 people must approve
    `-- sudo
        `-- rm -rf /srv/data  multi-party  high, score 97
            deletes a directory tree (rm.recursive, coreutils.rules:41)
    """
    console = console_of(stream, coloured)
    tree = Tree(_head(decision))
    branches: dict[tuple[str, ...], Tree] = {}
    for action in decision.actions:
        paths = [action.via[:depth] for depth in range(1, len(action.via) + 1)]
        # Only neighbours share a branch: the tree keeps the order of the text.
        branches = {path: branches[path] for path in paths if path in branches}
        branch = tree
        for path in paths:
            if path not in branches:
                branches[path] = branch.add(Text(visible(path[-1])))
            branch = branches[path]
        branch.add(_leaf(action))
    console.print(tree)


def _head(decision: Decision) -> Text:
    asked = wording.asked(decision)
    head = Text(str(decision.verdict), style=f"bold {wording.colour(decision.verdict)}")
    head.append(f"  {wording.placed(decision)}" + (f": {asked}" if asked else ""), style="default")
    return head


def _leaf(action: Judged) -> Text:
    leaf = Text(shorten(visible(_source(action)), _LONGEST), style="default")
    leaf.append("  ")
    leaf.append(str(action.verdict), style=wording.colour(action.verdict))
    leaf.append(f"  {wording.placed(action)}")
    for reason in action.reasons:
        leaf.append("\n")
        leaf.append(wording.cited(reason), style="dim")
    return leaf


def _source(action: Judged) -> str:
    """The action's own text; its words where these say more: the values of what it expands,
    or what a quoted word holds.
    """
    words = " ".join("?" if word is None else quote(word) for word in action.argv)
    known = None not in action.argv and any(c in action.source for c in "$`{")
    quoted = action.source[:1] in {"'", '"'}
    return words if words and (quoted or known or not action.source) else action.source
