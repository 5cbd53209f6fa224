"""Reads shell text: every command, redirect and substitution that it can run, as actions.

text ─► plain words ────────────────────────────────┐
     └► here-documents ─► bashlex, tree-sitter ─► tree ─► interpreter ─► actions
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy.plan import Action, Limits
from policy.ruleset import RuleSet

if TYPE_CHECKING:
    from policy.parse.shell.spent import Spent


def read_shell(
    text: str, rules: RuleSet, limits: Limits, depth: int = 0, spent: Spent | None = None
) -> tuple[Action, ...]:
    """What a shell text would do; parts that can't be understood are opaque actions.

    `depth` is how deeply the text is nested already, `spent` what the text around it has used
    of the limits. Never raises for any text.
    """
    from policy.parse.shell.plain import read_plain

    plain = read_plain(text, rules, limits) if depth < limits.depth else None
    if plain is not None:
        return plain
    from policy.parse.shell.interpret import interpret

    return interpret(text, rules, limits, depth, spent)
