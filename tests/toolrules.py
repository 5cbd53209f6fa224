"""Rules of a made-up program, and an engine with them: whatever an approval can meet."""

from functools import cache
from pathlib import Path

from policy import Engine
from policy.dsl import compile_sources
from policy.source import Source

TEXT = """\
program tool {
    option -f --force
    option -m <value>
    option -n <number>
    subcommand
    default medium 40 "changes something of the tool"
}

rule tool.show "shows something" {
    on tool show
    tier low
    score 5
    match "tool show web"
    no match "tool restart web"
}

rule tool.restart "restarts a service" {
    on tool restart
    tier medium
    score 45
    ttl 2d
    match "tool restart web"
    no match "tool show web"
}

rule tool.restart.production "restarts a service of production" {
    on tool restart
    when environment is "prod" or option -n
    tier medium
    score 50
    ttl 12h
    approvals 2
    match "tool restart -n 2 web"
    no match "tool restart web"
}

rule tool.push.force "overwrites what others have" {
    on tool push
    when option (-f | --force) or argument "+*"
    tier high
    score 90
    approvals 2
    match "tool push +main"
    no match "tool push main"
}

rule tool.release "publishes a release" {
    on tool release
    tier medium
    score 60
    approvals 2
    ttl 1d
    match "tool release 1.0"
    no match "tool show 1.0"
}

rule tool.unlock "unlocks the vault" {
    on tool unlock
    tier medium
    score 65
    never whitelist
    match "tool unlock vault"
    no match "tool show vault"
}

rule tool.old "isn't used any more" {
    on tool old
    tier medium
    score 60
    deny
    match "tool old web"
    no match "tool show web"
}
"""

_USUAL = """\
program sudo {
    option -u <value>
    runs arguments
    effects privilege
}
program cd {
    operand 1 <directory>
    default medium 30 "changes the directory"
}
"""


@cache
def engine() -> Engine:
    """An engine of these rules, a `cd` and a `sudo`."""
    return engine_of(TEXT)


def engine_of(text: str) -> Engine:
    """An engine of other rules, a `cd` and a `sudo`; they must compile without findings."""
    found = compile_sources([Source("tool.rules", text), Source("usual.rules", _USUAL)])
    assert [str(one) for one in found.findings] == []
    assert found.ruleset is not None
    return Engine(found.ruleset)


def directory(parent: Path) -> Path:
    """A directory of rules with these."""
    made = parent / "rules"
    made.mkdir()
    (made / "tool.rules").write_text(TEXT, encoding="utf-8")
    return made
