"""One run finds everything that is wrong in all files, and no text is too strange for it."""

from dsl_texts import OUTCOME, PROGRAMS, found, rule_with
from hypothesis import given
from hypothesis import strategies as st

from policy.diagnostics import render_all
from policy.dsl import compile_sources
from policy.dsl.grammar import parser
from policy.source import Source

BROKEN = """\
program frob {
    option -f --force
    opton -x
    option -y <pth>
    subcommand run {
        runs arguments frm 2
    }
    default medium 80 "x"
}

rule frob.x "does" {
    on frob run
    when opton (-f) or
         argument "x"
    tier hihg
    score 90
    match "a\\.b {}"
    no match "x
}

ruel frob.z "x" { on frob tier low score 1 match "frob" }

rule frob.w "x" {
    on frob run
    teir low
    effects network
    undoo "x"
}

rule frob.v "does" {
    on frob
    tier low score 1
    match "frob"

rule frob.u "does" {
    on frobb
    tier low
    score 30
    match "frob"
}
"""


def test_every_error_of_a_file_is_found() -> None:
    told = [
        (finding.code, finding.at.line, finding.at.text)
        for finding in found(BROKEN)
        if finding.at is not None
    ]
    assert told == [
        ("PL102", 3, "opton"),
        ("PL204", 4, "pth"),
        ("PL102", 6, "frm"),
        ("PL407", 8, "80"),
        ("PL102", 13, "opton"),
        ("PL201", 15, "hihg"),
        ("PL105", 17, "\\."),
        ("PL104", 18, '"x'),
        ("PL102", 21, "ruel"),
        ("PL102", 25, "teir"),
        ("PL102", 27, "undoo"),
        ("PL106", 30, "{"),
        ("PL309", 36, "frobb"),
        ("PL407", 38, "30"),
    ]


def test_the_errors_of_all_files_are_found_in_order() -> None:
    sources = [
        Source("b.rules", 'rule b "x" { on nothing tier low score 1 match "b" }'),
        Source("a.rules", "program a {"),
        Source("c.rules", 'set s { "x }'),
    ]
    findings = compile_sources(sources).findings
    assert [(one.code, str(one.at)) for one in findings] == [
        ("PL106", "a.rules:1:11"),
        ("PL309", "b.rules:1:17"),
        ("PL104", "c.rules:1:9"),
    ]


def test_what_is_broken_is_still_known_to_the_rest() -> None:
    text = "program p { option }\nset s { a* }\n" + rule_with("when option -f and argument @s")
    assert [finding.code for finding in found(text)] == ["PL101", "PL103"]


def test_nothing_is_built_from_a_text_with_errors() -> None:
    assert compile_sources([Source("t.rules", PROGRAMS + rule_with(on="on z"))]).ruleset is None


def test_a_file_without_indentation_is_read_all_the_same() -> None:
    text = f'program p {{\nenvironment A\ndefault high 80 "x"\n}}\n{rule_with()}'
    assert found(text) == ()


def test_line_ends_of_any_kind() -> None:
    assert found((PROGRAMS + rule_with()).replace("\n", "\r\n")) == ()


def test_many_errors_are_no_endless_work() -> None:
    text = 'rule r "does" {\n' + '    bad "line"\n' * 500 + "}\n"
    assert 1 <= len(found(text)) <= 20


# Any text -------------------------------------------------------------------------------------

WORDS = sorted({word for words in parser().words.values() for word in words})
PIECES = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(["p", "-f", "--force", "@s", '"x"', "'y'", "40", "+5", "7d", "\n", "#", '"']),
    st.sampled_from(['rule r "x" {', "program p {", "set s {", "}\n", "}\nrule ", "on p when "]),
    st.text(max_size=3),
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=40).map(" ".join)))
def test_any_text_gives_findings_and_never_an_exception(text: str) -> None:
    compiled = compile_sources([Source("any.rules", text)])
    render_all(compiled.findings)
    assert (compiled.ruleset is None) == any(f.severity.value == "error" for f in compiled.findings)


@given(st.integers(0, len(BROKEN)), st.integers(0, 40), st.lists(PIECES, max_size=3).map(" ".join))
def test_any_edit_of_a_file_gives_findings(start: int, length: int, inserted: str) -> None:
    text = BROKEN[:start] + inserted + BROKEN[start + length :]
    render_all(compile_sources([Source("any.rules", text)]).findings)


VALID = PROGRAMS + rule_with() + f'rule s "x" {{ on q {OUTCOME} match "q" }}\n'


@given(st.integers(0, len(VALID)), st.integers(0, 40), st.lists(PIECES, max_size=2).map(" ".join))
def test_any_edit_of_a_valid_file_compiles_or_gives_errors(
    start: int, length: int, inserted: str
) -> None:
    text = VALID[:start] + inserted + VALID[start + length :]
    compiled = compile_sources([Source("any.rules", text)], [Source("base.rules", VALID)])
    assert compiled.ruleset is not None or compiled.findings
