"""Whitelist files: what is written is read again, and nothing that isn't meant is read."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from time import perf_counter

import pytest
import yaml
from goldens import assert_golden
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from whitelist_strategies import AWKWARD, documents, entries, texts

from policy.decision import Tier
from policy.diagnostics import WhitelistError, render_all
from policy.whitelist.canonical import block, dump
from policy.whitelist.codes import Code
from policy.whitelist.document import Document, load
from policy.whitelist.entry import Approval, Entry, Scope
from policy.whitelist.nodes import LARGEST, MOST_FINDINGS, MOST_NODES, other_type
from policy.whitelist.pattern import Pattern

ENTRY = """\
- command: docker restart {service}
  tier: medium
  expires: 2026-11-29T12:00:00Z
  approved:
    by: [alice]
    at: 2026-11-22T12:00:00Z
"""
HEAD = "version: 1\nentries:\n"
FILE = HEAD + ENTRY
APPROVED = ENTRY[ENTRY.index("  approved:") :]


def changed(old: str, new: str) -> str:
    """The file with one part written otherwise."""
    assert FILE.count(old) == 1
    return FILE.replace(old, new)


def with_line(line: str) -> str:
    """The file whose entry has one more line; it is line 9, and begins in column 3."""
    return f"{FILE}  {line}\n"


def mistakes(text: str | bytes) -> list[str]:
    """Code, line and column of everything that is wrong with a text."""
    with pytest.raises(WhitelistError) as caught:
        load(text)
    return [
        f"{one.code} {':'.join(map(str, one.at.position))}" if one.at else one.code
        for one in caught.value.findings
    ]


@pytest.fixture(params=["libyaml", "python"])
def _parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs a test with and without pyyaml's C parts."""
    if request.param == "python":
        without_c(monkeypatch)
    elif not yaml.__with_libyaml__:
        pytest.skip("pyyaml was built without libyaml")


def without_c(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    monkeypatch.delattr(yaml, "CSafeDumper", raising=False)


def both_ways(work: Callable[[], object]) -> tuple[object, object]:
    """What `work` returns with and without pyyaml's C parts."""
    fast = work()
    with pytest.MonkeyPatch.context() as patch:
        without_c(patch)
        return fast, work()


# What is written -------------------------------------------------------------------------

MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)
FULL = Entry(
    Pattern("docker restart {service}", via=("sudo -u deploy",)),
    Tier.MEDIUM,
    Approval(("alice", "bob"), MOMENT, "routine restart during deploys"),
    MOMENT + timedelta(days=7),
    Scope(("deploy-bot",), ("web-*",), ("prod",), ("/srv/app/**",)),
    45,
    "docker.restart@0d3f5a12bc34",
    "text",
)
SMALL = Entry(Pattern("uptime"), Tier.LOW, Approval(("alice",), MOMENT))
QUERY = replace(SMALL, pattern=Pattern("SELECT a\n  FROM t", "sql:postgres"))


def test_the_canonical_file() -> None:
    odd = replace(SMALL, pattern=Pattern("printf '\\x1b' \u202e 'a: b' #é"), note="yes")
    assert_golden("whitelist/canonical.yaml", dump(Document((QUERY, odd, SMALL, FULL))).decode())


def test_a_whitelist_without_entries() -> None:
    assert dump(Document()) == b"version: 1\nentries: []\n"
    assert load(b"version: 1\nentries: []\n") == Document()


def test_one_entry_is_shown_as_its_block() -> None:
    assert block(SMALL) in dump(Document((FULL, SMALL))).decode()


@settings(suppress_health_check=[HealthCheck.too_slow])  # the first draw builds strategies
@given(documents())
def test_a_written_document_is_read_again(document: Document) -> None:
    written = dump(document)
    read = load(written)
    assert set(read.entries) == set(document.entries)
    assert read.warnings == ()
    assert dump(read) == written


@settings(suppress_health_check=[HealthCheck.too_slow])  # the first draw builds strategies
@given(documents())
def test_the_order_of_entries_does_not_matter(document: Document) -> None:
    assert dump(Document(document.entries[::-1])) == dump(document)


