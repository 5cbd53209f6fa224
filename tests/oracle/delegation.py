"""Programs that run other programs: what the real ones start must be what the Plan says.

`env`, `timeout`, `xargs`, `find -exec`, `flock` and the like run as they are; what they are
given to run only records how it was started. Each start is in the Plan with its exact words, or
some part of the decision, not low, is about the program that started it (inline code, an option
that nobody knows); otherwise it is a miss.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping
from functools import cache
from random import Random

from oracle.cover import admits_all, vectors
from oracle.options_declared import inside_path, shipped
from oracle.programs_files import files
from oracle.programs_lines import CODE, PATHS, Lines
from oracle.programs_made import is_part
from oracle.report import Miss, Part, Row
from oracle.sandbox import Outcome, Sandbox
from policy import Context, Decision, Engine, Tier, Verdict
from policy.plan import Plan
from policy.program import Program, RunsKind

JUDGE = "delegation"
_CONTEXT = Context(agent="oracle", cwd="/project")
_INNER = (
    ("frob",), ("frob", "a", "b c"), ("frob", "-x", "--long=1", "-"), ("frob", "--", "-n"),
    ("sh", "-c", "frob q; frobnicate"), ("bash", "-c", "frob $0 \"$1\"", "x", "y z"), ("env",
    "A=1", "frob"),
    ("nice", "-n", "3", "frob", "-n", "3"), ("frob", "{}"), ("frob", "text.txt", "{}", "x{}y"),
    ("xargs", "frob", "-I"), ("timeout", "2", "frob", "-s", "1"), ("frob", "A=1", "+"), ("A=1",
    "frob"),
    ("sh", "script.sh"), ("find", "sub", "-exec", "frob", "{}", "+"), ("-", "frob"), ("frob",
    "%", "\\;"),
)  # fmt: skip
# What stands before the command of wrappers that take operands of their own.
_BEFORE: Mapping[str, tuple[str, ...]] = {
    "timeout": ("2", "0", "1s", ".5"),
    "flock": ("lock", ".", "/tmp/lock"),
    "chrt": ("0", "1"),
    "taskset": ("1", "0x1", "f"),
    "runuser": ("user",),
    "setarch": ("x86_64", "linux64"),
}
_SCRIPTED: Mapping[str, tuple[str, ...]] = {
    "sed": ("text.txt",), "awk": ("text.txt",), "mawk": ("text.txt",), "gawk": ("text.txt",),
    "perl": (), "python3": (), "find": (),
}  # fmt: skip
_LINES = (
    "tar cf /dev/null --checkpoint=1 --checkpoint-action=exec='frob a' text.txt",
    "tar xf some.tar --to-command='frob b' -C /tmp",
    "tar cf made.tar -I 'frob -c' text.txt",
    "tar --use-compress-program='frob x' -cf made.tar sub",
    "tar -cf made.tar --rsh-command=frob text.txt",
    "tar xf some.tar --info-script='frob c' -M",
    "git -c alias.z='!frob a' z b",
    "git -c core.pager=frob -p log",
    "git -c core.pager='frob -x' --paginate diff",
    "git -c core.editor=frob commit --allow-empty",
    "git -c core.fsmonitor='frob f' status",
    "git -c diff.external=frob diff",
    "git -c core.sshCommand='frob s' fetch ssh://host/x",
    "git -c credential.helper='!frob c' fetch https://localhost/x",
    "git -c gpg.program=frob tag -s x -m y",
    "git grep --open-files-in-pager=frob one",
    "git grep -Ofrob one",
    "git bisect run frob",
    "git rebase --exec 'frob a' HEAD",
    "git submodule foreach 'frob a'",
    "git difftool -x 'frob d' -y",
    "git clone -u 'frob u' sub made",
    "git ls-remote --upload-pack='frob u' sub",
    "git fetch --upload-pack 'frob u'",
    "git archive --remote=sub --exec='frob e' HEAD",
    "git filter-branch --tree-filter 'frob t' HEAD",
    "GIT_PAGER=frob git -p log",
    "GIT_EXTERNAL_DIFF='frob x' git diff",
    "GIT_SSH_COMMAND='frob x' git fetch ssh://host/x",
    "PAGER='frob q' git -p log",
    "GIT_SSH=nice git ls-remote ssh://frob/x",
    "GIT_SSH_COMMAND='nice -n 3' git ls-remote ssh://frob/x",
    "GIT_PROXY_COMMAND=nice git ls-remote git://frob/x",
    "tar tf some.tgz -I nice",
    "GIT_EDITOR='frob e' git commit --allow-empty",
    "make -f /dev/null --eval='x:;frob m'",
    "make SHELL=/bin/frob",
    "make all",
    "sort --compress-program=frob -S 1 text.txt",
    "split --filter='frob $FILE' text.txt",
    "script -qc 'frob a' /dev/null",
    "watch -n 1 frob a b",
    "watch -x frob a b",
    "xargs -a names frob",
    "find . -name c.txt -execdir frob {} ';'",
    "find . -name c.txt -okdir frob {} ';'",
    "find -- sub -name c.txt -exec frob {} ';'",
    "vim -es -c '!frob a' -c q",
    "vim -es +'!frob a' +q",
    "man -P 'frob x' ls",
    "less text.txt",
    "LESSOPEN='|frob %s' less text.txt",
    "zip -T -TT 'frob #' made.zip text.txt",
    "rsync -e 'frob r' text.txt host:x",
    "sqlite3 some.db '.shell frob a'",
    "psql -c '\\! frob a'",
    "ssh -o ProxyCommand='frob p' host",
    "ip netns exec x frob",
    "dpkg -l",
    "strace -o /dev/null frob a",
    "gdb -batch -ex '!frob'",
    "openssl version",
    "env -S 'frob a b' c",
    "env -S'frob ${HOME}'",
    "env --split-string='frob a' b",
    "printf '%s\\n' 'a b' c | xargs -n1 frob",
    "printf '%s\\0' 'a b' c | xargs -0 frob x",
    "printf '%s\\n' 'a b' c | xargs -I{} frob x{} {}",
    "printf '%s\\n' 'a b' c | xargs -i frob x{}",
    "printf '%s\\n' 'a b' c | xargs -L1 -t frob --",
    "printf 'x y' | xargs sh -c 'frob $0 $1'",
    "printf 'frob z' | xargs -I% sh -c %",
    "printf 'frob\\n' | sh",
    "printf 'frob\\n' | env sh -s x",
    "seq 2 | xargs --max-lines frob",
    "seq 2 | xargs --max-lines=1 frob",
    "seq 2 | xargs -l frob",
    "seq 2 | xargs --process-slot-var=X frob",
)


def run(part: Part) -> list[Row]:
    """Draws lines of wrappers and what they run."""
    engine = Engine.load()
    random = Random(part.seed)
    wrappers, real = _wrappers(), _real()
    with files() as sample, Sandbox(real=real, seconds=3, files=sample) as box:
        lines = Lines(random, shipped().programs, {})
        drawn = [_line(random, lines, wrappers) for _ in range(part.count)]
        return judged(engine, box, drawn)


def judged(engine: Engine, box: Sandbox, lines: list[tuple[str, str]]) -> list[Row]:
    """A row for each program, of lines with the program that they are about."""
    rows = []
    for program, text in lines:
        plan, decision = engine.plan(text), engine.decide(text, _CONTEXT)
        seen = unnamed = 0
        missed = []
        for named, happened in held(plan, decision, box.run(text)):
            seen += 1
            unnamed += not named
            if happened is not None:
                missed.append(Miss("shell", text, happened))
        rows.append(Row(JUDGE, program, 1, seen, unnamed - len(missed), tuple(missed)))
    return rows


def held(plan: Plan, decision: Decision, outcome: Outcome) -> Iterator[tuple[bool, str | None]]:
    """For each program that was started: whether the Plan names it, and what was missed of it."""
    runs_code = {
        one.program
        for one in decision.actions
        if one.tier is Tier.HIGH
        or "code" in one.effects
        or any(_of_code(reason.rule) for reason in one.reasons)
    }
    unread = any(one.kind == "opaque" for one in decision.actions)
    unknown: set[tuple[str, ...]] = set()
    found = list(vectors(plan))
    for started in outcome.trace.started:
        starter = posixpath.basename(started.by.argv[0]) if started.by.argv else ""
        told = unread or starter in runs_code or started.by.argv in unknown
        if told:
            unknown.add(started.argv)
        if _named(found, started.path, started.argv) or is_part(started):
            yield True, None
            continue
        if decision.verdict is not Verdict.ALLOW and told:
            yield False, None
        else:
            yield False, f"{starter} ran {shlex.join(started.argv)}"


def _of_code(rule: str) -> bool:
    """Whether a rule says that it doesn't know what a program does, or that it runs its code."""
    return rule.endswith(".default") or ".inline" in rule


