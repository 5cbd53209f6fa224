"""An allow is a promise: what was allowed runs as the real program, and must leave no trace.

Command lines are decided by the shipped rules. Those that are allowed run in a sandbox, many in
one run, as this machine's own programs. Whatever they open for writing, delete, rename, signal
or connect to, and every program that they start and the Plan doesn't name, is a miss. What is
excused is a closed table, each row with its reason.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from random import Random

from oracle.cover import admits_all, vectors
from oracle.options_declared import installed, shipped
from oracle.programs_files import files
from oracle.programs_lines import Lines, about, collected, examples, option_names
from oracle.programs_made import is_part
from oracle.report import Miss, Part, Row
from oracle.sandbox import HOME, WORK, Outcome, Sandbox
from oracle.trace import Called, Opened, Process
from policy import Context, Engine, Verdict
from policy.plan import Plan

JUDGE = "real programs"
_BATCH = 25
_CONTEXT = Context(agent="oracle", cwd="/project")
_TRIES = 12
"""Lines that are drawn for each that is allowed, at most."""

NEVER = frozenset(
    {
        "timeout",  # bounds the time of the others
        *("gcloud", "gsutil", "bq", "mvn", "jshell", "java", "npm", "npx"),  # take seconds to start
        *("gdb", "strace"),  # what they trace is the trace's own
        "parallel",  # asks the terminal and looks at its parents, whatever it does
        "time",  # a word of bash, not the program
    }
)
"""Programs that aren't drawn."""

# Started by what runs the lines, not by them.
_OURS = re.compile(r"/(?:real/timeout|real/bash|bin/bash)")
# What is no file, or is gone with the process.
_NO_FILE = re.compile(
    r"/dev/(?:null|tty|stdout|stderr|stdin|zero|full|ptmx|console|fd/\d+|pts/\d+)"
    r"|/proc/(?:self|\d+)/fd/\d+|/proc/self/task/\d+/comm"
)
_SCRATCH = re.compile(r"/tmp/[^/]+")
# What a program opens or makes although it says nothing of it, and why that is no harm.
EXCUSED = {
    "sync": "/project/.*",  # opens a file that it can't read for writing, and writes nothing
    "su": "/var/log/btmp",  # notes who may not become another
    "top": f"{HOME}/.config(?:/procps)?",  # makes the empty directory of its settings
    # Makes an empty keyring where there is none, and locks it.
    "gpg": rf"{HOME}/\.gnupg(?:/(?:\.#lk\w+\.[\w.-]+|(?:pubring\.kbx|trustdb\.gpg)(?:\.lock)?))?",
}
# What fetches, reads the state of another host, asks name servers or pings is low by design.
_CONNECTS = frozenset(
    {"curl", "wget", "ping", "dig", "host", "nslookup", "kubectl", "ssh", "ssh-keyscan", "getent"}
    | {"fuser"}  # looks its own addresses up
)
# The process that it was divided into, or itself.
_STOPS_ITS_OWN = frozenset({"rsync", "dig", "host", "nslookup", "delv"})


@dataclass
class Judged:
    """Counts of one share of work."""

    ran: Counter[str]
    seen: Counter[str]
    missed: list[tuple[str, Miss]]


def run(part: Part) -> list[Row]:
    """Decides lines until as many as `part.count` were allowed, and runs those."""
    return kept(part, [name for name in installed(shipped()) if name not in NEVER])


def kept(part: Part, names: Sequence[str]) -> list[Row]:
    """A row for each of these programs of which lines were drawn and allowed."""
    engine = Engine.load()
    random = Random(part.seed)
    found = Judged(Counter(), Counter(), [])
    with files() as sample, Sandbox(real=[*names, "timeout"], seconds=60, files=sample) as box:
        lines = Lines(random, shipped().programs, real_options(box, names))
        drawn = (
            (program, text)
            for program, text in _drawn(random, lines, names, part)
            if engine.decide(text, _CONTEXT).verdict is Verdict.ALLOW
        )
        allowed = islice(drawn, part.count)
        while batch := list(islice(allowed, _BATCH)):
            judge(engine, box, batch, found)
    return [
        Row(
            JUDGE,
            program,
            found.ran[program],
            found.seen[program],
            0,
            tuple(miss for name, miss in found.missed if name == program),
        )
        for program in sorted(found.ran)
    ]


def _drawn(
    random: Random, lines: Lines, names: Sequence[str], part: Part
) -> Iterator[tuple[str, str]]:
    """Lines with the program that they are about, at most `_TRIES` times as many as asked for."""
    texts = [text for text in examples() if "\n" not in text]
    if part.corpora is not None:
        texts += collected(part.corpora)
    known = about(texts, names)
    for _ in range(part.count * _TRIES):
        program = random.choice(names)
        if program not in known or random.random() < 0.6:
            yield program, lines.composed(program)
        else:
            text = lines.mutated(known[program])
            if text is not None:
                yield program, text