@settings(suppress_health_check=[HealthCheck.too_slow])  # the first draw builds strategies
@given(documents())
def test_both_parsers_and_both_emitters_agree(document: Document) -> None:
    written, also = both_ways(lambda: dump(document))
    assert written == also
    assert isinstance(written, bytes)
    fast, slow = both_ways(lambda: load(written))
    assert fast == slow


@given(entries())
def test_each_value_has_one_line_of_plain_characters(entry: Entry) -> None:
    lines = block(entry).splitlines()
    assert all(re.fullmatch(r"(- |  |    )[a-z]+:.*", line) for line in lines)
    assert all(line.isascii() and line.isprintable() for line in lines)


@pytest.mark.parametrize("text", AWKWARD)
@pytest.mark.usefixtures("_parser")
def test_other_programs_read_the_same_texts(text: str) -> None:
    entry = replace(SMALL, note=text, approved=replace(SMALL.approved, reason=text))
    (found,) = yaml.safe_load(dump(Document((entry,))))["entries"]
    assert (found["note"], found["approved"]["reason"]) == (text, text)


@given(st.from_regex(r"[-+]?[0-9._:eExoT, Zz-]{1,12}|[~=<a-zA-Z.]{1,5}", fullmatch=True) | texts)
@example("1:30")
@example("2026-01-01 12:00:00")
def test_what_another_reader_may_type_is_quoted(text: str) -> None:
    resolved = yaml.SafeLoader("").resolve(yaml.ScalarNode, text, (True, False))
    assert other_type(text) or resolved == "tag:yaml.org,2002:str" or text in "!&*"


# What isn't written ----------------------------------------------------------------------

UNWRITABLE = [
    ("high", replace(SMALL, tier=Tier.HIGH), "WL305"),
    ("medium without an end", replace(FULL, expires=None), "WL309"),
    ("a score outside the band", replace(FULL, score=70), "WL306"),
    ("nobody", replace(SMALL, approved=Approval((), MOMENT)), "WL301"),
    ("one person twice", replace(SMALL, approved=Approval(("Alice", "alice"), MOMENT)), "WL310"),
    ("a name that rewrites", replace(SMALL, approved=Approval(("a\x1b[K",), MOMENT)), "WL301"),
    ("a local time", replace(FULL, expires=MOMENT.replace(tzinfo=None)), "WL307"),
    ("a time elsewhere", replace(FULL, expires=MOMENT.replace(tzinfo=timezone.max)), "WL307"),
    ("a part of a second", replace(FULL, expires=MOMENT.replace(microsecond=1)), "WL307"),
    ("half a character", replace(SMALL, note="\ud800"), "WL301"),
    ("no command", replace(SMALL, pattern=Pattern(" ")), "WL301"),
    ("an empty glob", replace(SMALL, scope=Scope(agents=("",))), "WL301"),
    ("an unknown language", replace(SMALL, pattern=Pattern("x", "sql:mysqll")), "WL303"),
    ("a broken hole", replace(SMALL, pattern=Pattern("x {a:it}")), "WL302"),
]


@pytest.mark.parametrize(
    ("entry", "code"), [row[1:] for row in UNWRITABLE], ids=[row[0] for row in UNWRITABLE]
)
def test_what_may_not_be_stored_is_not_written(entry: Entry, code: str) -> None:
    with pytest.raises(WhitelistError) as caught:
        dump(Document((SMALL, entry)))
    assert [one.code for one in caught.value.findings if one.code != "WL401"] == [code]


def test_two_entries_that_permit_the_same_are_not_written() -> None:
    other = replace(FULL, pattern=replace(FULL.pattern, command="docker restart {name}"))
    with pytest.raises(WhitelistError) as caught:
        dump(Document((FULL, SMALL, other)))
    assert_golden("whitelist/unwritable.txt", f"{caught.value}\n")


# What is read ----------------------------------------------------------------------------

