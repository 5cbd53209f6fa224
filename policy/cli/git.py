"""What git says: files as they were at a revision. Only this asks git for something."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import click


class GitError(click.ClickException):
    """git isn't there, or can't do what was asked; the message is its own."""


def git(*arguments: str, directory: Path | None = None) -> bytes:
    """What git writes to its standard output. Raises `GitError`."""
    done = _run(arguments, directory)
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise GitError(f"git: {_own_words(said[-1])}" if said else f"git {arguments[0]} failed")
    return done.stdout


def commit(revision: str) -> str:
    """The full name of the commit that a revision means. Raises `GitError`."""
    asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    done = _run(asked, None)
    if done.returncode != 0:
        git("rev-parse", "--git-dir")  # outside of a repository git says so
        raise GitError(f"git knows no commit `{revision}`")
    return done.stdout.decode().strip()


def merge_base(one: str, other: str) -> str:
    """The last commit that two revisions have in common. Raises `GitError`."""
    done = _run(("merge-base", commit(one), commit(other)), None)
    if done.returncode != 0:
        raise GitError(f"`{one}` and `{other}` have no commit in common")
    return done.stdout.decode().strip()


def files_at(revision: str, path: str) -> tuple[str, ...]:
    """The files at or below a path, relative to the working directory, at a commit."""
    listed = git("--literal-pathspecs", "ls-tree", "-r", "-z", "--name-only", revision, "--", path)
    return tuple(os.fsdecode(name) for name in listed.split(b"\0") if name)


def content_at(revision: str, path: str) -> bytes:
    """What a file held at a commit. Raises `GitError` where there was none."""
    return git("cat-file", "blob", f"{revision}:./{path}")


def top() -> Path:
    """The top of the working tree. Raises `GitError` outside of one."""
    found = git("rev-parse", "--show-toplevel").removesuffix(b"\n")
    if not found:
        raise GitError("this repository has no working tree")
    return Path(os.fsdecode(found))


def setting(name: str) -> str | None:
    """A setting of this repository itself, or None."""
    done = _run(("config", "--local", "--get", name), None)
    return (
        done.stdout.decode("utf-8", "replace").removesuffix("\n") if not done.returncode else None
    )


def _run(arguments: Sequence[str], directory: Path | None) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603  # no shell, and nothing that a revision says is an option
            ["git", *arguments],  # noqa: S607  # the one that people call as well
            cwd=directory,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise GitError("git isn't installed, or not in the PATH") from None
    except ValueError:
        raise GitError("a revision or path with a NUL character") from None


def _own_words(line: str) -> str:
    return line.removeprefix("fatal: ").removeprefix("error: ")
