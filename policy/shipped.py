"""The shipped rules, ready to use, and a directory of a user's rules on top of them.

Compiling takes about a second, so what comes out is kept: for the shipped rules in the wheel
(`policy/_data/rules.pickle`), for everything else beside the package's `.pyc` files, wherever
Python puts that of this module. A kept rule set counts only if it carries the digest of
the very rule files, grammar and compiler; a stale, damaged or unreadable one is made anew, and
where nothing can be written, nothing is kept.

Trust: a kept rule set is a pickle, and whoever writes a pickle runs code in who loads it. It is
therefore read only from the two places above, from which Python loads code anyway, and only if
it and every directory above it belong to root, to who runs this, or to who owns the package, and
nobody else may write there (`permissions.py`). The directories above the package aren't asked:
whoever can write there can replace `policy/judge.py` as well, so loading it gives nobody a right
that they didn't have.
"""

from __future__ import annotations

import contextlib
import os
from hashlib import sha256
from pathlib import Path
from time import time

from policy.diagnostics import RuleError, errors
from policy.dsl import compile_sources, read_directory
from policy.dsl.locate import data_directory, grammar_file, rules_directory
from policy.dsl.store import dump, load
from policy.permissions import opened, refuse_others
from policy.ruleset import RuleSet
from policy.source import Source

_MAGIC = b"command-policy rules 1\n"
_KEPT = 8  # compiled sets of different rules beside each other
_UNFINISHED = ".new"
_LONGEST_WRITE = 3_600  # seconds
_PACKAGE = Path(__file__).resolve().parent
_ABOVE = frozenset(map(str, _PACKAGE.parents))
_TYPES = (
    "decision.py",
    "diagnostics.py",
    "frozen.py",
    "plan.py",
    "program.py",
    "ruleset.py",
    "source.py",
)


def ruleset(extra: Path | None = None, *, trust_permissions: bool = False) -> RuleSet:
    """The shipped rules, and those of the directory `extra` added to them.

    Raises `RuleError` with every finding if they don't compile, `OSError` if the directory
    can't be read: `Untrusted` where others may write in it, unless `trust_permissions`.
    """
    base = read_directory(rules_directory())  # as trusted as the package that they ship with
    added = read_directory(extra, guarded=not trust_permissions) if extra is not None else ()
    key = _key(base, added)
    found = kept(key)
    if found is not None:
        return found
    compiled = compile_sources(added, base) if added else compile_sources(base)
    if compiled.ruleset is None:
        raise RuleError(errors(compiled.findings))
    data = pack(key, compiled.ruleset)
    with contextlib.suppress(OSError):
        keep(_cache_directory() / file_name(key), data)
    return compiled.ruleset


def write_precompiled(target: Path) -> None:
    """Write the compiled shipped rules to a file, for a wheel to carry.

    Raises `RuleError` if they don't compile, `OSError` if the file can't be written.
    """
    base = read_directory(rules_directory())
    compiled = compile_sources(base)
    if compiled.ruleset is None:
        raise RuleError(errors(compiled.findings))
    target.write_bytes(pack(_key(base, ()), compiled.ruleset))


# The key ----------------------------------------------------------------------------------


def _key(base: tuple[Source, ...], added: tuple[Source, ...]) -> str:
    """A digest of all that decides what the compiler makes."""
    total = sha256()

    def add(name: str, data: bytes) -> None:
        total.update(f"{name}\0{len(data)}\0".encode("utf-8", "surrogatepass"))
        total.update(data)

    for file in _compiler_files():
        add(file.name, file.read_bytes())
    for layer in (base, added):
        total.update(len(layer).to_bytes(4, "big"))
        for source in layer:
            add(source.name, source.text.encode("utf-8", "surrogatepass"))
    return total.hexdigest()


def _compiler_files() -> list[Path]:
    """The grammar, the compiler's code and that of the types in a rule set."""
    code = sorted((_PACKAGE / "dsl").glob("*.py"))
    return [grammar_file(), *code, *(_PACKAGE / name for name in _TYPES)]


# Kept rule sets ---------------------------------------------------------------------------


def pack(key: str, rules: RuleSet) -> bytes:
    return _MAGIC + key.encode() + b"\n" + dump(rules)


def _unpack(key: str, data: bytes) -> RuleSet | None:
    head = _MAGIC + key.encode() + b"\n"
    if not data.startswith(head):
        return None
    try:
        return load(data[len(head) :])
    except Exception:  # noqa: BLE001  # a damaged pickle can raise anything; it is made anew
        return None


def kept(key: str) -> RuleSet | None:
    """The kept rule set of that key from a place that can be trusted."""
    owners = _owners()
    for file in (data_directory() / "rules.pickle", _cache_directory() / file_name(key)):
        try:
            found_at = opened(file, guarded=True, owners=owners, above=_ABOVE)
            with os.fdopen(found_at, "rb") as stream:
                data = stream.read()
        except OSError:
            continue
        found = _unpack(key, data)
        if found is not None:
            return found
    return None


def _owners() -> frozenset[int]:
    """Whose files are as trusted as the package. Raises `OSError`."""
    return frozenset((_PACKAGE.stat().st_uid,))


def _cache_directory() -> Path:
    """Where Python keeps the `.pyc` file of this module."""
    assert __spec__.cached is not None  # noqa: S101  # as for every module in a file
    return Path(__spec__.cached).parent


def file_name(key: str) -> str:
    return f"rules-{key[:32]}.pickle"


def keep(file: Path, data: bytes) -> None:
    """Write the file in one step, and remove the oldest of its kind. Raises `OSError`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    refuse_others(file.parent, None, _owners(), _ABOVE)
    import tempfile  # slow to import, and needed once for each change of the rules

    from policy.storage import write_all

    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix="rules-", suffix=_UNFINISHED)
    try:
        try:
            os.fchmod(descriptor, 0o644)  # as .pyc files: others may read, and not write
            write_all(descriptor, data)
            os.fsync(descriptor)  # or a machine that dies may leave a file of zeros
        finally:
            os.close(descriptor)
        Path(name).replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    others = [other for other in file.parent.glob("rules-*.pickle") if other != file]
    others.sort(key=lambda other: other.stat().st_mtime, reverse=True)
    for old in (*others[_KEPT - 1 :], *_leftovers(file.parent)):
        old.unlink(missing_ok=True)


def _leftovers(directory: Path) -> list[Path]:
    """What writers left behind that were killed; nobody takes so long to write."""
    found = directory.glob(f"rules-*{_UNFINISHED}")
    return [one for one in found if time() - one.stat().st_mtime > _LONGEST_WRITE]
