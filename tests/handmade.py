"""Actions, rules and contexts made by hand, to judge without reading any text."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from policy.dsl import compile_sources
from policy.plan import Action, Command, OptionUse, Plan, Word, WordKind, dynamic, static
from policy.ruleset import RuleSet
from policy.source import Source


@cache
def rules(text: str) -> RuleSet:
    """The rule set of a text in the rule language, which must be without errors."""
    compiled = compile_sources([Source("test.rules", text)])
    assert compiled.ruleset is not None, [finding.message for finding in compiled.findings]
    return compiled.ruleset


def word(text: str) -> Word:
    """A word as people write it here: `$x` and `/srv/$x.log` dynamic, `"$x"` one word of it,
    `*` and `?` globs, `~` a home, anything else static.
    """
    quoted = text.startswith('"') and len(text) > 1
    text = text.strip('"') if quoted else text
    if "$" in text:
        prefix, _, rest = text.partition("$")
        return dynamic(text, (0, 0), prefix, rest[1:], many=not quoted)
    home = text.startswith("~") and not quoted
    if not quoted and ("*" in text or "?" in text):
        special = min(text.find(one) for one in "*?" if one in text)
        last = max(text.rfind(one) for one in "*?")
        return Word(
            WordKind.PATTERN, text, (0, 0), text[:special], text[last + 1 :], many=True, home=home
        )
    return Word(WordKind.STATIC, text, (0, 0), text, text, home=home)


def words(text: str) -> tuple[Word, ...]:
    return tuple(map(word, text.split()))


def option(name: str, value: str | None = None, *markers: str, declared: bool = True) -> OptionUse:
    names = tuple(name.split("|"))
    return OptionUse(names, (0, 0), word(value) if value else None, declared, markers)


def command(
    text: str = "x",
    *options: OptionUse,
    reads: str = "",
    writes: str = "",
    deletes: str = "",
    urls: str = "",
    open_options: bool = False,
    cd: str | None = None,
) -> Action:
    """`git/push a b`: program, subcommands and operands; the rest as it is given."""
    first, *operands = text.split() or [""]
    program, *subcommands = first.split("/")
    made = Command(
        program=program,
        words=tuple(static(part) for part in (program, *subcommands)) + words(" ".join(operands)),
        subcommands=tuple(subcommands),
        options=options,
        operands=words(" ".join(operands)),
        reads=words(reads),
        writes=words(writes),
        deletes=words(deletes),
        urls=words(urls),
        open_options=open_options,
        known=True,
    )
    return Action(made, (0, len(text)), directory=None if cd is None else word(cd))


def plan(*actions: Action) -> Plan:
    return Plan("x" * 80, "shell", actions)


def through(action: Action, *via: object) -> Action:
    return replace(action, via=via)
