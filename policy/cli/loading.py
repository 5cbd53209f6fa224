"""What subcommands load before they start: rules, whitelists, boundaries. Mistakes are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from policy.diagnostics import RuleError, WhitelistError
from policy.engine import Engine
from policy.visible import visible

if TYPE_CHECKING:
    from policy.whitelist.boundary import Boundary
    from policy.whitelist.document import Document


def load_engine(rules: str | None, whitelist: str | None = None) -> Engine:
    """An engine with the shipped rules, those of a directory, and a whitelist's file.

    Raises `click.ClickException` with every mistake.
    """
    # An unset variable; as a path it would be the working directory.
    refuse_empty(rules, "--rules")
    refuse_empty(whitelist, "--whitelist")
    try:
        engine = Engine.load(rules=rules)
    except RuleError as error:
        raise click.ClickException(f"the rules don't compile\n\n{error}") from None
    except OSError as error:
        raise unreadable("rules", error) from None
    if whitelist is None:
        return engine
    try:
        return Engine(engine.rules, whitelist)
    except WhitelistError as error:
        raise unusable("whitelist", error) from None
    except OSError as error:
        raise unreadable("whitelist", error) from None


def load_document(path: str) -> Document:
    """A whitelist's file. Raises `click.ClickException` with every mistake."""
    from policy.whitelist.files import read

    refuse_empty(path, "--file")
    try:
        return read(path)
    except WhitelistError as error:
        raise unusable("whitelist", error) from None
    except OSError as error:
        raise unreadable("whitelist", error) from None


def load_boundary(path: str, engine: Engine) -> Boundary:
    """A boundary's file. Raises `click.ClickException` with every mistake."""
    from policy.whitelist.boundary import Boundary

    refuse_empty(path, "--boundary")
    try:
        return Boundary.load(path, engine.rules, engine.limits)
    except WhitelistError as error:
        raise unusable("boundary", error) from None
    except OSError as error:
        raise unreadable("boundary", error) from None


def unusable(what: str, error: WhitelistError) -> click.ClickException:
    return click.ClickException(f"the {what} can't be used\n\n{error}")


def unreadable(what: str, error: OSError, done: str = "read") -> click.ClickException:
    """`done` is what can't be done with it."""
    reason = f"{error.filename}: {error.strerror}" if error.filename else str(error)
    hint = ""
    if what == "whitelist" and isinstance(error, FileNotFoundError):
        hint = "; `policy whitelist add` starts one"
    return click.ClickException(f"the {what} can't be {done}: {visible(reason)}{hint}")


def refuse_empty(path: str | None, option: str) -> None:
    """Raises `click.BadParameter` for an empty path."""
    if path == "":
        raise click.BadParameter("an empty path", param_hint=option)