ACCEPTED = {
    "a document mark": f"---\n{FILE}",
    "an end mark": f"{FILE}...\n",
    "line ends of another system": FILE.replace("\n", "\r\n"),
    "no line end": FILE.rstrip(),
    "other quotes": changed("medium", '"medium"'),
    "a quoted instant": changed("2026-11-29T12:00:00Z", "'2026-11-29T12:00:00Z'"),
    "a quoted key": changed("tier:", '"tier":'),
    "lists in lines": changed("[alice]", "\n    - alice"),
    "other indentation": FILE.replace("    ", "         "),
    "the shell by name": with_line("language: shell"),
    "not permanent": with_line("permanent: false"),
    "empty texts": with_line("note: ''"),
    "an end after lines": FILE + "\n\n",
    "the entries first": "entries:\n" + ENTRY + "version: 1\n",
    "braces": HEAD + "- {command: 'docker restart {service}', tier: medium, "
    "expires: 2026-11-29T12:00:00Z, approved: {at: 2026-11-22T12:00:00Z, by: [alice]}}",
}


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED)
@pytest.mark.usefixtures("_parser")
def test_other_ways_to_write_the_same(text: str) -> None:
    read = load(text)
    assert read == load(FILE)
    assert read.warnings == ()


def test_a_command_in_lines_keeps_its_lines() -> None:
    text = changed("docker restart {service}", "|-\n    SELECT 1\n      FROM t\n")
    assert load(text).entries[0].pattern.command == "SELECT 1\n  FROM t"


def test_entries_are_in_canonical_order_with_their_places() -> None:
    second = ENTRY.replace("docker", "apt").replace("{service}", "1")
    read = load(FILE + second)
    assert [one.pattern.command for one in read.entries] == [
        "apt restart 1",
        "docker restart {service}",
    ]
    assert [one.line for one in read.places] == [9, 3]


def test_lists_without_an_order_are_sorted() -> None:
    text = changed("[alice]", "[carol, alice]") + "  scope: {agents: [b, a]}\n  via: [b, a]\n"
    (entry,) = load(text).entries
    assert (entry.approved.by, entry.scope.agents) == (("alice", "carol"), ("a", "b"))
    assert entry.pattern.via == ("b", "a")


def warnings(text: str) -> list[str]:
    return [f"{one.code} {':'.join(map(str, one.at.position))}" for one in load(text).warnings]


WARNED = [
    (with_line("id: w-000000000000"), ["WL501 9:7"]),
    (with_line("id: not an id"), ["WL501 9:7"]),
    (f"# why\n{FILE}", ["WL502 1:1"]),
    (changed("medium", "medium  # really"), ["WL502 4:17"]),
    (f"{FILE}# the end", ["WL502 9:1"]),
    (f"{FILE}  # a\n  # b\n", ["WL502 9:3", "WL502 10:3"]),
    (with_line("note: 'a # b'"), []),
    (with_line("note: a#b # c"), ["WL502 9:13"]),
    (with_line("note: |\n    # text\n  # comment\n"), ["WL502 11:3"]),
]


@pytest.mark.parametrize(("text", "expected"), WARNED)
@pytest.mark.usefixtures("_parser")
def test_warnings(text: str, expected: list[str]) -> None:
    assert warnings(text) == expected


# What isn't read -------------------------------------------------------------------------

