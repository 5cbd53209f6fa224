"""The proof that no command which a pattern admits is high."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from shlex import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy import Context, Engine, Tier
from policy.harmless import Finding, Harm, examine
from policy.suggest import exact, narrower, suggest
from policy.whitelist.entry import ANYWHERE, Scope
from policy.whitelist.form import Form
from policy.whitelist.forms import Unfixed, action_form, directory_of
from policy.whitelist.pattern import Pattern
from policy.whitelist.reader import PatternError, read_pattern

ENGINE = Engine.load()
RULES = ENGINE.rules


@pytest.mark.parametrize(
    ("command", "tier"),
    [
        ("docker restart {service}", Tier.MEDIUM),
        ("git push origin {branch:name}", Tier.MEDIUM),
        ("git push origin {branch:one of main dev}", Tier.MEDIUM),
        ("git push {remote:name} {branch:name}", Tier.MEDIUM),
        ("git commit -m {message:text}", Tier.MEDIUM),
        ("kubectl scale --replicas={n:int} deployment/{name:name}", Tier.MEDIUM),
        ("echo {x:text} > {f:path /srv/app/out/*.txt}", Tier.MEDIUM),
        ("cat {f:path /var/log/*.log}", Tier.LOW),
        ("sudo -u deploy docker restart {s:name}", Tier.MEDIUM),
        ("ssh {host:one of a b} docker restart {s:name}", Tier.MEDIUM),
        ("frobnicate {x}", Tier.MEDIUM),
        ("foo --bar={x:int}", Tier.MEDIUM),
        ("git log -n {n:int}", Tier.LOW),
        ("docker restart web", Tier.MEDIUM),
        ("curl -X POST https://api.example.com/deploy/{id:int}", Tier.MEDIUM),
    ],
)
def test_a_harmless_pattern_is_proved(command: str, tier: Tier) -> None:
    found = examine(Pattern(command), RULES)
    assert (found.harm, found.tier, found.witness) == (Harm.NONE, tier, None)


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        ("git push {remote} {branch}", "git.push.force"),
        ("git push {args...}", "git.push.force"),
        ("git push origin +{b:name}", "git.push.force"),
        ("git push --force-with-lease origin {b:name}", "git.push.force"),
        ("git push origin {b:one of main +main}", "git.push.force"),
        ("cat {f:path /var/log/**}", "base.secret.read"),
        ("cat {f}", "base.secret.read"),
        ("touch {f:path /etc/**}", "base.write.system"),
        ("echo x > {f}", "base.write.system"),
        ("systemctl restart {unit:name}", "systemctl.power.target"),
        ("kill {pid:int}", "kill.all"),
        ("pip install {p}", "pip.install.foreign"),
        ("rm -rf {d:path /srv/app/build/*.d}", "rm.recursive"),
        ("sudo git push origin {b}", "git.push.force"),
        ("env -C {d:path /etc/*} touch x", "base.write.system"),
        ("env -C /etc touch {f:name}", "base.write.system"),
        ("curl -X POST https://api.example.com/deploy/{id:name}", "web.exposes"),
        (
            "rm " + " ".join(f"{{h{i}:path /srv/{i}/*.txt}}" for i in range(60)),
            "base.delete.secrets",
        ),
    ],
)
def test_a_harmful_pattern_is_refuted_by_a_command(command: str, rule: str) -> None:
    found = examine(Pattern(command), RULES)
    assert found.harm is Harm.FOUND
    witness = found.witness
    assert witness is not None
    assert rule in {reason.rule for reason in witness.judged.reasons} | set(found.suspects)
    assert witness.text is not None
    decision = ENGINE.decide(witness.text, witness.context, witness.language)
    assert decision.tier is Tier.HIGH


@pytest.mark.parametrize(
    ("command", "language", "harm"),
    [
        ("DELETE FROM jobs WHERE id = {id:int}", "sql:postgres", Harm.NONE),
        ("UPDATE jobs SET state = {s:text} WHERE id = {id:int}", "sql:mysql", Harm.NONE),
        ("INSERT INTO jobs (a, b) VALUES ({a:int}, {b:text})", "sql:sqlite", Harm.NONE),
        ("DELETE FROM jobs", "sql:postgres", Harm.FOUND),
        ("DROP TABLE jobs", "sql:postgres", Harm.FOUND),
    ],
)
def test_statements(command: str, language: str, harm: Harm) -> None:
    assert examine(Pattern(command, language), RULES).harm is harm


CONTEXTUAL = """
rule team.prod "restarts in production" {
    on docker restart
    when environment is "prod" or option --signal
    tier high
    score 75
    match "docker restart --signal x web"
    no match "docker restart web"
}
"""


@pytest.fixture
def contextual(tmp_path: Path) -> Engine:
    (tmp_path / "mine.rules").write_text(CONTEXTUAL)
    return Engine.load(rules=tmp_path)


@pytest.mark.parametrize(
    ("scope", "harm"),
    [
        (ANYWHERE, Harm.FOUND),
        (Scope(environments=("prod",)), Harm.FOUND),
        (Scope(environments=("p*",)), Harm.FOUND),
        (Scope(environments=("staging", "prod")), Harm.FOUND),
        (Scope(environments=("staging",)), Harm.NONE),
        (Scope(environments=("staging", "dev")), Harm.NONE),
    ],
)
def test_a_pattern_is_harmless_in_a_scope(contextual: Engine, scope: Scope, harm: Harm) -> None:
    found = examine(Pattern("docker restart {s}"), contextual.rules, scope)
    assert found.harm is harm
    if found.witness is not None:
        assert found.witness.context.environment == "prod"
        assert scope.admits(found.witness.context, None)


@pytest.mark.parametrize(
    ("cwd", "harm"),
    [
        (("/srv/app",), Harm.NONE),
        (("/srv/*",), Harm.NONE),
        (("/etc",), Harm.FOUND),
        (("/etc/**",), Harm.FOUND),
        (("/**",), Harm.UNKNOWN),
        (("/srv", "/**"), Harm.UNKNOWN),
        (tuple(f"/srv/{i}" for i in range(65)), Harm.UNKNOWN),
        ((), Harm.NONE),
    ],
)
def test_the_directory_of_the_scope_counts(cwd: tuple[str, ...], harm: Harm) -> None:
    found = examine(Pattern("touch notes.txt"), RULES, Scope(cwd=cwd))
    assert found.harm is harm


def test_a_directory_of_a_step_counts_below_that_of_the_scope() -> None:
    pattern = Pattern("touch x", via=("env -C sub",))
    assert examine(pattern, RULES, Scope(cwd=("/srv/*",))).harm is Harm.NONE
    assert examine(pattern, RULES, Scope(cwd=("/etc/**",))).harm is Harm.FOUND


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    directory = tmp_path_factory.mktemp("rules")
    (directory / "mine.rules").write_text(SEVERAL)
    return Engine.load(rules=directory)


SEVERAL = """
program frib frob { default high 75 "runs" }
rule team.frib "in any environment but production" {
    on frib
    when not environment is "prod"
    tier medium
    score 50
    match "frib a"
    no match "ls"
}
rule team.frob "with few arguments" {
    on frob
    when arguments at most 2
    tier medium
    score 50
    match "frob a"
    no match "frob a b c"
}
rule team.touch "marks what begins with x" {
    on touch
    when argument "x*"
    tier high
    score 75
    match "touch xa"
    no match "touch ya"
}
"""


@pytest.mark.parametrize(
    ("command", "scope", "harm"),
    [
        ("frib {x}", ANYWHERE, Harm.UNKNOWN),
        ("frib {x}", Scope(environments=("dev",)), Harm.NONE),
        ("frib {x}", Scope(environments=("prod",)), Harm.FOUND),
        ("frob {a} {b}", ANYWHERE, Harm.NONE),
        ("frob {a} {b} {c...}", ANYWHERE, Harm.FOUND),
        ("touch {f:path /srv/app/x*.txt}", Scope(cwd=("/srv/app",)), Harm.UNKNOWN),
        ("touch {f:path /srv/app/y*.txt}", Scope(cwd=("/srv/app",)), Harm.NONE),
    ],
)
def test_rules_of_a_team(several: Engine, command: str, scope: Scope, harm: Harm) -> None:
    assert examine(Pattern(command), several.rules, scope).harm is harm


# What is proved is so: no value of a hole makes a command high --------------------------------

TEMPLATES = [
    *("docker restart {x}", "git push origin {x}", "git commit -m {x}", "touch {x}", "rm {x}"),
    *("cat {x}", "cp {x} /srv/b.txt", "cp a.txt {x}", "echo hi > {x}", "systemctl restart {x}"),
    *("kubectl delete pod {x}", "kubectl scale --replicas={x} deploy/a", "npm run {x}"),
    *("pip install {x}", "curl -o {x} https://a.example/", "curl https://a.example/{x}"),
    *("make {x}", "ssh {x} uptime", "chmod 644 {x}", "tar xf {x}", "dd if={x} of=/srv/x.img"),
    *("head -n {x} f", "kill {x}", "git checkout {x}", "docker run --name {x} img", "python3 {x}"),
    *(
        "sudo -u {x} docker restart web",
        "env A={x} make",
        "mysql -e {x}",
        "bash {x}",
        "crontab {x}",
    ),
    *("git -C {x} commit", "docker cp {x} web:/srv", "rsync -a {x} b:/srv", "find {x} -name a"),
    *("mv {x} /srv/b", "ln -s {x} b", "tee {x}", "sed -i s/a/b/ {x}", "wget -O {x} https://a.b/"),
    *("docker restart {x...}", "git push {x...}", "rm {x...}", "kill {x...}", "foo --bar={x}"),
]
TYPES = [
    *("", ":int", ":name", ":text", ":one of main +x", ":like a*", ":like *.txt"),
    *(":path /srv/app/*.txt", ":path src/*", ":path /srv/**", ":path *.log", ":path ~/x/*"),
]
VALUES = [
    *("main", "+main", ":main", "a:b", "0", "1", "9", "-1", "/etc/passwd", "/dev/sda", "/", "."),
    *("..", "../x", "/srv/app/x.txt", "/srv/app/id_rsa", "src/.env", "src/x", "/srv/../etc/x"),
    *("id_rsa", "a.txt", ".env.txt", "x.log", "~root", "root", "admin", "@/etc/shadow", "@x"),
    *("https://a.example/x", "http://169.254.169.254/", "file:///etc/shadow", "git+https://a/b"),
    *("a b", "a;b", "$(x)", "a=b", "a@b", "reboot.target", "ssh.service", "/srv/x/hooks/pre-push"),
    *("DROP TABLE x", "abc", "aux", "a*", "/srv/whitelist.yaml", "crontab", "/proc/1/root/x", "*"),
    *("/dev/stdin", "-", "--", "--force", "localhost", "host:/x", "/srv/a.service", "", "\\"),
]


@cache
def examined(command: str, scope: Scope) -> tuple[Finding | None, Form | None]:
    try:
        pattern = Pattern(command)
        return examine(pattern, RULES, scope), read_pattern(pattern, RULES).form
    except PatternError:
        return None, None


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.sampled_from(TEMPLATES),
    st.sampled_from(TYPES),
    st.lists(st.sampled_from(VALUES), min_size=1, max_size=3),
    st.sampled_from([None, "/srv/app", "/home/bob"]),
)
def test_no_value_makes_a_command_high_that_was_proved_harmless(
    template: str, kind: str, values: list[str], cwd: str | None
) -> None:
    command = template.replace("...}", f"...{kind}}}").replace("{x}", f"{{x{kind}}}")
    scope = Scope(cwd=(cwd,)) if cwd else ANYWHERE
    found, form = examined(command, scope)
    if found is None or form is None:
        return
    if found.harm is Harm.FOUND:
        assert found.witness is not None
        assert found.witness.judged.tier is Tier.HIGH
        return
    if found.harm is not Harm.NONE:
        return
    words = " ".join(map(quote, values)) if "..." in template else quote(values[0])
    text = template.replace("{x...}", words).replace("{x}", words)
    context = Context(cwd=cwd)
    decision = ENGINE.decide(text, context)
    for action, judged in zip(ENGINE.plan(text).actions, decision.actions, strict=True):
        try:
            admitted = form.admits(action_form(action), directory_of(action, cwd))
        except Unfixed:
            continue
        if admitted:
            assert judged.tier is not Tier.HIGH, (command, text)
            assert judged.tier <= max(found.tier, Tier.MEDIUM)


# What to write instead ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("git push origin {branch}", "git push origin {branch:name}"),
        ("git push {remote} {branch}", "git push {remote:name} {branch:name}"),
        ("systemctl restart {unit}", None),
        ("cat {f}", None),
    ],
)
def test_a_narrower_pattern_is_offered_where_one_is_proved(
    command: str, expected: str | None
) -> None:
    found = narrower(Pattern(command), ENGINE, ANYWHERE)
    assert (found.command if found else None) == expected


# Suggestions ----------------------------------------------------------------------------------


def patterns(text: str, language: str = "shell", context: Context | None = None) -> list[str]:
    offers = suggest(text, ENGINE, context, language)
    return [one.pattern.command for offer in offers for one in offer.suggestions]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "docker restart web-1",
            ["docker restart web-1", "docker restart web-{n:int}", "docker restart {name:name}"],
        ),
        ("git commit -m 'fix it'", ["git commit -m 'fix it'", "git commit -m {text:text}"]),
        ("npm install left-pad", ["npm install left-pad"]),
        (
            "touch build/x.o",
            ["touch build/x.o", "touch {path:path build/*.o}", "touch {path:path build/**/*.o}"],
        ),
        ("ls", []),
        ("rm -rf /srv", []),
    ],
)
def test_the_exact_command_comes_first_then_wider_ones(text: str, expected: list[str]) -> None:
    assert patterns(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "docker restart web-1", "git push origin main", "kubectl scale --replicas=3 deploy/api",
        "cp /srv/a/x.txt /srv/b/y.txt", "sudo -u deploy docker restart web", "make all",
        "pg_dump db1 | gzip > /backup/db1.gz", "FROB=1 make all", "git commit -m 'a b'",
        "mkdir -p /srv/app/x", "systemctl restart nginx", "npm run build", "pip install -r r.txt",
    ],
)  # fmt: skip
def test_what_is_shown_beside_a_suggestion_is_so(text: str) -> None:
    context = Context(agent="bot", environment="dev", cwd="/srv")
    for offer in suggest(text, ENGINE, context):
        assert offer.suggestions
        before = None
        for one in offer.suggestions:
            form = read_pattern(one.pattern, RULES).form
            assert examine(one.pattern, RULES, one.scope).harm is Harm.NONE
            assert one.scope == Scope(("bot",), (), ("dev",), ("/srv",))
            assert one.ttl == offer.judged.ttl
            assert admits(form, text), "a wider pattern admits what was approved"
            for admitted in one.admits:
                assert admits(form, admitted)
                assert before is None or not admits(before, admitted)
            assert len(one.admits) == (1 if before is None else 3)
            assert one.near_miss is not None
            assert not admits(form, one.near_miss)
            before = form


def admits(form: Form, text: str) -> bool:
    for action in ENGINE.plan(text).actions:
        try:
            if form.admits(action_form(action), directory_of(action, "/srv")):
                return True
        except Unfixed:
            continue
    return False


def test_statements_get_suggestions() -> None:
    text = "UPDATE jobs SET state = 'queued' WHERE id = 17"
    assert patterns(text, "sql:postgres") == [
        text,
        "UPDATE jobs SET state = 'queued' WHERE id = {n:int}",
        "UPDATE jobs SET state = {value:text} WHERE id = {n:int}",
    ]


def test_what_is_high_gets_none_and_says_why() -> None:
    (offer,) = suggest("rm -rf /srv", ENGINE)
    assert offer.suggestions == ()
    assert offer.why_not == "it is high, and high is never whitelisted"


def test_the_exact_pattern_of_an_action() -> None:
    (action,) = ENGINE.plan("sudo docker restart 'web'").actions
    assert exact(action, ENGINE) == Pattern("docker restart web", via=("sudo",))


@pytest.mark.parametrize(
    ("text", "cwd", "expected"),
    [
        ("make all", "/home", ("/home",)),
        ("cd /srv/app && make all", "/home", ("/srv/app",)),
        ("cd app && make all", "/srv", ("/srv/app",)),
        ("cd /srv/app; make all", "/home", ("/home", "/srv/app")),
        ("cd /srv/app; make all", None, ()),
    ],
)
def test_a_suggestion_is_for_where_the_action_works(
    text: str, cwd: str | None, expected: tuple[str, ...]
) -> None:
    *_, offer = suggest(text, ENGINE, Context(cwd=cwd))
    assert offer.suggestions[0].scope.cwd == expected