def _named(found: list[object], path: str, argv: tuple[str, ...]) -> bool:
    """Whether the plan has a program by its name, its path, or the name that was looked up."""
    names = [argv[0], path]
    if posixpath.dirname(path) == "/bin":
        names.append(posixpath.basename(path))  # chronic hands on what it found in PATH
    return any(
        admits_all(words, (name, *argv[1:]))
        for _, words in found  # type: ignore[misc]
        for name in names
    )


# Lines -------------------------------------------------------------------------------------


@cache
def _wrappers() -> tuple[str, ...]:
    """The programs of this machine that are declared to run their operands."""
    skipped = re.compile(
        "ssh|slogin|docker|kubectl|strace|gdb|capsh|chroot|nsenter|systemd-run|npx|npm"
    )
    return tuple(
        name
        for name, program in sorted(shipped().programs.items())
        if _runs(program) and inside_path(name) is not None and not skipped.search(name)
    )


def _runs(program: Program) -> bool:
    return bool(program.runs)


@cache
def _real() -> tuple[str, ...]:
    of_lines = {word for text in _LINES for word in re.findall(r"[\w-]+", text)}
    known = {name for name in of_lines if name in shipped().programs}
    found = {*_wrappers(), *_SCRIPTED, *known, "cat", "seq"}
    return tuple(sorted(name for name in found if inside_path(name) is not None))


