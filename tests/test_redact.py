"""Secrets in commands: what of a text is hidden, and that nothing of a secret is left."""

import json
import shlex
from datetime import UTC, datetime
from functools import cache

import pytest
from dsl_texts import compiled
from hypothesis import example, given, settings
from hypothesis import strategies as st

from policy import Context, Engine
from policy.journal import redact as redact_module
from policy.journal.keep import answered
from policy.journal.record import to_line
from policy.journal.redact import Redacted, redact

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECRET = "hunter2"


@cache
def engine() -> Engine:
    return Engine.load()


def hidden(text: str, language: str = "shell") -> Redacted:
    return redact(text, engine().plan(text, language).actions, engine().rules, language)


SHIPPED = [(one, example) for one in engine().rules.secrets for example in one.examples]


@pytest.mark.parametrize(
    ("secret", "example"), SHIPPED, ids=[f"{s.name}:{e.place.line}" for s, e in SHIPPED]
)
def test_an_example_holds(secret, example):
    found = hidden(example.text, example.language)
    assert (secret.name in found.kinds) is example.matches, found.text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("mysql -phunter2 shop", "mysql -p[redacted: password] shop"),
        ("mysql --passw=hunter2 shop", "mysql --passw=[redacted: password] shop"),
        ("mysql -e 'SELECT 1' -p'hun ter2'", "mysql -e 'SELECT 1' -p'[redacted: password]'"),
        ("mysql -phunter2 -e ''", "mysql -p[redacted: password] -e ''"),
        ("curl -u user:hunter2 x.example", "curl -u user:[redacted: password] x.example"),
        ("curl -u user x.example", "curl -u user x.example"),
        ("sshpass -p hunter2 ssh web ls", "sshpass -p [redacted: password] ssh web ls"),
        ("az login -u x -p hunter2", "az login -u x -p [redacted: password]"),
        ("redis-cli -a hunter2 ping", "redis-cli -a [redacted: password] ping"),
        ("7z x -phunter2 a.7z", "7z x -p[redacted: password] a.7z"),
        ("docker login -u a -p hunter2 r", "docker login -u a -p [redacted: password] r"),
        ("kubectl --token=hunter2 get pods", "kubectl --token=[redacted: token] get pods"),
        ("helm pull x --password hunter2", "helm pull x --password [redacted: password]"),
        ("wget --http-password=hunter2 x", "wget --http-password=[redacted: password] x"),
        ("mongosh -p hunter2 db", "mongosh -p [redacted: password] db"),
        ("smbclient -U a%hunter2 //x/y", "smbclient -U a%[redacted: password] //x/y"),
        ("vault kv put secret/x a=hunter2", "vault kv put secret/x a=[redacted: secret]"),
        ("openssl rsa -passin pass:hunter2", "openssl rsa -passin [redacted: password]"),
        ("openssl rsa -passin env:PW", "openssl rsa -passin env:PW"),
        # undeclared programs and options, by the option's name
        ("mycli --api-key hunter2 run", "mycli --api-key [redacted: key] run"),
        ("mycli --api-key=hunter2 run", "mycli --api-key=[redacted: key] run"),
        ("mycli --password --verbose", "mycli --password --verbose"),
        # standard input
        ("echo hunter2 | sudo -S ls", "echo [redacted: password] | sudo -S ls"),
        (
            "docker login --password-stdin r <<< hunter2",
            "docker login --password-stdin r <<< [redacted: password]",
        ),
        (
            "printf '%s' hunter2 | sudo -S ls",
            "printf '[redacted: password]' [redacted: password] | sudo -S ls",
        ),
        ("cat <<< 'hun ter' | sudo -S ls", "cat <<< '[redacted: password]' | sudo -S ls"),
        (
            "aws ecr get-login-password | docker login --password-stdin r",
            "aws ecr get-login-password | docker login --password-stdin r",
        ),
        # variables: where the value stands, not where it is used
        ("P=hunter2; mysql -p$P x", "P=[redacted: password]; mysql -p$P x"),
        ("mysql -p$DB_PASS x", "mysql -p$DB_PASS x"),
        ('mysql -p"$(cat /run/pw)" x', 'mysql -p"$(cat /run/pw)" x'),
        ("mysql -p${P:-hunter2} x", "mysql [redacted: password] x"),
        ("TOKEN=$(gh auth token) make", "TOKEN=$(gh auth token) make"),
        ("P=$'\\x68unter2'; mysql -p\"$P\" x", "[redacted: password]"),
        # delegated text
        (
            "bash -c 'mysql -phunter2 shop'",
            "bash -c 'mysql -p[redacted: password] shop'",
        ),
        (
            'ssh db "mysql -p\\"hunter2\\" shop"',
            'ssh db "mysql -p\\"[redacted: password]\\" shop"',
        ),
        (
            "psql -c 'ALTER USER a PASSWORD '\\''hunter2'\\'''",
            "psql -c 'ALTER USER a PASSWORD '\\''[redacted: password]'\\'''",
        ),
        (
            "psql <<EOF\nALTER USER a PASSWORD 'hunter2';\nEOF",
            "psql <<EOF\nALTER USER a PASSWORD '[redacted: password]';\nEOF",
        ),
        # URLs
        ("git clone https://a:hunter2@x/y", "git clone https://a:[redacted: password]@x/y"),
        ("git clone https://a:hun/ter2@x/y", "git clone https://a:[redacted: password]@x/y"),
        ("git clone ssh://git@x:22/a@b", "git clone ssh://git@x:22/a@b"),
        # a value is hidden wherever it stands
        ("mysql -phunter2 hunter2", "mysql -p[redacted: password] [redacted: password]"),
        ("mysql -ps shop", "mysql -p[redacted: password] shop"),
        # not understood
        ("if mysql -phunter2; then", "if mysql -p[redacted: password]; then"),
        ("echo $( --secret hunter2", "echo $( --secret [redacted: secret]"),
        ("x ( password=hunter2", "x ( password=[redacted: password]"),
        # nothing to hide
        ("git log --author=password", "git log --author=password"),
        ("docker run -v app-token:/srv x", "docker run -v app-token:/srv x"),
        ("", ""),
    ],
)
def test_exactly_the_secret_is_hidden(text, left):
    assert hidden(text).text == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("CREATE USER a IDENTIFIED BY 'it''s'", "CREATE USER a IDENTIFIED BY 'MARK'"),
        ("SET PASSWORD FOR a = PASSWORD('x')", "SET PASSWORD FOR a = PASSWORD('MARK')"),
        ("ALTER ROLE a PASSWORD $$x$$", "ALTER ROLE a PASSWORD $$MARK$$"),
        ("SELECT password FROM users", "SELECT password FROM users"),
    ],
)  # fmt: skip
def test_passwords_in_sql_are_hidden(text, left):
    assert hidden(text, "sql:mysql").text == left.replace("MARK", "[redacted: password]")