STRICT = [
    # the text
    ("", ["WL203 1:1"]),
    ("# nothing\n", ["WL203 1:1"]),
    ("---\n", ["WL203 1:1"]),
    ("[]", ["WL204 1:1"]),
    ("text", ["WL204 1:1"]),
    ("version: 1\n", ["WL203 1:1"]),
    ("entries: []\n", ["WL203 1:1"]),
    ("version: 2\nentries: []\n", ["WL205 1:10"]),
    ("version: '1'\nentries: []\n", ["WL205 1:10"]),
    ("version: 1.0\nentries: []\n", ["WL205 1:10"]),
    ("version: 1\nentries:\n", ["WL204 2:9"]),
    ("version: 1\nentries: {}\n", ["WL204 2:10"]),
    ("version: 1\nversion: 1\nentries: []\n", ["WL202 2:1"]),
    ("version: 1\nentries: []\nentries: []\n", ["WL202 3:1"]),
    (f"{FILE}more: 1\n", ["WL201 9:1"]),
    (f"{FILE}---\n{FILE}", ["WL107 9:1"]),
    (f"%YAML 1.1\n---\n{FILE}", ["WL107 1:1"]),
    (f"%TAG ! tag:x,2:\n---\n{FILE}", ["WL107 1:1"]),
    (f"\ufeff{FILE}", ["WL102 1:1"]),
    ("a".encode("utf-16-le"), ["WL102 1:2"]),
    (b"version: \xff\n", ["WL102 1:10"]),
    (changed("docker", "a\x00b"), ["WL102 3:13"]),
    (changed("docker", "a\x1b[2Kb"), ["WL102 3:13"]),
    (changed("docker", "a\u202eb"), ["WL102 3:13"]),
    (changed("docker", "a\u2028b"), ["WL102 3:13"]),
    (changed("docker", "a\rb"), ["WL102 3:13"]),
    (f"<<<<<<< ours\n{FILE}=======\n>>>>>>> theirs\n", ["WL108 1:1"]),
    (with_line("note: [a"), ["WL103 10:1"]),
    (with_line("note: @a"), ["WL103 9:9"]),
    (with_line("- note"), ["WL103 9:3"]),
    (FILE.replace("    by", "\tby"), ["WL102 7:1"]),
    (changed("docker", "docker\t"), ["WL102 3:18"]),
    # structure
    (with_line("note: &x a"), ["WL106 9:9"]),
    (with_line("note: *x"), ["WL106 9:9"]),
    (with_line("<<: {note: a}"), ["WL106 9:3"]),
    (with_line("note: !!str a"), ["WL105 9:9"]),
    (with_line("note: !mine a"), ["WL105 9:9"]),
    (with_line("note: ! a"), ["WL105 9:9"]),
    (with_line("note: &x !!str a"), ["WL106 9:9", "WL105 9:12"]),
    (with_line("scope: !!map {agents: [a]}"), ["WL105 9:10"]),
    (HEAD.rstrip() + " &x\n" + ENTRY, ["WL106 2:10"]),
    (f"!!map\n{FILE}", ["WL105 1:1"]),
    (f"{HEAD}- &x\n  a: b\n- *x\n", ["WL106 3:3", "WL106 5:3"]),
    (changed("[alice]", "[*a]"), ["WL106 7:10"]),
    (changed("docker restart {service}", "&a b"), ["WL106 3:12"]),
    (f"{HEAD}- text\n", ["WL204 3:3"]),
    (f"{HEAD}- []\n", ["WL204 3:3"]),
    (f"{HEAD}- {{}}\n", ["WL203 3:3"] * 3),
    (with_line("nota: a"), ["WL201 9:3"]),
    (with_line("[a]: b"), ["WL201 9:3"]),
    (with_line("tier: low"), ["WL202 9:3"]),
    (with_line("scope: {agents: [a], agents: [b]}"), ["WL202 9:24"]),
    (with_line("reason: because"), ["WL201 9:3"]),
    (changed("by:", "bye:"), ["WL203 6:3", "WL201 7:5"]),
    (changed("    at: 2026-11-22T12:00:00Z\n", ""), ["WL203 6:3"]),
    (changed("command:", "note:"), ["WL203 3:3"]),
    (changed("  tier: medium\n", ""), ["WL203 3:3"]),
    (changed(APPROVED, ""), ["WL203 3:3"]),
    # types
    (changed("docker restart {service}", "yes"), ["WL204 3:12"]),
    (changed("docker restart {service}", "123"), ["WL204 3:12"]),
    (changed("docker restart {service}", "2026-01-01"), ["WL204 3:12"]),
    (changed("docker restart {service}", "null"), ["WL204 3:12"]),
    (changed("docker restart {service}", ""), ["WL204 3:11"]),
    (changed("docker restart {service}", "[docker]"), ["WL204 3:12"]),
    (changed("[alice]", "alice"), ["WL204 7:9"]),
    (changed("[alice]", "[1, b]"), ["WL204 7:10"]),
    (changed("[alice]", "[[a]]"), ["WL204 7:10"]),
    (with_line("score: 45.0"), ["WL204 9:10"]),
    (with_line("score: '45'"), ["WL204 9:10"]),
    (with_line("score: 0x2d"), ["WL204 9:10"]),
    (with_line("score: 045"), ["WL204 9:10"]),
    (with_line("permanent: yes"), ["WL204 9:14"]),
    (with_line("permanent: 'true'"), ["WL204 9:14"]),
    (with_line("scope: everywhere"), ["WL204 9:10"]),
    (with_line("scope: {}"), ["WL204 9:10"]),
    (changed(APPROVED, "  approved: alice\n"), ["WL204 6:13"]),
    # values
    (changed("medium", "high"), ["WL305 4:9"]),
    (changed("medium", "mediun"), ["WL304 4:9"]),
    (changed("medium", "[low]"), ["WL304 4:9"]),
    (changed("2026-11-29T12:00:00Z", "2026-11-29"), ["WL307 5:12"]),
    (changed("2026-11-29T12:00:00Z", "2026-11-29 12:00:00"), ["WL307 5:12"]),
    (changed("2026-11-29T12:00:00Z", "2026-11-29T12:00:00+00:00"), ["WL307 5:12"]),
    (changed("2026-11-29T12:00:00Z", "2026-02-30T12:00:00Z"), ["WL307 5:12"]),
    (changed("2026-11-29T12:00:00Z", "2026-11-29T24:00:00Z"), ["WL307 5:12"]),
    (changed("2026-11-29T12:00:00Z", "2016-12-31T23:59:60Z"), ["WL307 5:12"]),
    (changed("2026-11-29T12:00:00Z", "٢٠٢٦-11-29T12:00:00Z"), ["WL307 5:12"]),
    (changed("  expires: 2026-11-29T12:00:00Z\n", ""), ["WL308 4:9"]),
    (changed("expires: 2026-11-29T12:00:00Z", "permanent: true"), ["WL309 5:14"]),
    (with_line("permanent: true").replace("medium", "low"), ["WL309 9:14"]),
    (changed("  expires: 2026-11-29T12:00:00Z\n", "").replace("medium", "low"), ["WL308 4:9"]),
    (with_line("score: 29"), ["WL306 9:10"]),
    (with_line("score: 70"), ["WL306 9:10"]),
    (changed("[alice]", "[]"), ["WL301 7:9"]),
    (changed("[alice]", "[alice, bob, alice]"), ["WL310 7:22"]),
    (changed("[alice]", "[alice, Alice]"), ["WL310 7:17"]),
    (changed("[alice]", '["a\\nb"]'), ["WL301 7:10"]),
    (changed("[alice]", '["a\\e[2K"]'), ["WL301 7:10"]),
    (changed("[alice]", "['']"), ["WL301 7:10"]),
    (changed("[alice]", "[' a']"), ["WL301 7:10"]),
    (with_line("scope: {agents: []}"), ["WL301 9:19"]),
    (with_line("scope: {targets: ['']}"), ["WL301 9:21"]),
    (with_line("scope: {targets: [a, a]}"), ["WL310 9:24"]),
    (with_line("scope: {agents: ['a,b', a;b]}"), ["WL301 9:20", "WL301 9:27"]),
    (with_line("scope: {cwd: [srv]}"), ["WL311 9:17"]),
    (with_line("scope: {cwd: [/srv/]}"), ["WL311 9:17"]),
    (with_line("scope: {cwd: [~/x, '/@(a|b)']}"), ["WL311 9:17", "WL311 9:22"]),
    (with_line("scope: {cwd: [/srv/../x]}"), ["WL311 9:17"]),
    (with_line("via: []"), ["WL301 9:8"]),
    (with_line("via: [' ']"), ["WL301 9:9"]),
    (with_line("rule: ''"), ["WL301 9:9"]),
    (with_line("language: sh"), ["WL303 9:13"]),
    (with_line("language: sql:postgress"), ["WL303 9:13"]),
    (changed("docker restart {service}", "' '"), ["WL301 3:12"]),
    (changed("docker restart {service}", '"a\\0b"'), ["WL301 3:12"]),
    (changed("{service}", "{service:it}"), ["WL302 3:27"]),
    (changed("docker restart {service}", "'docker {a:it}'"), ["WL302 3:20"]),
    (changed("docker restart {service}", '"docker \\x7ba:it}"'), ["WL302 3:12"]),
    (with_line("via: ['sudo -u {a:it}']"), ["WL302 9:18"]),
    (FILE + ENTRY.replace("{service}", "{name}"), ["WL401 9:3"]),
]


