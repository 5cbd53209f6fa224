"""What lies around where real programs run: a repository, archives, a database, some text."""

from __future__ import annotations

import gzip
import lzma
import shutil
import sqlite3
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from oracle.needs import program

TEXTS = {
    "text.txt": "one\ntwo words\n3,4,5\n",
    "other.txt": "one\ntwo\n3,4,6\n",
    "names": "text.txt\nother.txt\n",
    "data.json": '{"a": [1, {"b": "x"}], "c": null}\n',
    "data.csv": "name,size\na,1\nb,2\n",
    "script.sh": "echo from-script\n",
    "script.py": "print('from-script')\n",
    "script.sed": "s/one/1/\np\n",
    "script.awk": "{ print NF }\n",
    "Makefile": "all: text.txt\n\t@echo made $@\nclean:\n\trm -f text.o\n",
    "main.c": "int main(void) { return 0; }\n",
    "sums": "d41d8cd98f00b204e9800998ecf8427e  b.log\n",
    "change.diff": "--- text.txt\n+++ text.txt\n@@ -1,1 +1,1 @@\n-one\n+ONE\n",
    "sub/c.txt": "three\n",
}
_GIT = (
    ("init", "-q", "-b", "main"),
    ("add", "text.txt", "sub"),
    ("commit", "-q", "-m", "first"),
    ("branch", "topic"),
    ("tag", "-m", "one", "v1"),
    ("commit", "-q", "--allow-empty", "-m", "second"),
    ("remote", "add", "origin", "/project/sub"),
    ("stash", "list"),
)


@contextmanager
def files() -> Iterator[Path]:
    """A directory of sample files, for as long as it is needed."""
    with TemporaryDirectory(prefix="oracle-files-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        _make(directory)
        yield directory


def _make(directory: Path) -> None:
    (directory / "sub").mkdir()
    for name, text in TEXTS.items():
        (directory / name).write_text(text)
    plain = TEXTS["text.txt"].encode()
    (directory / "text.gz").write_bytes(gzip.compress(plain))
    (directory / "text.xz").write_bytes(lzma.compress(plain))
    for name, mode in (("some.tar", "w"), ("some.tgz", "w:gz")):
        with tarfile.open(directory / name, mode) as archive:
            archive.add(directory / "text.txt", "text.txt")
            archive.add(directory / "sub", "sub")
    with zipfile.ZipFile(directory / "some.zip", "w") as archive:
        archive.write(directory / "text.txt", "text.txt")
    database = sqlite3.connect(directory / "some.db")
    database.executescript("CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 'x'), (2, 'y');")
    database.close()
    true = shutil.which("true")
    if true is not None:
        shutil.copy(true, directory / "binary")
    git = program("git")
    if git is not None:
        for words in _GIT:
            subprocess.run(
                [git, "-C", directory, *words],
                env={f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER")
                     for what in ("NAME", "EMAIL")},
                check=True,
                capture_output=True,
            )  # fmt: skip
        for hook in (directory / ".git" / "hooks").iterdir():
            hook.unlink()