def test_what_was_hidden_is_told():
    found = hidden("TOKEN=abcdef mysql -phunter2")
    assert found.kinds == ("token", "password")
    assert found.spans == ((6, 12), (21, 28))
    assert "hunter2" not in repr(found)


def test_another_text_about_the_command_is_cleaned():
    found = hidden("mysql -phunter2 shop")
    assert found.clean("near `hunter2`") == "near `[redacted: password]`"
    assert found.clean("at postgres://a:b1c2@h") == "at postgres://a:[redacted: password]@h"


def test_a_fault_hides_everything(monkeypatch):
    monkeypatch.setattr(redact_module, "secrets_of", lambda *_: 1 / 0)
    found = hidden("mysql -phunter2 shop")
    assert (found.text, found.kinds) == ("[redacted: command]", ("command",))
    assert found.clean("near `hunter2`") == "[redacted: command]"


def test_users_declare_their_own():
    rules = compiled(
        """
        program shipit {
            option -k --key <value>
            option -b
            redact "deploy key" option -k --key after ":"
            redact "deploy key" operand 2 if option (-b)
            redact "deploy key" operands from 3 after "="
        }
        redact "badge" { text "BADGE-???" match "x BADGE-123" no match "x BADGE-1" }
        """
    )
    own = Engine(rules)

    def left(text):
        return redact(text, own.plan(text).actions, rules).text

    mark = "[redacted: deploy key]"
    assert left("shipit --key=a:abcd x") == f"shipit --key=a:{mark} x"
    assert left("shipit -b x abcd") == f"shipit -b x {mark}"
    assert left("shipit x abcd") == "shipit x abcd"
    assert left("shipit x y k=abcd") == f"shipit x y k={mark}"
    assert left("x BADGE-123") == "x [redacted: badge]"
    assert left("x XBADGE-123") == "x XBADGE-123"


