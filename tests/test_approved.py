"""Deciding with a whitelist: which entry authorises what, and why others don't."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy import Context, Engine, Tier, Verdict
from policy.diagnostics import WhitelistError
from policy.languages import examples
from policy.whitelist.approved import Approved
from policy.whitelist.entry import ANYWHERE, Approval, Entry, Scope
from policy.whitelist.form import Form, Piece, piece_admits
from policy.whitelist.forms import action_form
from policy.whitelist.index import Index
from policy.whitelist.pattern import Pattern
from policy.whitelist.reader import PatternError, read_pattern

NOW = datetime.now(UTC).replace(microsecond=0)
LATER = NOW + timedelta(days=7)
RULES = Engine.load().rules


def entry(
    command: str,
    language: str = "shell",
    via: tuple[str, ...] = (),
    *,
    scope: Scope = ANYWHERE,
    tier: Tier = Tier.MEDIUM,
    by: tuple[str, ...] = ("alice",),
    expires: datetime | None = LATER,
) -> Entry:
    return Entry(Pattern(command, language, via), tier, Approval(by, NOW), expires, scope)


def engine(*entries: Entry) -> Engine:
    return Engine(RULES, Approved(entries, RULES))


def decide(
    text: str, *entries: Entry, context: Context | None = None, language: str = "shell"
) -> tuple[str, bool]:
    decision = engine(*entries).decide(text, context, language)
    return str(decision.verdict), decision.entry is not None


DOCKER = entry("docker restart {service}")


@pytest.mark.parametrize(
    ("text", "entries", "expected"),
    [
        ("docker restart web", [DOCKER], ("allow", True)),
        ("docker restart web && docker restart db", [DOCKER], ("allow", True)),
        ("docker restart web && ls", [DOCKER], ("allow", True)),
        ("docker restart web && docker stop db", [DOCKER], ("review", False)),
        ("docker restart web && rm -rf /", [DOCKER], ("multi-party", False)),
        ("docker restart $(cat x)", [DOCKER], ("review", False)),
        ("sudo docker restart web", [DOCKER], ("review", False)),
        ("sudo docker restart web", [entry("docker restart {s}", via=("sudo",))], ("allow", True)),
        ("for s in a b; do docker restart $s; done", [DOCKER], ("allow", True)),
        ("cd /srv && docker restart web", [DOCKER], ("allow", True)),
        ('cd "$x" && docker restart web', [DOCKER], ("review", False)),
        ("git push --force origin main", [entry("git push {a...}")], ("multi-party", False)),
        ("git push origin +main", [entry("git push {a...}")], ("multi-party", False)),
        ("git push origin main", [entry("git push {a...}")], ("allow", True)),
        ("rm -rf /srv", [entry("rm -rf /srv")], ("multi-party", False)),
        ("ls", [DOCKER], ("allow", False)),
        ("docker restart web", [], ("review", False)),
    ],
)
def test_each_action_needs_to_be_low_or_approved(
    text: str, entries: Sequence[Entry], expected: tuple[str, bool]
) -> None:
    assert decide(text, *entries) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DELETE FROM jobs WHERE id = 5", "allow"),
        ("delete from jobs where id=5;", "allow"),
        ("DELETE FROM jobs WHERE id = '5'", "review"),
        ("DELETE FROM jobs WHERE id = 5 OR true", "multi-party"),
        ("DELETE FROM jobs", "multi-party"),
        ("DELETE FROM jobs WHERE id = 5; DROP TABLE jobs", "multi-party"),
        ("DELETE FROM users WHERE id = 5", "review"),
        ("DELETE FROM jobs WHERE id = (SELECT 5)", "multi-party"),
    ],
)
def test_a_statement_is_approved_by_its_normal_form(text: str, expected: str) -> None:
    approved = entry("DELETE FROM jobs WHERE id = {id:int}", "sql:postgres")
    assert decide(text, approved, language="sql:postgres")[0] == expected


def test_a_statement_through_a_client_is_approved_with_the_client() -> None:
    statement = "DELETE FROM jobs WHERE id = {id:int}"
    text = "psql -h db -c 'DELETE FROM jobs WHERE id = 5'"
    assert decide(text, entry(statement, "sql:postgres")) == ("review", False)
    through = entry(statement, "sql:postgres", ("psql -h db -c '{}'",))
    assert decide(text, through) == ("allow", True)
    assert decide(text.replace("-h db", "-h other"), through) == ("review", False)


@pytest.mark.parametrize(
    ("scope", "context", "expected"),
    [
        (Scope(agents=("bot",)), Context(agent="bot"), "allow"),
        (Scope(agents=("bot",)), Context(agent="other"), "review"),
        (Scope(agents=("bot",)), Context(), "review"),
        (Scope(targets=("web-*",)), Context(target="web-1"), "allow"),
        (Scope(targets=("web-*",)), Context(target="db-1"), "review"),
        (Scope(environments=("dev", "staging")), Context(environment="staging"), "allow"),
        (Scope(environments=("dev", "staging")), Context(environment="prod"), "review"),
        (Scope(cwd=("/srv/**",)), Context(cwd="/srv/app"), "allow"),
        (Scope(cwd=("/srv/**",)), Context(cwd="/srv/app/../../etc"), "review"),
        (Scope(cwd=("/srv/**",)), Context(), "review"),
        (Scope(), Context(agent="a", target="b", environment="c", cwd="/d"), "allow"),
    ],
)
def test_an_entry_holds_in_its_scope(scope: Scope, context: Context, expected: str) -> None:
    approved = entry("docker restart {s}", scope=scope)
    assert decide("docker restart web", approved, context=context)[0] == expected


def test_the_directory_of_a_scope_is_where_the_action_works() -> None:
    approved = entry("make install", scope=Scope(cwd=("/srv/app",)))
    inside = Context(cwd="/srv/app")
    assert decide("make install", approved, context=inside)[0] == "allow"
    assert decide("cd /tmp && make install", approved, context=inside)[0] == "review"
    assert decide("cd /srv/app && make install", approved, context=Context())[0] == "allow"
    assert decide("cd app && make install", approved, context=Context(cwd="/srv"))[0] == "allow"


def test_a_relative_path_fills_a_hole_where_the_directory_is_known() -> None:
    approved = entry("touch {f:path /srv/out/*.txt}")
    for text, cwd, expected in [
        ("touch a.txt", "/srv/out", "allow"),
        ("touch out/a.txt", "/srv", "allow"),
        ("touch a.txt", "/srv", "review"),
        ("touch a.txt", None, "review"),
        ("touch ../out/a.txt", "/srv/out", "review"),
        ("cd /srv/out && touch a.txt", None, "allow"),
        ("cd /srv/out; touch a.txt", "/srv/out", "allow"),
        ("cd /srv/out; touch a.txt", None, "review"),
        ("cd /srv/out || touch a.txt", "/srv", "review"),
        ("! cd /srv/out && touch a.txt", "/srv", "review"),
        ("if cd /srv/out; then touch a.txt; fi", "/srv", "allow"),
        ("if cd /srv/out; then ls; else touch a.txt; fi", "/srv", "review"),
        ("cd /srv && cd out; touch a.txt", "/home", "review"),
        ("cd /tmp; cd /srv/out && touch a.txt", "/home", "allow"),
        ("{ cd /srv/out; }; touch a.txt", "/home", "review"),
        ("f() { cd /srv/out; }; f; touch a.txt", "/home", "review"),
    ]:
        assert decide(text, approved, context=Context(cwd=cwd))[0] == expected, (text, cwd)


# Void ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "approved", "why"),
    [
        (
            "docker restart web",
            entry("docker restart {s}", expires=NOW - timedelta(seconds=1)),
            "expired at",
        ),
        (
            "docker restart web",
            entry("docker restart {s}", tier=Tier.LOW, expires=None),
            "the action is medium today, and low was approved",
        ),
        ("git push origin +main", entry("git push {a...}"), "high is never whitelisted"),
    ],
)
def test_a_void_entry_says_why(text: str, approved: Entry, why: str) -> None:
    decision = engine(approved).decide(text)
    assert decision.verdict is not Verdict.ALLOW
    (reason,) = [one for one in decision.reasons if one.rule == "whitelist.void"]
    assert reason.message.startswith(f"entry {approved.id} is void: ")
    assert why in reason.message


def extra(tmp_path: Path, text: str) -> Engine:
    (tmp_path / "mine.rules").write_text(text)
    return Engine.load(rules=tmp_path)


MORE = """
rule team.restart "restarts a service" {{
    on docker restart
    tier medium
    score 60
    {what}
    match "docker restart web"
    no match "docker ps"
}}
"""


@pytest.mark.parametrize(
    ("what", "by", "why"),
    [
        ("approvals 2", ("alice",), "2 people must approve today, and 1 did"),
        ("never whitelist", ("alice",), "a rule says that it may not be whitelisted"),
        ("deny", ("alice", "bob"), "a rule denies it"),
        ("approvals 2", ("alice", "bob"), None),
    ],
)
def test_todays_rules_decide_whether_an_entry_holds(
    tmp_path: Path, what: str, by: tuple[str, ...], why: str | None
) -> None:
    rules = extra(tmp_path, MORE.format(what=what)).rules
    approved = entry("docker restart {s}", by=by)
    decision = Engine(rules, Approved([approved], rules)).decide("docker restart web")
    void = [one.message for one in decision.reasons if one.rule == "whitelist.void"]
    assert (decision.entry == approved.id) is (why is None)
    assert [why in message for message in void] == ([True] if why else [])


def test_of_several_entries_one_that_holds_is_enough() -> None:
    expired = entry("docker restart {s}", expires=NOW - timedelta(days=1))
    decision = engine(expired, entry("docker restart {s:name}")).decide("docker restart web")
    assert decision.entry == entry("docker restart {s:name}").id
    assert "whitelist.void" not in {reason.rule for reason in decision.reasons}


def test_an_entry_whose_pattern_is_none_admits_nothing() -> None:
    assert decide("docker restart web", entry("docker {x} web"), DOCKER) == ("allow", True)
    assert decide("docker restart web", entry("docker {x} web")) == ("review", False)


# The index finds what a search through all finds ---------------------------------------------

PATTERNS = [
    *("docker restart web", "docker restart {s}", "docker restart web-{n:int}", "docker stop {s}"),
    *("docker restart {s...}", "docker restart -t {n:int} {s}", "tar xzf {f:path /srv/*.tgz}"),
    *("tar -x -z -f /srv/a.tgz", "A={v} make all", "make all", "make {t:name} > {f:path /tmp/*}"),
    *("git commit -m 'fix web now'", "git commit -m {m:text}", "sudo docker restart {s}"),
    *("touch {f:path /srv/a/** /srv/b/**}", "touch {f:path /srv/**}", "touch {f:like /srv/a*}"),
    *("touch {f:one of /srv/a/x /srv/b}", "touch {f:path a/*}", "touch x", "docker restart 'a b'"),
    *("gzip -c x", "pg_dump | gzip -c x", "docker restart \\{s\\}", "touch $'a\\nb'"),
]
TEXTS = [
    *("docker restart web", "docker restart web-7", "docker restart web db", "docker stop web"),
    *("docker restart -t5 web", "docker restart 'a b'", "docker restart '{s}'", "A=1 make all"),
    *("tar xzf /srv/a.tgz", "make all", "make all > /tmp/x", "git commit -m 'fix web now'"),
    *("sudo docker restart web", "touch /srv/a/x", "touch /srv/b", "touch a/x", "touch x"),
    *("git commit -m web", "pg_dump x | gzip -c x", "gzip -c x", "touch $'a\\nb'"),
]


def form_of(pattern: Pattern) -> Form | None:
    try:
        return read_pattern(pattern, RULES).form
    except PatternError:
        return None


@given(
    st.lists(st.sampled_from(PATTERNS), max_size=12),
    st.sampled_from(TEXTS),
    st.sampled_from([None, "/srv", "/srv/a"]),
)
def test_the_index_finds_what_a_search_finds(
    patterns: list[str], text: str, directory: str | None
) -> None:
    index = Index([(Pattern(one), one) for one in patterns], RULES, form_of)
    for action in Engine(RULES).plan(text).actions:
        form = action_form(action)
        expected = sorted(
            one
            for one in patterns
            if (read := form_of(Pattern(one))) is not None and read.admits(form, directory)
        )
        assert sorted(index.find(form, directory)) == expected


def test_every_text_of_the_index_test_is_found_by_some_pattern() -> None:
    for text in TEXTS:
        form = action_form(Engine(RULES).plan(text).actions[-1])
        forms = [form_of(Pattern(one)) for one in PATTERNS]
        assert any(one is not None and one.admits(form, "/srv/a") for one in forms), text


# The file -----------------------------------------------------------------------------------

FILE = """\
version: 1
entries:
- command: docker restart {{service}}
  tier: medium
  expires: {expires}
  approved:
    by: [alice]
    at: 2026-01-01T00:00:00Z
