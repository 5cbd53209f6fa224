"""Every code of the compiler, and the whole message that people see for it.

The messages stand in tests/golden/rules; UPDATE_GOLDEN=1 writes them anew, look at the diff.
"""

import pytest
from dsl_texts import OUTCOME, PROGRAMS, found, rule_with
from goldens import assert_golden

from policy.diagnostics import render_all
from policy.dsl.codes import Code

NOTHING_ELSE = 'match "p" no match "q"'

SECRET = 'redact "key" { text "key-*" match "a key-1" no match "a" }\n'

TEXTS = {
    Code.SYNTAX: PROGRAMS + rule_with(outcome="tier high score high"),
    Code.KEYWORD: PROGRAMS + rule_with(outcome="tier high\n    scroe 90"),
    Code.CHARACTER: PROGRAMS + rule_with("when argument *.txt"),
    Code.STRING: 'set s { "one\n  two }\n',
    Code.ESCAPE: PROGRAMS + rule_with('when argument "a\\.b"'),
    Code.UNFINISHED: "program p {\n    option -f\n\n" + "program q { }\n",
    Code.ENCODING: "program p { } # \u202e } tfel ot thgir {\nprogram q { } # caf\ufffd\n",
    Code.NESTING: PROGRAMS + rule_with("when " + "not " * 70 + "no arguments"),
    Code.TIER: PROGRAMS + rule_with(outcome="tier hihg score 90"),
    Code.MARKER: "program p { option -o <path> writs }\nenvironment PATH riksy\n",
    Code.STYLE: "program p { style gun }",
    Code.TYPE: "program p { option -o <pth>  operands <path postgres>}",
    Code.DIALECT: "program p { option -c <sql>  stdin <sql postgress> }",
    Code.OPAQUE: rule_with(on="on opaque (unparsed | dynamic)"),
    Code.INPUT: PROGRAMS + rule_with("when input pip"),
    Code.DYNAMIC: PROGRAMS + rule_with("when dynamic (argument | path)"),
    Code.VIA: PROGRAMS + rule_with("when via (substitution | sodu)"),
    Code.EFFECT: PROGRAMS + rule_with("when effect netwrok effects network"),
    Code.DUPLICATE_RULE: PROGRAMS + rule_with() + rule_with(),
    Code.DUPLICATE_PROGRAM: "program p { }\nprogram q p { }\n",
    Code.DUPLICATE_SET: PROGRAMS + "set s { a }\nset s { b }\n" + rule_with("when argument @s"),
    Code.DUPLICATE_DEFAULT: 'default medium 60 "unknown"\ndefault high 90 "unknown"\n',
    Code.DUPLICATE_VARIABLE: "environment PAGER <shell>\nprogram p { environment PAGER }\n",
    Code.OVERRIDE_OF_NOTHING: PROGRAMS + "override " + rule_with(),
    Code.UNDEFINED_SET: PROGRAMS + "set files { a }\nset more { @files b }\n"
    + rule_with("when argument (@more | @fils)"),
    Code.CYCLIC_SET: PROGRAMS + "set a { x @b }\nset b { @a y }\n" + rule_with("when argument @a"),
    Code.UNKNOWN_PROGRAM: PROGRAMS + rule_with(on="on (p | pq | frobnicate)"),
    Code.NO_SUBCOMMANDS: PROGRAMS + rule_with(on="on q a"),
    Code.UNDECLARED_OPTION: PROGRAMS + rule_with("when option (--forse | -x | -z)"),
    Code.DUPLICATE_SECRET: SECRET + SECRET,
    Code.EMPTY_SET: PROGRAMS + "set s { }\n" + rule_with("when argument @s"),
    Code.MISSING_TIER: PROGRAMS + rule_with(outcome="score 90"),
    Code.MISSING_SCORE: PROGRAMS + rule_with(outcome="tier medium"),
    Code.MISSING_ON: rule_with(on=""),
    Code.MISSING_EXAMPLE: PROGRAMS + f'rule r "does" {{ on p {OUTCOME} }}',
    Code.MISSING_NEAR_MISS: PROGRAMS
    + f'rule r "does" {{ on p when no arguments {OUTCOME} match "p" }}',
    Code.REPEATED_CLAUSE: PROGRAMS + rule_with(outcome="tier high\n    score 90\n    tier high"),
    Code.SCORE_OUTSIDE_BAND: PROGRAMS + rule_with(outcome="tier medium score 70"),
    Code.TTL_WITHOUT_MEDIUM: PROGRAMS + rule_with("ttl 7d"),
    Code.APPROVALS: PROGRAMS + rule_with("approvals 0"),
    Code.OPTIONS_WITHOUT_LOW: PROGRAMS + rule_with("options (-f | --force)"),
    Code.DENY_CONFLICT: PROGRAMS + rule_with("approvals 2", outcome="deny"),
    Code.NEVER_CONFLICT: PROGRAMS + rule_with("never whitelist"),
    Code.EXAMPLE_TWICE: PROGRAMS + rule_with('match "p"'),
    Code.EMPTY_TEXT: PROGRAMS + rule_with('undo " "'),
    Code.ZERO_TTL: PROGRAMS + rule_with("ttl 0d", outcome="tier medium score 40"),
    Code.EMPTY_SECRET: 'redact "key" { match "a" no match "b" }',
    Code.OPEN_SECRET: 'redact "key" {\n    text "*-key"  named "*k" "a b"  sql "* by"\n'
    '    match "a"  no match "b"\n}',
    Code.DUPLICATE_OPTION: "program p {\n    option -f --force\n    option -f <path>\n}",
    Code.DUPLICATE_SUBCOMMAND: "program p { subcommand a b { }  subcommand b { } }",
    Code.REPEATED_STATEMENT: "program p {\n    style gnu\n    style posix\n}",
    Code.OPTION_NAME: 'program p { option "force"  option "--color=auto"  option -- }',
    Code.GUARD_OPTION: "program p { operand 1 <code> unless option -e }",
    Code.POSITION: "program p { operand 0 <path> }",
    Code.NEGATIVE_SCORE: 'adjust "less" when via p { score -5 }\nprogram p { adjust score +0 }',
    Code.TYPE_HERE: "program p { stdin <path> }\nenvironment HOST <target>\n",
    Code.OPERANDS_WITH_SUBCOMMANDS: "program p { subcommand a { }  runs arguments from 2 }",
    Code.SUBCOMMAND_NAME: 'program p { subcommand "a*" { } }',
    Code.SAME_OPERAND: "program p { operand 1 <path>  operand 1 <url> }",
    Code.PROGRAM_NAME: 'program "/bin/p" { }',
    Code.VARIABLE_NAME: 'environment "A=1" "$HOME" "LC_*"',
    Code.SECRET_OPTION: "program p {\n    option --stdin  option --password <value>\n"
    '    redact "password" option --stdin --pasword\n}',
    Code.WRONG_SUBJECT: PROGRAMS + rule_with("when not bounded")
    + 'rule s "does" { on sql delete when no arguments '
    + f"{OUTCOME} {NOTHING_ELSE} }}",
    Code.TIER_CONDITION: PROGRAMS + rule_with("when tier at least medium"),
    Code.COUNT: PROGRAMS + rule_with("when arguments at least 0"),
    Code.UNUSED_SET: "set s { a }",
    Code.REPEATED_MEMBER: PROGRAMS + rule_with("when argument (a | b | a)"),
}  # fmt: skip


@pytest.mark.parametrize("code", Code, ids=lambda code: code.code)
def test_every_code_has_its_message(code: Code) -> None:
    findings = found(TEXTS[code])
    assert {finding.code for finding in findings} == {code.code}
    assert {finding.severity for finding in findings} == {code.severity}
    assert_golden(f"rules/{code.code}.txt", render_all(findings) + "\n")


def test_codes_are_never_used_twice() -> None:
    assert len({code.code for code in Code}) == len(Code)


def test_the_message_of_the_design() -> None:
    lines = [f"# {number}" for number in range(1, 23)]
    text = "\n".join([*lines, 'rule r "does" { on any match "p"', "    tier hihg", "score 90 }"])
    assert str(found(text)[0]) == (
        "error[PL201]: unknown tier `hihg`\n"
        "  --> t.rules:24:10\n"
        "   |\n"
        "24 |     tier hihg\n"
        "   |          ^^^^ expected `low`, `medium` or `high`\n"
        "   = help: did you mean `high`?"
    )
