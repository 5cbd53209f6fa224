"""Reads what strace wrote: which programs ran, with which words, where, and what was opened.

Strings come in hexadecimal (`-xx`), so that nothing in them looks like syntax. A file name or a
word that isn't UTF-8 has surrogates for its bytes, as everywhere in Python.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

_LINE = re.compile(r"(\d+) +(.*)")
_RESUMED = re.compile(r"<\.\.\. \w+ resumed>(.*)")
_CALL = re.compile(r"(\w+)\((.*)\) += (-?\d+|\?)")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
_AT = re.compile(r"AT_FDCWD<((?:\\x[0-9a-f]{2})*)>")
_FD = re.compile(r"^\d+<((?:\\x[0-9a-f]{2})*)>")
_WRITING = re.compile(r"\bO_(?:WRONLY|RDWR|CREAT|TRUNC|APPEND)\b")
_FORKS = frozenset({"fork", "vfork", "clone", "clone3"})
_OPENS = frozenset({"open", "openat", "openat2", "creat"})
_SIGNALS = frozenset({"kill", "tkill", "tgkill"})
_QUIET = frozenset({"newfstatat", "chdir", "fchdir", *_FORKS})
_PREPARING = (  # what programs read before they do anything
    *("/proc/", "/lib/", "/lib64/", "/usr/lib/", "/usr/share/locale/"),
    *("/etc/ld.so", "/etc/nsswitch.conf", "/etc/passwd"),
)


@dataclass(frozen=True)
class Process:
    """Who did it: the words that it was started with."""

    path: str
    argv: tuple[str, ...]

    @property
    def is_shell(self) -> bool:
        return posixpath.basename(self.path) in {"bash", "sh", "dash"}


@dataclass(frozen=True)
class Started:
    """A program was started, or it was tried: a file that isn't there counts as well."""

    path: str
    argv: tuple[str, ...]
    directory: str
    environment: tuple[tuple[str, str], ...]
    by: Process


@dataclass(frozen=True)
class Opened:
    """A file was opened, or it was tried; `path` is absolute, `.` and `..` taken out.

    `listing`: only a directory could be opened so, to see what names are in it.
    """

    path: str
    writing: bool
    listing: bool
    by: Process


@dataclass(frozen=True)
class Called:
    """Any other call that changes something outside of the process; `paths` are absolute."""

    name: str
    paths: tuple[str, ...]
    arguments: str
    by: Process


@dataclass(frozen=True)
class Trace:
    """What happened, in the order in which strace saw it."""

    begun: bool
    started: tuple[Started, ...] = ()
    opened: tuple[Opened, ...] = ()
    called: tuple[Called, ...] = ()
    lookups: frozenset[str] = frozenset()
    """Names that were looked for in `/bin` and are not there."""


def read_trace(text: str, directory: str, first: tuple[str, ...]) -> Trace:
    """What happened after the shell with the words `first` was started in `directory`.

    Lines that are cut off (the run was stopped) are left out.
    """
    lines = list(_whole_lines(text))
    parents = _parents(lines)
    places: dict[int, str] = {}
    programs: dict[int, Process] = {}
    started: list[Started] = []
    opened: list[Opened] = []
    called: list[Called] = []
    lookups: set[str] = set()
    begun = False
    for pid, name, arguments, result in lines:
        if not begun:
            begun = name == "execve" and result == 0 and _words(arguments)[0] == first
            if begun:
                places[pid] = directory
                programs[pid] = Process(_path(arguments, directory), first)
            continue
        if pid not in places:
            parent = _known(pid, parents, places)
            places[pid] = places.get(parent, directory)
            programs[pid] = programs.get(parent, Process("", ()))
        at = _AT.search(arguments)
        if at is not None:
            places[pid] = _text(at[1])
        here, who = places[pid], programs[pid]
        if name in _FORKS and result > 0:  # before it goes on, and maybe elsewhere
            places.setdefault(result, here)
            programs.setdefault(result, who)
        if name in {"execve", "execveat"}:
            argv, environment = _words(arguments)
            path = _path(arguments, here)
            started.append(Started(path, argv, here, _variables(environment), who))
            if result == 0:
                programs[pid] = Process(path, argv)
        elif name in _OPENS:
            path = _path(arguments, here)
            if not path:  # an empty name opens nothing
                continue
            writing = name == "creat" or _WRITING.search(arguments) is not None
            if writing or not path.startswith(_PREPARING):
                opened.append(Opened(path, writing, "O_DIRECTORY" in arguments, who))
        elif name == "chdir" and result == 0:
            places[pid] = _path(arguments, here)
        elif name == "fchdir" and result == 0:
            places[pid] = _text(_FD.match(arguments)[1])  # type: ignore[index]  # -y shows it
        elif name == "newfstatat":
            looked = _path(arguments, here)
            if result < 0 and who.is_shell and posixpath.dirname(looked) == "/bin":
                lookups.add(posixpath.basename(looked))
        elif name not in _QUIET:
            paths = tuple(_absolute(_text(m[1]), here) for m in _STRING.finditer(arguments))
            called.append(Called(name, paths, arguments, who))
    return Trace(begun, tuple(started), tuple(opened), tuple(called), frozenset(lookups))


def _whole_lines(text: str) -> Iterator[tuple[int, str, str, int]]:
    """Process, call, arguments and result of each line, halves put together."""
    halves: dict[str, str] = {}
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        pid, rest = match[1], match[2]
        if rest.endswith("<unfinished ...>"):
            halves[pid] = rest.removesuffix("<unfinished ...>")
            continue
        resumed = _RESUMED.fullmatch(rest)
        if resumed is not None:
            rest = halves.pop(pid, "") + resumed[1]
        call = _CALL.match(rest)
        if call is not None:
            yield int(pid), call[1], call[2], -1 if call[3] == "?" else int(call[3])


def _parents(lines: list[tuple[int, str, str, int]]) -> dict[int, int]:
    return {result: pid for pid, name, _, result in lines if name in _FORKS and result > 0}


def _known(pid: int, parents: dict[int, int], places: dict[int, str]) -> int:
    """The nearest ancestor of which we have heard.

    A parent waits in the call that makes a child of it, or is the shell: it is where the child
    begins, unless it went on before the child did anything, which strace shows in that order.
    """
    while pid in parents and pid not in places:
        pid = parents[pid]
    return pid


def _words(arguments: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The two lists of an execve."""
    lists = re.findall(r"\[([^\]]*)\]", arguments)
    found = [tuple(_text(m[1]) for m in _STRING.finditer(one)) for one in lists[:2]]
    found += [()] * (2 - len(found))
    return found[0], found[1]


def _variables(environment: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, _, value in (one.partition("=") for one in environment))


def _path(arguments: str, directory: str) -> str:
    found = _STRING.search(arguments)
    return _absolute(_text(found[1]), directory) if found and found[1] else ""


def _absolute(path: str, directory: str) -> str:
    return "/" + posixpath.normpath(posixpath.join(directory, path)).lstrip("/")


def _text(hexadecimal: str) -> str:
    return bytes.fromhex(hexadecimal.replace("\\x", "")).decode("utf-8", "surrogateescape")