def _line(random: Random, lines: Lines, wrappers: tuple[str, ...]) -> tuple[str, str]:
    match random.randint(0, 9):
        case 0:
            text = random.choice(_LINES)
            return _subject(text), text
        case 1:
            program = random.choice(sorted(_SCRIPTED))
            return program, _scripted(random, program)
        case _:
            program = random.choice(wrappers)
            words = _wrapped(random, lines, program, random.choice(_INNER))
            while random.random() < 0.25:
                words = _wrapped(random, lines, random.choice(wrappers), words)
            text = shlex.join(words)
            if "xargs" in words and random.random() < 0.7:
                text = f"{random.choice(_FEEDS)} | {text}"
            return words[0], text


_FEEDS = ("printf 'a b\\nc\\n'", "printf 'a\\0b'", "echo frob", "seq 3", "cat names", "true")


def _subject(text: str) -> str:
    words = re.findall(r"[\w.-]+", text)
    return next(
        (word for word in words if word in shipped().programs and word not in {"printf", "seq"}),
        words[0],
    )


def _scripted(random: Random, program: str) -> str:
    code = random.choice(CODE[{"mawk": "awk", "gawk": "awk"}.get(program, program)])
    code = code.replace("touch", "frob")
    if program == "find":
        return f"find . {code}"
    flag = {"perl": ["-e"], "python3": ["-c"]}.get(program, [])
    return shlex.join([program, *flag, code, *_SCRIPTED[program]])


def _wrapped(random: Random, lines: Lines, program: str, inner: tuple[str, ...]) -> tuple[str, ...]:
    """`inner`, run through the program, with options of it."""
    level = shipped().programs[program]
    words = ["command", program] if program == "time" else [program]  # not the word of the shell
    for _ in range(random.choice((0, 0, 1, 1, 2))):
        if level.options:
            words += lines.option(random.choice(level.options))
    if random.random() < 0.15:
        words.append("--")
    group = next((runs for runs in level.runs if runs.kind is RunsKind.BETWEEN), None)
    if group is not None:
        words.insert(1, random.choice(PATHS))
        words += [random.choice(group.after), *inner, random.choice(("{}", "x", "")) or "{}"]
        words.append(random.choice(group.until))
        return tuple(words)
    first = min((runs.first for runs in level.runs), default=1)
    before = _BEFORE.get(program, ("1", "a"))
    words += [random.choice(before) for _ in range(first - 1)]
    if level.assignments and random.random() < 0.3:
        words.append(random.choice(("B=2", "LANG=C", "B=x y")))
    if level.runs and all(runs.kind is RunsKind.SHELL for runs in level.runs):
        return (*words, random.choice((shlex.join(inner), *inner)))
    return (*words, *inner)
