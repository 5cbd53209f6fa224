"""Rule texts for tests of the compiler: the smallest complete blocks, and what is made of them."""

from policy.diagnostics import Finding
from policy.dsl import compile_sources
from policy.ruleset import Rule, RuleSet
from policy.source import Source

PROGRAMS = """\
program p { option -f --force  option -n <number>  subcommand a { option -x } subcommand }
program q { option -o <path> writes }
"""
"""Two programs that rules of tests are about."""

OUTCOME = "tier high score 90"
EXAMPLES = 'match "p" no match "q"'


def rule_with(clauses: str = "", on: str = "on p", outcome: str = OUTCOME) -> str:
    """A rule that is complete but for what `clauses` add."""
    return f'rule r "does" {{ {on} {clauses} {outcome} {EXAMPLES} }}\n'


def compiled(text: str, base: str | None = None) -> RuleSet:
    """The rule set of a text that must be without findings."""
    sources = [Source("base.rules", base)] if base is not None else []
    result = compile_sources([Source("t.rules", text)], sources)
    assert [str(finding) for finding in result.findings] == []
    assert result.ruleset is not None
    return result.ruleset


def only_rule(clauses: str = "", on: str = "on p", outcome: str = OUTCOME) -> Rule:
    """The rule `r` with these clauses, compiled beside `PROGRAMS`."""
    (rule,) = compiled(PROGRAMS + rule_with(clauses, on, outcome)).rules
    return rule


def found(text: str, base: str | None = None) -> tuple[Finding, ...]:
    """What is wrong with a text."""
    sources = [Source("base.rules", base)] if base is not None else []
    return compile_sources([Source("t.rules", text)], sources).findings


def assert_only(text: str, code: str, message: str, underlined: str, hint: str = "") -> None:
    """The one finding of `text` is this: its code, message, what its carets mark, its help."""
    (finding,) = found(text)
    assert finding.at is not None
    told = (finding.code, finding.message, finding.at.text, finding.help)
    assert told == (code, message, underlined, hint)
