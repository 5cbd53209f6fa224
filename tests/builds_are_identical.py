"""Wheel and sdist are the same bytes wherever, whenever and by whomever they are built.

`make reproducible` runs it: the checkout is built as it is, and again from its own unpacked
sdist: in another directory, later, with other times of files, another umask, hash seed, locale
and time zone.
"""

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
HERE = {"PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
ELSEWHERE = {"PYTHONHASHSEED": "4242", "LC_ALL": "C", "TZ": "Asia/Kathmandu", "HOME": "/nowhere"}


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        first, second = Path(scratch, "first"), Path(scratch, "second")
        build(ROOT, first, HERE, 0o022)
        source = unpack(one(first, "*.tar.gz"), Path(scratch, "some", "where else"))
        build(source, second, ELSEWHERE, 0o077)
        for pattern in ("*.tar.gz", "*.whl"):
            compare(one(first, pattern), one(second, pattern))


def build(source: Path, into: Path, environment: dict[str, str], umask: int) -> None:
    building = [sys.executable, "-m", "build", "--no-isolation", "--outdir", into, source]
    kept = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    built = subprocess.run(
        building, capture_output=True, text=True, check=False, env=kept | environment, umask=umask
    )
    if built.returncode:
        raise SystemExit(built.stdout + built.stderr)


def unpack(sdist: Path, into: Path) -> Path:
    """The unpacked sdist, its files as old as one another and older than the checkout."""
    with tarfile.open(sdist) as archive:
        # Python 3.11 has filters since 3.11.4; Debian 12's is 3.11.2.
        wanted = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        archive.extractall(into, **wanted)
    (source,) = into.iterdir()
    for file in source.rglob("*"):
        os.utime(file, (1_000_000_000, 1_000_000_000))
    return source


def one(directory: Path, pattern: str) -> Path:
    (found,) = directory.glob(pattern)
    return found


def compare(first: Path, second: Path) -> None:
    """Says what differs, member by member, and ends the program there."""
    if first.read_bytes() == second.read_bytes():
        print(f"{first.name}: {hashlib.sha256(first.read_bytes()).hexdigest()}, twice")
        return
    ours, theirs = members(first), members(second)
    differing = sorted(name for name in ours | theirs if ours.get(name) != theirs.get(name))
    what = "\n".join(f"  {name}" for name in differing) or "  nothing but how they are packed"
    raise SystemExit(f"{first.name} isn't the same when it's built again:\n{what}")


def members(archive: Path) -> dict[str, object]:
    """What is in an archive: by name, the content with all that is said of it."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return {
                file.filename: (file.date_time, file.external_attr, wheel.read(file))
                for file in wheel.infolist()
            }
    with tarfile.open(archive) as sdist:
        return {
            file.name: (file.mtime, file.mode, file.uname, file.uid, content(sdist, file))
            for file in sdist.getmembers()
        }


def content(archive: tarfile.TarFile, file: tarfile.TarInfo) -> bytes:
    stream = archive.extractfile(file)
    return stream.read() if stream else file.linkname.encode()


if __name__ == "__main__":
    main()
