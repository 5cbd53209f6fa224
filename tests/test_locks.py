"""The locks under supply/ pin, digest by digest, what pyproject.toml declares. No network."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from oracle import verified
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = {file.stem: file for file in (ROOT / "supply").glob("*.txt")}

RUN = PROJECT["project"]["dependencies"]
GROUPS = PROJECT["dependency-groups"]
DECLARED = {  # what each lock is made of
    "run": RUN,
    "test": RUN + PROJECT["project"]["optional-dependencies"]["test"],
    "build": GROUPS["build"],
    "fuzz": GROUPS["fuzz"],
    "release": GROUPS["release"],
}
ADVICE = "run `make lock` and commit supply/"


@dataclass(frozen=True)
class Pin:
    name: str
    version: str
    digests: tuple[str, ...]
    wanted_by: str


def pins(lock: str) -> dict[str, Pin]:
    lines = [line for line in LOCKS[lock].read_text().splitlines() if not line.startswith("#")]
    blocks = re.split(r"\n(?=\S)", "\n".join(lines))
    return {pin.name: pin for pin in map(pin_of, blocks)}


def pin_of(block: str) -> Pin:
    pinned = re.match(r"([a-z0-9-]+)==(\S+)(?: ; [^\\]+)? \\\n", block)
    assert pinned, f"this pins nothing: {block}"
    digests = re.findall(r"--hash=sha256:([0-9a-f]{64})\b", block)
    return Pin(*pinned.groups(), tuple(digests), block.partition("# via")[2])


def requirements(declared: list[str]) -> dict[str, Requirement]:
    return {canonicalize_name(one.name): one for one in map(Requirement, declared)}


def test_every_lock_is_made_of_something_declared():
    assert LOCKS.keys() == DECLARED.keys()


@pytest.mark.parametrize("lock", LOCKS)
def test_what_is_declared_is_pinned_within_its_bounds(lock):
    pinned = pins(lock)
    for name, requirement in requirements(DECLARED[lock]).items():
        assert name in pinned, f"supply/{lock}.txt lacks {name}: {ADVICE}"
        version = pinned[name].version
        assert requirement.specifier.contains(version), f"{requirement}, not {version}: {ADVICE}"


@pytest.mark.parametrize("lock", LOCKS)
def test_nothing_is_pinned_that_nothing_declares(lock):
    direct = {name for name, pin in pins(lock).items() if "command-policy (py" in pin.wanted_by}
    assert direct == requirements(DECLARED[lock]).keys(), ADVICE


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_digests_and_a_reason(lock):
    assert pins(lock)
    assert [pin.name for pin in pins(lock).values() if not (pin.digests and pin.wanted_by)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host_and_no_directory(lock):
    text = LOCKS[lock].read_text()
    assert "://" not in text
    assert "--index-url" not in text
    assert re.findall(r"(?<=\s)(?:/|\.\./)\S+", text) == []


def test_a_package_has_one_version_in_all_locks():
    found = {(pin.name, pin.version) for lock in LOCKS for pin in pins(lock).values()}
    assert sorted(name for name, _ in found) == sorted({name for name, _ in found}), ADVICE


def test_the_build_systems_requirements_are_in_the_lock_for_building():
    wanted = requirements(PROJECT["build-system"]["requires"])
    group = requirements(GROUPS["build"])
    assert {name: str(group[name].specifier) for name in wanted} == {
        name: str(one.specifier) for name, one in wanted.items()
    }


@pytest.mark.parametrize("parser", sorted({*verified.PARSERS} - {"sqlglotc"}))
def test_a_parsers_next_minor_release_is_out_of_bounds(parser):
    bounds = requirements(RUN)[parser].specifier
    major, minor = map(int, pins("run")[parser].version.split(".")[:2])
    assert not bounds.contains(f"{major}.{minor + 1}"), (
        f"{bounds}: what {parser} sees decides what is allowed (docs/decisions/0011)"
    )


@pytest.mark.parametrize("reader", ["lark", "pyyaml"])
def test_the_next_major_release_of_what_reads_policies_is_out_of_bounds(reader):
    bounds = requirements(RUN)[reader].specifier
    assert not bounds.contains(f"{int(pins('run')[reader].version.split('.')[0]) + 1}.0")


def test_the_compiled_half_of_sqlglot_is_of_the_same_version():
    assert pins("run")["sqlglotc"].version == pins("run")["sqlglot"].version


def test_the_parsers_that_are_locked_are_those_that_the_oracles_judged():
    judged = verified.read()
    assert judged, "no whole run of the oracles is recorded: run `make oracle` and commit it"
    locked = {name: pins("run")[name].version for name in verified.PARSERS}
    assert {name: judged.parsers[name] for name in verified.PARSERS} == locked, (
        "run `make oracle` with the locked parsers and commit tests/oracle/verified.json"
    )