def real_options(box: Sandbox, names: Sequence[str]) -> dict[str, list[str]]:
    """What looks like an option in what each program prints as its help."""
    asked = [
        f"printf '\\n\\2%s\\n' {name} >&2; /real/timeout -s KILL .5 {name} --help >&2"
        for name in map(shlex.quote, names)
    ]
    found: dict[str, list[str]] = {}
    for start in range(0, len(asked), 50):
        parts = re.split("\2(.*)\n", box.run("\n".join(asked[start : start + 50])).errors)
        for name, text in zip(parts[1::2], parts[2::2], strict=True):
            found[name] = option_names(text)
    return found


def judge(engine: Engine, box: Sandbox, batch: Sequence[tuple[str, str]], found: Judged) -> None:
    """Runs allowed lines together; where something happened, each alone."""
    together = _ran(box, [text for _, text in batch])
    plans = [engine.plan(text) for _, text in batch]
    whole = Plan("", "shell", tuple(action for plan in plans for action in plan.actions))
    alone = bool(list(effects(whole, together)))
    for (program, text), plan in zip(batch, plans, strict=True):
        found.ran[program] += 1
        if not alone:
            continue
        for happened in dict.fromkeys(effects(plan, _ran(box, [text]))):
            found.missed.append((program, Miss("shell", text, happened)))
    found.seen.update(
        posixpath.basename(one.path)
        for one in together.trace.started
        if one.by.is_shell and not _OURS.fullmatch(one.path)
    )


def _ran(box: Sandbox, texts: Sequence[str]) -> Outcome:
    run = "/real/timeout -s KILL 1 /real/bash --noprofile --norc -c"
    return box.run("\n".join(f"{run} {shlex.quote(text)}" for text in texts))


# What happened -----------------------------------------------------------------------------


def effects(plan: Plan, outcome: Outcome) -> Iterator[str]:
    """Sentences about everything that a run did and that an allow promises it doesn't."""
    trace = outcome.trace
    removing = {"unlink", "unlinkat", "rmdir"}
    gone = {path for one in trace.called if one.name in removing for path in one.paths}
    made = {one.path for one in trace.opened if one.writing}
    made |= {path for one in trace.called if one.name.startswith("mkdir") for path in one.paths}
    made &= gone
    for opened in trace.opened:
        if opened.writing and not _is_scratch(opened.path, made) and not _excused(opened):
            yield f"{_name(opened.by)} opened {opened.path} for writing"
    for called in trace.called:
        if not _is_quiet(called, made) and not _excused(called):
            yield f"{_name(called.by)} called {called.name}({', '.join(called.paths)})"
    for started in trace.started:
        if _OURS.fullmatch(started.path) or started.by.path == "/real/timeout":
            continue
        if is_part(started):
            continue
        if not any(admits_all(words, started.argv) for _, words in vectors(plan)):
            yield f"{_name(started.by)} ran {shlex.join(started.argv)}"


def _name(process: Process) -> str:
    return posixpath.basename(process.argv[0]) if process.argv else ""


def _is_scratch(path: str, made: set[str]) -> bool:
    """Whether a path is no file, or a temporary one that is gone."""
    return bool(_NO_FILE.fullmatch(path)) or (bool(_SCRATCH.fullmatch(path)) and path in made)


def _excused(happened: Opened | Called) -> bool:
    """Whether a program does that by design, by the table of `EXCUSED`."""
    if isinstance(happened, Opened) and _name(happened.by) == "sqlite3":
        # It opens its database for both, whatever it does; one that isn't there is made, empty.
        return posixpath.relpath(happened.path, WORK) in happened.by.argv[1:]
    paths = (happened.path,) if isinstance(happened, Opened) else happened.paths
    pattern = EXCUSED.get(_name(happened.by))
    return pattern is not None and bool(paths) and all(re.fullmatch(pattern, one) for one in paths)


def _is_quiet(called: Called, made: set[str]) -> bool:
    if _OURS.fullmatch(called.by.path) or _name(called.by) == "bash":
        return True
    match called.name:
        case "tkill" | "tgkill":
            return True  # a thread of its own
        case "kill":
            asks = re.search(r", (?:0|SIG_0)$", called.arguments) is not None
            return asks or _name(called.by) in _STOPS_ITS_OWN
        case "connect":
            local = re.search(r"AF_UNIX|AF_NETLINK|AF_UNSPEC|htons\(53\)", called.arguments)
            return local is not None or _name(called.by) in _CONNECTS
        case _:
            return bool(called.paths) and all(_is_scratch(path, made) for path in called.paths)