@pytest.mark.parametrize(("text", "expected"), STRICT)
@pytest.mark.usefixtures("_parser")
def test_a_mistake_is_refused_where_it_stands(text: str | bytes, expected: list[str]) -> None:
    assert mistakes(text) == expected


@pytest.mark.usefixtures("_parser")
def test_a_question_mark_in_brackets_is_quoted() -> None:
    assert load(with_line("scope: {targets: ['web-?']}")).entries
    assert mistakes(with_line("scope: {targets: [web-?]}"))[0].startswith("WL103 9:")


def test_all_mistakes_of_all_entries_are_shown() -> None:
    broken = ENTRY.replace("medium", "high").replace("[alice]", "[]").replace("T12", " 12")
    assert mistakes(HEAD + broken + ENTRY + broken) == [
        "WL305 4:9", "WL307 5:12", "WL301 7:9", "WL307 8:9",
        "WL305 16:9", "WL307 17:12", "WL301 19:9", "WL307 20:9",
    ]  # fmt: skip


MESSAGES = {
    Code.SIZE: FILE + "  via: [" + "a, " * MOST_NODES + "a]\n",
    Code.ENCODING: changed("docker", "docker\u202e").encode() + b"\xff\n",
    Code.SYNTAX: with_line("reason: a: b"),
    Code.NESTING: with_line("note: " + "[" * 100_000),
    Code.TAG: with_line("note: !!python/object:os.system a"),
    Code.ANCHOR: f"{HEAD}- &all\n  <<: *all\n  note: x\n",
    Code.DOCUMENTS: f"{FILE}---\n{FILE}",
    Code.MARKERS: f"{HEAD}<<<<<<< HEAD\n{ENTRY}=======\n>>>>>>> topic\n",
    Code.MORE: HEAD + "- 1\n" * 2 * MOST_FINDINGS,
    Code.KEY: with_line("expiry: 2027-01-01T00:00:00Z") + "  xyz: 1\n",
    Code.DUPLICATE_KEY: with_line("tier: low"),
    Code.MISSING: f"{HEAD}- note: x\n- approved: {{reason: x}}\n",
    Code.TYPE: changed("[alice]", "alice") + "  note: yes\n  score: many\n  scope: [a]\n  rule:\n",
    Code.VERSION: FILE.replace("1", "2", 1),
    Code.TEXT: changed("[alice]", '[" a", "b\\u200b", ""]')
    + "  via: []\n  scope: {agents: ['a,b']}\n",
    Code.HOLE: changed("{service}", "{service:it}"),
    Code.LANGUAGE: with_line("language: sql:postgress"),
    Code.TIER: changed("medium", "mediun"),
    Code.HIGH: changed("medium", "high"),
    Code.SCORE: with_line("score: 70"),
    Code.INSTANT: changed("2026-11-22T12:00:00Z", "2026-02-30T12:00:00Z").replace("9T12", "9 12"),
    Code.NO_END: changed("  expires: 2026-11-29T12:00:00Z\n", "")
    + ENTRY.replace("medium", "low").replace("  expires: 2026-11-29T12:00:00Z\n", ""),
    Code.PERMANENT: changed("expires: 2026-11-29T12:00:00Z", "permanent: true")
    + ENTRY.replace("medium", "low").replace("  expires", "  permanent: true\n  expires"),
    Code.REPEATED: changed("[alice]", "[alice, ALICE]") + "  scope: {agents: [a, b, a]}\n",
    Code.DIRECTORY: with_line("scope: {cwd: [srv/app, /srv/./app, ~/x]}"),
    Code.DUPLICATE_ENTRY: FILE + ENTRY.replace("{service}", "{name}"),
    Code.STORED_ID: with_line("id: w-000000000000"),
    Code.COMMENT: changed("medium", "medium  # asked twice"),
}


