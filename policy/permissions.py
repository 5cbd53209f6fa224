"""Who could have written a file that decides: it counts only if nobody else could.

    file ─► its owner, its mode ─┐
    each directory on the way,  ─┴► root or who runs this, and nobody else? ─► read
    and each link that is followed

Whoever may replace the file, or a directory above it, may write it. A group may write where
nobody else is in it: then it is the owner's own, as where the umask is 002. What lies on a file
system that is mounted read-only can't be written, whatever its mode says: so containers see
secrets and config maps. In a user namespace all accounts that it doesn't map are shown as one
(user_namespaces(7)): who that is can't be known. `docs/decisions/0009-who-may-write.md` says why.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Set
from pathlib import Path

_MOST_LINKS = 40  # as the kernel
_ACCOUNTS_SEEN = Path("/proc/self/uid_map")
_OVERFLOW = 65_534  # the account as which the kernel shows those that a user namespace doesn't map
_NO_FILE = "not a regular file"


class Untrusted(PermissionError):
    """Others could have written it. `filename` is what they may write, `help` what to do."""

    def __init__(self, message: str, path: str, command: str | None) -> None:
        """`command` is what mends it, without the path behind it; None where none does."""
        super().__init__(errno.EPERM, message, path)
        import shlex  # slow to import, and hardly ever needed

        known = command is not None
        self.help = f"`{command} {shlex.quote(path)}`" if known else "run it outside of the sandbox"

    def __str__(self) -> str:
        return f"{self.filename}: {self.strerror}; {self.help}, or say trust_permissions=True"


def opened(
    path: str | Path,
    *,
    guarded: bool,
    owners: Set[int] = frozenset(),
    above: Set[str] = frozenset(),
) -> int:
    """A descriptor to read a regular file; where `guarded`, of one that nobody else may write.

    `owners` may own it besides root and who runs this; the directories `above` it are trusted
    whoever may write there. Raises `Untrusted`, and OSError for a
    pipe, a device or a directory as well: none of them is waited for.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, _NO_FILE, str(path))
        if guarded:
            refuse_others(path, status, owners, above)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def refuse_others(
    path: str | Path,
    status: os.stat_result | None,
    owners: Set[int] = frozenset(),
    above: Set[str] = frozenset(),
) -> None:
    """Raises `Untrusted` where somebody else may write a file, or put another in its place.

    `status` is the open file's, whatever stands at `path` by now; None is a file that isn't
    there yet, or a directory. Raises OSError where the way to it can't be followed. `owners`
    and `above` as in `opened`.
    """
    me = os.geteuid()
    trusted = frozenset((0,) if _is_hidden(me) else (0, me)) | owners
    for place, found in _way(str(path)):
        if place not in above:
            _refuse(place, found, trusted, "replace what is in it")
    if status is not None:
        _refuse(str(path), status, trusted, "write it")


def _refuse(path: str, status: os.stat_result, trusted: Set[int], may: str) -> None:
    if status.st_uid not in trusted:
        if _is_hidden(status.st_uid):
            message = "whose it is can't be seen in this user namespace"
            raise Untrusted(message, path, None)
        owner, me = _account(status.st_uid), _account(os.geteuid())
        raise Untrusted(f"it belongs to {owner}, who may {may}", path, f"chown {me}")
    if stat.S_ISLNK(status.st_mode):
        return  # nobody writes into a link: who may replace it, its directory says
    if stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX:
        return  # only owners replace what is in it, and who they are is looked at one by one
    if not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) or _read_only(path):
        return
    if status.st_mode & stat.S_IWOTH:
        raise Untrusted(f"everyone may {may}", path, "chmod o-w")
    who = _others_in(status.st_gid, trusted) or _by_list(path)
    if who:
        raise Untrusted(f"{who} may {may}", path, "chmod g-w")


# The way to a file -------------------------------------------------------------------------


def _way(path: str) -> Iterator[tuple[str, os.stat_result]]:
    """Each directory in which a name of the path is looked up, and each link that is followed.

    Step by step as the kernel does, since `..` behind a link leads elsewhere than it reads.
    """
    todo = _names(path) if path.startswith("/") else [*_names(path), *_names(str(Path.cwd()))]
    at, links = "/", 0
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        if at not in seen:
            seen.add(at)
            yield at, os.lstat(at)
        if name == "..":
            at = os.path.dirname(at)  # noqa: PTH120  # text alone: `at` has no links
            continue
        at = os.path.join(at, name)  # noqa: PTH118  # some ten times faster than Path, and hot
        try:
            found = os.lstat(at)
        except FileNotFoundError:
            if todo:
                raise
            return  # the file itself, which is still to be made
        if stat.S_ISLNK(found.st_mode):
            links += 1
            if links > _MOST_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
            yield at, found
            target = os.readlink(at)  # noqa: PTH115
            at = "/" if target.startswith("/") else os.path.dirname(at)  # noqa: PTH120
            todo += _names(target)
    found = os.lstat(at)
    if stat.S_ISDIR(found.st_mode) and at not in seen:
        yield at, found


def _names(path: str) -> list[str]:
    """The names of a path, the last one first."""
    return [name for name in reversed(path.split("/")) if name not in {"", "."}]


# Who that is -------------------------------------------------------------------------------


def _is_hidden(account: int) -> bool:
    """Whether that number stands for every account that this user namespace doesn't map."""
    if account != _OVERFLOW:
        return False
    try:
        lines = _ACCOUNTS_SEEN.read_text("ascii").splitlines()
    except OSError:  # a system without
        return False
    ranges = [map(int, line.split()) for line in lines]
    return not any(first <= account < first + count for first, _, count in ranges)


def _account(number: int) -> str:
    import pwd  # not everywhere, and needed for messages only

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _others_in(group: int, trusted: Set[int]) -> str:
    """A group with whom else it holds, for people; "" where nobody else is in it."""
    import grp
    import pwd

    try:
        found = grp.getgrgid(group)
    except KeyError:
        return f"group {group}, of which nobody says who is in it,"
    accounts = pwd.getpwall()
    names = {one.pw_name for one in accounts if one.pw_uid in trusted}
    others = [one.pw_name for one in accounts if one.pw_gid == group and one.pw_name not in names]
    others += [name for name in found.gr_mem if name not in names]
    if not others:
        return ""
    shown = sorted(set(others))
    more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
    return f"group {found.gr_name} ({', '.join(shown[:3])}{more})"


def _by_list(path: str) -> str:
    """Whom an access control list lets write: the mode's group is its mask then."""
    try:
        os.getxattr(path, "system.posix_acl_access")
    except (OSError, AttributeError):  # none, or a system without
        return ""
    return "whom its access control list names"


def _read_only(path: str) -> bool:
    try:
        return bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    except OSError:
        return False


__all__ = ["Untrusted", "opened", "refuse_others"]
