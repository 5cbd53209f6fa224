"""What programs are made of: scripts and fronts of others start them to do their job."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from oracle.trace import Started

_COMPRESSED = frozenset({"gzip", "xz", "bzip2", "zstd", "lz4", "grep", "egrep", "fgrep", "sed"})
_DPKG = frozenset({"dpkg"})  # asked for the architectures

MADE_OF: Mapping[str, frozenset[str]] = {
    "egrep": frozenset({"grep"}),
    "fgrep": frozenset({"grep"}),
    "zcat": frozenset({"gzip"}),
    "gunzip": frozenset({"gzip"}),
    "uncompress": frozenset({"gzip"}),
    "zgrep": _COMPRESSED | {"expr", "mktemp", "cat", "rm"},  # what -f names it copies
    "zegrep": frozenset({"zgrep"}),
    "zfgrep": frozenset({"zgrep"}),
    "bzgrep": _COMPRESSED | {"bzcat"},
    "xzgrep": _COMPRESSED | {"expr"},
    "zstdgrep": _COMPRESSED | {"zstdcat"},
    "zless": frozenset({"less", "cat"}),
    "xargs": frozenset({"echo"}),  # where it is given no command
    "sdiff": frozenset({"diff"}),
    "yq": frozenset({"jq"}),
    "tomlq": frozenset({"jq"}),
    "rsync": frozenset({"ssh"}),  # with -n, to compare with another host
    "pip3": frozenset({"lsb_release", "uname"}),  # tells an index what machine this is
    "locale": frozenset({"gzip"}),  # reads the tables of characters
    "service": frozenset({"basename", "ls", "sed", "env", "systemctl"}),
    "fakeroot": frozenset({"cat", "getopt", "sed"}),
    "apt": _DPKG,
    "apt-get": _DPKG,
    "apt-mark": _DPKG,
    "apt-cache": _DPKG,
    "git": frozenset({"git", "man"}),  # man shows its help
    "tar": _COMPRESSED,
    "rg": _COMPRESSED,
    "fdfind": frozenset({"ls"}),  # with -l
    "diff": frozenset({"pr"}),  # with -l
    "diff3": frozenset({"diff"}),
    "7z": frozenset({"7z"}),
    "7za": frozenset({"7za"}),
    "7zr": frozenset({"7zr"}),
    "pip": frozenset({"lsb_release", "uname"}),
    "unbuffer": frozenset({"tclsh8.6"}),
    "gem": frozenset({"ruby"}),
    "sar": frozenset({"sadc"}),
}
# What those commands of git are made of that are shell scripts.
_OF_GIT = frozenset({"git", "sed", "basename", "uname", "expr", "tr", "cat", "sh"})
# Where zless has less ask how a file is shown.
_OF_ZLESS = ("sh", "-c", "gzip -cdfq -- ")


def is_part(started: Started) -> bool:
    """Whether a program is part of the one that started it, or the shell that it hands text to:
    what is run there is looked at by itself.
    """
    if not started.argv or not started.by.argv:
        return False
    name, starter = (posixpath.basename(words[0]) for words in (started.argv, started.by.argv))
    if name == "sh" and len(started.argv) == 3 and started.argv[1] == "-c":
        return not started.by.is_shell
    if starter == "sh" and started.by.argv[-1].startswith(_OF_ZLESS[-1]):
        return name == "gzip"
    if starter.startswith("git-"):
        return name in _OF_GIT
    return name in MADE_OF.get(starter, ()) or name.startswith(f"{starter}-")
