"""`policy whitelist`: the life of approvals, from the first suggestion to the last renewal."""

from __future__ import annotations

import click

from policy.cli.lazy import LazyGroup

_HERE = "policy.cli.whitelist"
_SUBCOMMANDS = {
    "suggest": f"{_HERE}.suggest:suggest_command",
    "add": f"{_HERE}.add:add",
    "list": f"{_HERE}.show:list_command",
    "show": f"{_HERE}.show:show",
    "renew": f"{_HERE}.change:renew_command",
    "remove": f"{_HERE}.change:remove_command",
    "prune": f"{_HERE}.change:prune_command",
    "verify": f"{_HERE}.verify:verify_command",
    "promote": f"{_HERE}.promote:promote_command",
}


@click.group(
    cls=LazyGroup,
    subcommands=_SUBCOMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
def whitelist() -> None:
    """Approve classes of commands, and look after what was approved.

    An entry of the whitelist is a pattern with a scope, the people who approved it, and an end.
    None is stored that was not proved harmless: no command that it admits may be high.

    \b
    policy whitelist suggest 'docker restart web-1' --agent deploy-bot
    policy whitelist add 'docker restart {service:name}' --agent deploy-bot --by alice
    policy check 'docker restart web-2' --agent deploy-bot --whitelist whitelist.yaml

    The whitelist is `whitelist.yaml` in the working directory unless --file says otherwise.

    Exit status of each: 0 done, 1 refused or something is wrong, 2 bad usage or a file that
    can't be read. With --json each writes one JSON object.
    """