# Laws -------------------------------------------------------------------------------------


def single(value):
    return shlex.quote(value)


def double(value):
    return '"' + "".join("\\" + c if c in '\\"$`' else c for c in value) + '"'


def halves(value):
    middle = len(value) // 2
    return single(value[:middle]) + double(value[middle:])


def escaped(value):
    return "".join(c if c.isalnum() else "\\" + c for c in value)


def ansi(value):
    return "$'" + "".join(f"\\x{ord(c):02x}" for c in value) + "'"


SECRETS = st.builds(
    lambda body: "Zq7" + body + "Kx9",
    st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=4, max_size=20),
)
QUOTINGS = st.sampled_from((single, double, halves, escaped, ansi))
PLACES = st.sampled_from(
    (
        "mysql -p{} shop",
        "mysql -i -Bp{} shop -e 'SELECT 1'",
        "mysql --password={} shop",
        "sshpass -p {} ssh web uptime",
        "sudo sshpass -p {} ssh web uptime",
        "PGPASSWORD={} psql -c 'SELECT 1'",
        "export API_TOKEN={}",
        "MY_SECRET={}; ./run",
        "redis-cli -a {} ping",
        "mycli --token {} run",
        "docker login -u x -p {} r.example",
        "echo {} | docker login -u x --password-stdin r.example",
        "sudo -S ls <<< {}",
        "kubectl create secret generic x --from-literal=k={}",
        "P={}; mysql -p\"$P\" shop",
        "for p in {}; do mysql -p\"$p\"; done",
        "ls && (mysql -p{} shop | wc -l)",
        "curl https://x.example -u a:{}",
        "mycli login --password {} $(",
        "mysql -p{} shop $(",
    )
)  # fmt: skip
AROUND = st.sampled_from(
    (
        lambda text: text,
        lambda text: f"bash -c {single(text)}",
        lambda text: f"ssh web {double(text)}",
    )
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(SECRETS, QUOTINGS, PLACES, AROUND)
@example(
    "Zq7;000Kx9",
    escaped,
    "mycli login --password {} $(",
    lambda text: f"bash -c {single(text)}",
)
@example(
    "Zq7'000Kx9",
    single,
    "PGPASSWORD={} psql -c 'SELECT 1'",
    lambda text: f"bash -c {single(text)}",
)
def test_a_secret_is_never_in_the_line(secret, quoting, place, around):
    written = quoting(secret)
    text = around(place.replace("{}", written))
    decision = engine().decide(text)
    record = answered(engine(), decision, Context(), "shell", at=NOW)
    line = json.dumps(json.loads(to_line(record)), ensure_ascii=False)
    for form in (secret, written, json.dumps(secret)[1:-1], secret[:-3], secret[3:]):
        assert form not in line
    assert record.redacted


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.sampled_from(("shell", "sql:postgres", "nosuch")))
def test_any_text_is_redacted_without_a_fault(text, language):
    found = hidden(text, language)
    assert found.kinds != (redact_module.WHOLE,)
    ends, starts = [0, *(end for _, end in found.spans)], [start for start, _ in found.spans]
    kept = [text[end:start] for end, start in zip(ends, [*starts, len(text)], strict=True)]
    assert all(piece in found.text for piece in kept)
