"""Lets writers write to a small disk that is nearly full. Run with that disk by `test_faults_kill`.

python tests/full_disk.py DIRECTORY       # alone on a file system of some hundred KiB
"""

import os
import sys
from pathlib import Path
from shutil import rmtree

from crash_steps import WRITERS, Writer, check_tidy

SPARE = (*range(10), 20, 40, 80)  # pages that are left


def main(disk: Path) -> None:
    place, filler = disk / "place", disk / "filler"
    for name, writer in WRITERS.items():
        outcomes = []
        for pages in SPARE:
            place.mkdir()
            writer.prepare(place)
            fill(filler, pages * os.sysconf("SC_PAGE_SIZE"))
            outcomes.append(_outcome(writer, place))
            filler.unlink()
            writer.write(place)
            assert writer.state(place) == "new", (name, pages)
            check_tidy(writer, place)
            rmtree(place)
        print(f"{name:<16} {' '.join(outcomes)}", flush=True)


def fill(file: Path, left: int) -> None:
    with file.open("wb", buffering=0) as stream:
        try:
            while stream.write(b"\0" * 1_024):
                pass
        except OSError:
            stream.truncate(max(0, stream.tell() - left))


def _outcome(writer: Writer, place: Path) -> str:
    before = writer.state(place)
    try:
        writer.write(place)
    except OSError as error:
        if error.strerror != "No space left on device":
            raise
    else:
        assert writer.state(place) == "new"
        return "done"
    assert writer.state(place) == before
    check_tidy(writer, place)
    return "full"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
