"""A group whose subcommands' modules are imported when they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """`subcommands` are `module:name` by subcommand, in the order in which help lists them."""

    def __init__(self, *args: Any, subcommands: Mapping[str, str], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._subcommands = subcommands

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._subcommands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._subcommands:
            return None
        module, _, name = self._subcommands[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command
