"""What subcommands load before they start: rules, whitelists, boundaries. Mistakes are told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from policy.diagnostics import RuleError, WhitelistError
from policy.engine import Engine
from policy.permissions import Untrusted
from policy.visible import visible

if TYPE_CHECKING:
    from policy.whitelist.boundary import Boundary
    from policy.whitelist.document import Document


_TRUSTING = "policy.trust_permissions"

F = TypeVar("F", bound=Callable[..., Any])


def trust_option(command: F) -> F:
    """`--trust-permissions`, for a subcommand that decides or writes; the loaders below ask it."""

    def remember(ctx: click.Context, param: click.Parameter, value: bool) -> None:
        ctx.meta[_TRUSTING] = value

    return click.option(
        "--trust-permissions",
        is_flag=True,
        expose_value=False,
        callback=remember,
        help="Use files that others may write, or that belong to others.",
    )(command)


def trusting() -> bool:
    """Whether `--trust-permissions` was given."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(_TRUSTING))


def load_engine(
    rules: str | None, whitelist: str | None = None, *, deciding: bool = True
) -> Engine:
    """An engine with the shipped rules, those of a directory, and a whitelist's file.

    Where its answers only are shown, and not `deciding`, files count that others may write.
    Raises `click.ClickException` with every mistake.
    """
    # An unset variable; as a path it would be the working directory.
    refuse_empty(rules, "--rules")
    refuse_empty(whitelist, "--whitelist")
    trust = not deciding or trusting()
    try:
        engine = Engine.load(rules=rules, trust_permissions=trust)
    except RuleError as error:
        raise click.ClickException(f"the rules don't compile\n\n{error}") from None
    except OSError as error:
        raise unreadable("rules", error) from None
    if whitelist is None:
        return engine
    try:
        return Engine(engine.rules, whitelist, trust_permissions=trust)
    except WhitelistError as error:
        raise unusable("whitelist", error) from None
    except OSError as error:
        raise unreadable("whitelist", error) from None


def load_document(path: str, *, deciding: bool = False) -> Document:
    """A whitelist's file; where it isn't only shown but `deciding`, one that nobody else may
    write. Raises `click.ClickException` with every mistake.
    """
    from policy.whitelist.files import read, read_digest

    refuse_empty(path, "--file")
    try:
        return read_digest(path, guarded=not trusting())[0] if deciding else read(path)
    except WhitelistError as error:
        raise unusable("whitelist", error) from None
    except OSError as error:
        raise unreadable("whitelist", error) from None


def load_boundary(path: str, engine: Engine, *, deciding: bool = True) -> Boundary:
    """A boundary's file; as `load_document`."""
    from policy.whitelist.boundary import Boundary

    refuse_empty(path, "--boundary")
    trust = not deciding or trusting()
    try:
        return Boundary.load(path, engine.rules, engine.limits, trust_permissions=trust)
    except WhitelistError as error:
        raise unusable("boundary", error) from None
    except OSError as error:
        raise unreadable("boundary", error) from None


def unusable(what: str, error: WhitelistError) -> click.ClickException:
    return click.ClickException(f"the {what} can't be used\n\n{error}")


def unreadable(what: str, error: OSError, done: str = "read") -> click.ClickException:
    """`done` is what can't be done with it."""
    if isinstance(error, Untrusted):
        message = f"the {what} can't be trusted: {error.filename}: {error.strerror}"
        hint = f"{error.help}, or --trust-permissions where that is meant"
        return click.ClickException(f"{visible(message)}\n  help: {visible(hint)}")
    reason = f"{error.filename}: {error.strerror}" if error.filename else str(error)
    hint = ""
    if isinstance(error, FileNotFoundError) and error.filename:
        directory = Path(error.filename).parent
        if not directory.is_dir():
            hint = f"; make the directory `{visible(str(directory))}` first"
        elif what == "whitelist":
            hint = "; `policy whitelist add` starts one"
    return click.ClickException(f"the {what} can't be {done}: {visible(reason)}{hint}")


def refuse_empty(path: str | None, option: str) -> None:
    """Raises `click.BadParameter` for an empty path."""
    if path == "":
        raise click.BadParameter("an empty path", param_hint=option)
