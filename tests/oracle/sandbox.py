"""Runs a text in real bash inside a root of its own, and says what really happened.

    text ─► bubblewrap ─► strace ─► bash ─► programs that do nothing
                             └─► Trace: what ran, with which words, where; what was opened

The root is temporary: no network, no writable path of the host, no process of it in sight, an
account without rights. `/bin` holds a stand-in for every program that a text could name. It does
nothing (`Answer`), but a few programs may be real ones: shells always are, so that what a text
hands on is run as well.
"""

from __future__ import annotations

import os
import re
import select
import shlex
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from shutil import rmtree, which

from oracle.needs import missing, program
from oracle.trace import Trace, read_trace

HOME = "/home/user"
WORK = "/project"
FILES = {
    "a.txt": "one\ntwo words\n",
    "b.log": "",
    "-n": "",
    "sub/c.txt": "three\n",
    "sub/d e.txt": "",
    "run.sh": "echo from-run-sh\n",
}
"""What lies in the directory in which texts run: names that globs find."""

ENVIRONMENT: Mapping[str, str] = {
    "PATH": "/bin",
    "HOME": HOME,
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "TERM": "dumb",
    "USER": "user",
}

_ACCOUNTS = (
    f"root:x:0:0:root:/root:/bin/sh\nuser:x:65534:65534::{HOME}:/bin/sh\n"
    "app:x:1001:1001::/srv/app:/bin/sh\n"
)
SHELLS = ("bash", "sh")
_NAME = re.compile(r"[\w.+@%\[-][\w.+@%\[\]-]*")
_NOBODY = 65534
_FILES = "/files"
_LIMITS = "ulimit -t 3 -u 250 -v 2000000 -f 20000"
_SYSCALLS = (
    "execve,execveat,open,openat,openat2,creat,chdir,fchdir,fork,vfork,clone,clone3,"
    "kill,tkill,tgkill,connect,unlink,unlinkat,rmdir,rename,renameat,renameat2,mkdir,mkdirat,"
    "link,linkat,symlink,symlinkat,chmod,fchmodat,fchmod,chown,lchown,fchownat,fchown,truncate,"
    "ftruncate,mknod,mknodat,utimensat,setxattr,lsetxattr,removexattr,mount,umount2,sethostname"
)


class Answer(Enum):
    """What the programs do that stand in for others."""

    SUCCESS = "true"
    FAILURE = "false"
    ECHO = "echo"  # prints its arguments, so that substitutions have values


class Unavailable(Exception):
    """The kernel or the machine doesn't let us; the message says what is missing."""


@dataclass(frozen=True)
class Outcome:
    """What a run did. `finished` is False where it was stopped: what happened till then counts."""

    trace: Trace
    status: int | None
    errors: str
    finished: bool


