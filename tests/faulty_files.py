"""Small files of each kind that decides, and how each is loaded to decide."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from handmade import rules

from policy.dsl import read_directory
from policy.engine import Engine
from policy.whitelist.boundary import Boundary

RULES = rules("""
default medium 60 ttl 7d "a program that has no rules"
program docker { subcommand }
rule docker.restart "interrupts what a container serves" {
    on docker restart tier medium score 45 match "docker restart web"
}
""")

WHITELIST = """\
version: 1
entries:
- id: w-ad95e4878776
  command: docker restart web-{n:int}
  scope:
    agents: [deploy-bot]
    environments: [prod]
  tier: medium
  score: 55
  expires: 2090-11-30T12:00:00Z
  rule: docker.restart@89c870b04710
  approved:
    by: [alice, bob]
    at: 2026-01-23T12:00:00Z
    reason: routine restart during deploys
"""
BOUNDARY = """\
version: 1
task: restart what serves
agents: [deploy-bot]
targets: [web-*]
expires: 2090-01-01T00:00:00Z
allow:
- command: docker restart web-{n:int}
- command: docker restart db
"""
RULE_FILE = """\
program frobnicate { }
rule frobnicate.run "frobnicates" {
    on frobnicate tier high score 80 match "frobnicate"
}
"""


@dataclass(frozen=True)
class Kind:
    """A file that decides. `load` raises where it is refused."""

    name: str
    text: str
    load: Callable[[Path, bool], object]

    def write(self, directory: Path) -> Path:
        path = directory / self.name
        path.write_text(self.text)
        path.chmod(0o644)
        return path


def _load_whitelist(path: Path, trust: bool) -> object:
    return Engine(RULES, path, trust_permissions=trust)


def _load_boundary(path: Path, trust: bool) -> object:
    return Boundary.load(path, RULES, trust_permissions=trust)


def _load_rules(path: Path, trust: bool) -> object:
    return read_directory(path.parent, guarded=not trust)


KINDS = (
    Kind("whitelist.yaml", WHITELIST, _load_whitelist),
    Kind("task.yaml", BOUNDARY, _load_boundary),
    Kind("mine.rules", RULE_FILE, _load_rules),
)