@pytest.mark.parametrize("code", MESSAGES, ids=lambda code: code.code)
def test_every_code_has_its_message(code: Code) -> None:
    try:
        findings = load(MESSAGES[code]).warnings
    except WhitelistError as error:
        findings = error.findings
    assert code.code in {one.code for one in findings}
    shown = [one for one in findings if one.code == code.code]
    assert_golden(f"whitelist/{code.code}.txt", f"{render_all(shown)}\n")


def test_no_code_of_reading_is_without_a_message() -> None:
    of_reading = {code for code in Code if code.code <= Code.COMMENT.code}
    assert set(MESSAGES) | {Code.CONFLICT} == of_reading


# Hostile files ---------------------------------------------------------------------------

HOSTILE = {
    "brackets": "a: " + "[" * 100_000,
    "braces": "{" * 100_000,
    "dashes": "- " * 100_000,
    "question marks": "? " * 100_000,
    "deep mappings": "\n".join(" " * depth + "a:" for depth in range(2_000)),
    "brackets in an entry": with_line("note: " + "[" * 100_000),
    "keys of keys": with_line("{" * 50 + "a: b" + "}: b" * 50),
    "many aliases": "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(1_000)),
    "many keys": "".join(f"k{n}: 1\n" for n in range(100_000)),
    "many values": with_line("via: [" + "a," * 1_000_000 + "a]"),
    "many comments": "#\n" * 200_000,
    "many entries that are none": HEAD + "- 1\n" * 200_000,
    "a long line": with_line("note: '" + "a" * 5_000_000),
    "escapes": b"\x00" * 1_000_000,
    "no UTF-8": b"\xff" * 1_000_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_soon_and_briefly(text: str | bytes) -> None:
    start = perf_counter()
    with pytest.raises(WhitelistError) as caught:
        load(text)
    assert len(str(caught.value)) < 250_000
    assert perf_counter() - start < 5


def test_a_file_that_is_too_large_is_not_read() -> None:
    with pytest.raises(WhitelistError) as caught:
        load(b"#" * (LARGEST + 1))
    message = "error[WL101]: 67108865 bytes, and a whitelist has at most 67108864"
    assert str(caught.value) == message


def outcome(text: str | bytes) -> object:
    """The entries of a text, or None where it is refused."""
    try:
        return load(text).entries
    except WhitelistError:
        return None


MARKS = ": |- |\n|\n  |[|]|{|}|,|'|\"|#|&a |*a|!!str |>|? |<<: |\t|%|...\n|---\n|note|via|null|\\"
PARTS = st.sampled_from([*AWKWARD, *MARKS.split("|"), "|", "|-\n    "])


@given(st.data())
def test_a_damaged_file_is_read_or_refused_by_both_parsers_alike(data: st.DataObject) -> None:
    text = FILE + "  via: ['a {b}', c]\n  note: \"x\\ty\"\n"
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = start + data.draw(st.integers(0, 4))
        text = text[:start] + data.draw(PARTS) + text[end:]
    fast, slow = both_ways(lambda: outcome(text))
    assert fast == slow


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_text_is_read_or_refused(text: bytes | str) -> None:
    assert outcome(text) is None or isinstance(outcome(text), tuple)