class Sandbox(AbstractContextManager["Sandbox"]):
    """Roots for many runs, one after the other; each run has a new one.

    `real` names programs of this machine that run as they are instead of doing nothing. What
    lies in the directory `files` is copied to where texts run. Raises `Unavailable`.
    """

    def __init__(
        self, real: Iterable[str] = (), seconds: float = 4.0, files: Path | None = None
    ) -> None:
        lacking = missing("bwrap", "strace", "bash")
        if lacking:
            raise Unavailable(lacking)
        self._seconds = seconds
        self._files = () if files is None else ("--ro-bind", str(files), _FILES)
        self._user = _NOBODY if os.geteuid() == 0 else None
        self._scratch = Path(tempfile.mkdtemp(prefix="oracle-"))
        self._scratch.chmod(0o755)
        self._bins: dict[Answer, Path] = {}
        self._names: dict[Answer, set[str]] = {}
        self._real = {name: inside_path(name) for name in (*SHELLS, *real)}
        for answer in Answer:
            directory = self._scratch / answer.value
            directory.mkdir()
            self._bins[answer] = directory
            self._names[answer] = set()
            for name, path in self._real.items():
                if path is not None:
                    (directory / name).symlink_to(path)
                    self._names[answer].add(name)
        self._accounts = self._scratch / "passwd"
        self._accounts.write_text(_ACCOUNTS)

    def __exit__(self, *_: object) -> None:
        rmtree(self._scratch, ignore_errors=True)

    def stand_in(self, names: Iterable[str], answer: Answer) -> None:
        """Makes programs of these names that do nothing."""
        known = self._names[answer]
        for name in names:
            if name not in known and name not in {".", ".."} and len(name) < 200:
                known.add(name)
                (self._bins[answer] / name).symlink_to(f"/real/{answer.value}")

    def run(
        self,
        text: str,
        *,
        answer: Answer = Answer.SUCCESS,
        argv: tuple[str, ...] = ("bash", "--noprofile", "--norc", "-c"),
        extra: tuple[str, ...] = (),
    ) -> Outcome:
        """Runs `argv` and the text; `extra` are further arguments of bubblewrap."""
        self.stand_in(_NAME.findall(text), answer)
        outcome = self._once(text, answer, argv, extra)
        for _ in range(3):  # names that the text puts together
            unknown = outcome.trace.lookups - self._names[answer]
            if not unknown:
                break
            self.stand_in(unknown, answer)
            outcome = self._once(text, answer, argv, extra)
        return outcome

    def _once(
        self, text: str, answer: Answer, argv: tuple[str, ...], extra: tuple[str, ...]
    ) -> Outcome:
        with _scratch_file("trace") as trace, _scratch_file("errors") as errors:
            process = subprocess.Popen(
                [*self._root(answer), *self._files, *extra, *_inside(trace), "oracle", *argv, text],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                pass_fds=(trace,),
                user=self._user,
                extra_groups=[] if self._user is not None else None,
                env={},
            )
            finished = False
            try:
                finished = _ends(process, self._seconds)
            finally:
                process.kill()  # and everything in its root with it
                process.wait()
            shown = _content(errors)
            seen = read_trace(_content(trace), WORK, (*argv, text))
        if finished and not seen.begun:
            raise Unavailable(
                f"no shell could be started in a sandbox: {shown.strip() or 'silence'}"
            )
        return Outcome(seen, process.returncode, shown, finished)

    def _root(self, answer: Answer) -> list[str]:
        """bubblewrap's command line for a new root."""
        bwrap = program("bwrap")
        return [
            str(bwrap), "--unshare-all", "--die-with-parent", "--new-session", "--clearenv",
            "--ro-bind", "/usr/lib", "/usr/lib", "--symlink", "usr/lib", "/lib",
            "--ro-bind-try", "/lib64", "/lib64", "--ro-bind-try", "/usr/share", "/usr/share",
            "--ro-bind", "/usr/bin", "/real", "--ro-bind", "/usr/sbin", "/real-sbin",
            "--ro-bind", str(self._bins[answer]), "/bin",
            "--symlink", "/bin", "/usr/bin", "--symlink", "/bin", "/sbin",
            "--ro-bind", str(self._accounts), "/etc/passwd",
            "--tmpfs", "/tmp", "--tmpfs", "/home", "--tmpfs", WORK,
            "--dev", "/dev", "--proc", "/proc",
            *(word for item in ENVIRONMENT.items() for word in ("--setenv", *item)),
        ]  # fmt: skip


def _inside(trace: int) -> list[str]:
    """What runs in a root before the text: makes the files, starts strace, closes its file."""
    making = "".join(
        f"printf %s {shlex.quote(content)} >{WORK}/{shlex.quote(name)}; "
        for name, content in FILES.items()
    )
    prelude = (
        f"{_LIMITS}; /real/mkdir -p {WORK}/sub {HOME}; {making}cd {WORK}; "
        f"[ ! -d {_FILES} ] || /real/cp -r {_FILES}/. {WORK}; "
        f"exec /real/env --default-signal "  # a job in the background has it ignored
        f"/real/strace -f -qq -xx -y -s 200000 -e abbrev=newfstatat --seccomp-bpf "
        f"-e trace={_SYSCALLS},newfstatat -e signal=none -o /proc/self/fd/{trace} "
        f'/real/bash --noprofile --norc -c \'exec {trace}>&-; exec "$@"\' oracle "$@"'
    )
    return ["/real/bash", "--noprofile", "--norc", "-c", prelude]


def inside_path(name: str) -> str | None:
    """Where a program of this machine stands in a root: what Debian's alternatives choose, and
    PostgreSQL's own programs, not the wrapper that looks for a cluster first.
    """
    path = which(name, path="/usr/bin:/usr/sbin")
    if path is None:
        return None
    chosen = os.path.realpath(path)
    if chosen.endswith("/pg_wrapper"):
        found = max(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), default=None)
        return None if found is None else str(found)
    link = Path(path)
    if link.is_symlink() and str(link.readlink()).startswith("/etc/alternatives/"):
        path = chosen
    if not path.startswith(("/usr/bin/", "/usr/sbin/")):
        return path
    directory = "/real-sbin" if path.startswith("/usr/sbin/") else "/real"
    return f"{directory}/{Path(path).name}"


def _ends(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Waits for the end of a process: at once, where `Popen.wait` looks now and then."""
    descriptor = os.pidfd_open(process.pid)
    try:
        return bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)


@contextmanager
def _scratch_file(name: str) -> Iterator[int]:
    """A file without a name, in memory, that whoever inherits it may open again."""
    descriptor = os.memfd_create(name)
    try:
        os.fchmod(descriptor, 0o666)
        yield descriptor
    finally:
        os.close(descriptor)


def _content(descriptor: int) -> str:
    with os.fdopen(os.dup(descriptor), "rb") as file:
        file.seek(0)
        return file.read().decode("utf-8", "replace")