"""
GOOD = FILE.format(expires="2099-01-01T00:00:00Z")


def test_an_engine_follows_its_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "whitelist.yaml"
    file.write_text("version: 1\nentries: []\n")
    following = Engine(RULES, file)

    def verdict() -> str:
        return str(following.decide("docker restart web").verdict)

    def write(text: str) -> None:
        new = tmp_path / "new"
        new.write_text(text)
        new.replace(file)

    assert verdict() == "review"
    write(GOOD)
    assert verdict() == "allow"
    assert following.whitelist_problem is None
    with caplog.at_level(logging.WARNING, logger="policy"):
        write(GOOD + "  surprise: 1\n")
        assert verdict() == "allow"
        assert following.whitelist_problem is not None
        assert "surprise" in following.whitelist_problem
        assert verdict() == "allow"
    assert len(caplog.records) == 1
    file.unlink()
    assert verdict() == "allow"
    assert following.whitelist_problem is not None
    write("version: 1\nentries: []\n")
    assert verdict() == "review"
    assert following.whitelist_problem is None


def test_a_change_that_keeps_size_and_time_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "whitelist.yaml"
    file.write_text(GOOD)
    before = file.stat()
    following = Engine(RULES, file)
    assert following.decide("docker restart web").verdict is Verdict.ALLOW
    file.write_text(GOOD.replace("2099", "2020"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert following.decide("docker restart web").verdict is Verdict.REVIEW


def test_a_file_that_cannot_be_used_at_first_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Engine(RULES, tmp_path / "none.yaml")
    (tmp_path / "bad.yaml").write_text("version: 2\n")
    with pytest.raises(WhitelistError):
        Engine.load(whitelist=str(tmp_path / "bad.yaml"))


def test_a_directory_that_may_not_be_there_is_no_way_around_what_a_rule_says() -> None:
    approved = entry("touch {f:name}")
    assert decide("touch x", approved, context=Context(cwd="/srv"))[0] == "allow"
    for text in ("touch x", "cd /nowhere || touch x", "cd /nowhere; touch x"):
        decision = engine(approved).decide(text, Context(cwd="/etc"))
        assert (decision.tier, decision.entry) == (Tier.HIGH, None), text


def test_what_is_medium_is_never_approved_for_good() -> None:
    decision = engine(entry("docker restart {s}", expires=None)).decide("docker restart web")
    assert decision.verdict is Verdict.REVIEW
    assert any("only what is low may be permanent" in one.message for one in decision.reasons)


def _member(piece: Piece) -> str:
    return next(
        one for one in examples(piece.parts) if piece_admits(piece, Piece(piece.role, (one,)), None)
    )


@pytest.mark.parametrize(
    "text",
    ["export FOO=bar", "readonly PATH=x", "time make x", "! make x", "exec make x", "A=5 make",
     "for i in 1; do make $i; done", "{ make x; }", "f() { make x; }", "cat | tee y",
     "make web-{n:int}", "make {t:one of a b}", "cat {p:path /srv/**/*.txt}", "make {x}.o"],
)  # fmt: skip
def test_the_index_finds_what_any_text_means(text: str) -> None:
    pattern = Pattern(text)
    form = read_pattern(pattern, RULES).form
    action = Form(form.language, tuple(Piece(one.role, (_member(one),)) for one in form.pieces))
    assert form.admits(action)
    assert list(Index([(pattern, 1)], RULES, lambda _: form).find(action, None)) == [1]
