"""`policy check`: decide one command, or every line of a batch."""

from __future__ import annotations

import gc
import sys

import click

from policy.cli.kept import Keeper, unkept
from policy.cli.languages import mistake_in
from policy.cli.loading import load_boundary, load_engine, refuse_empty, trust_option
from policy.cli.status import Status, status_of
from policy.cli.terminal import colours
from policy.decision import Context, Decision
from policy.engine import Engine


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("command", nargs=-1, metavar="COMMAND")
@click.option("--language", default="shell", show_default=True, help="shell, or sql:DIALECT.")
@click.option("--agent", help="Who asks.")
@click.option("--target", help="The host or database on which it would run.")
@click.option("--environment", help="prod, staging, ….")
@click.option("--cwd", help="The directory in which it would run.")
@click.option("--user", help="The account as which it would run.")
@click.option("--rules", metavar="DIR", help="Rules that add to the shipped ones.")
@click.option("--whitelist", metavar="FILE", help="What people approved before.")
@click.option("--boundary", metavar="FILE", help="The limits of the task at hand.")
@click.option("--log", "log", metavar="FILE", help="Append each decision to this log.")
@trust_option
@click.option("--json", "as_json", is_flag=True, help="Write the decision as a JSON object.")
@click.option("--explain", "as_tree", is_flag=True, help="Draw what the text would run as a tree.")
@click.option(
    "--batch", is_flag=True, help="Read JSON lines from standard input, write JSON lines."
)
def check(
    command: tuple[str, ...],
    language: str,
    agent: str | None,
    target: str | None,
    environment: str | None,
    cwd: str | None,
    user: str | None,
    rules: str | None,
    whitelist: str | None,
    boundary: str | None,
    log: str | None,
    as_json: bool,
    as_tree: bool,
    batch: bool,
) -> int:
    """Decide whether COMMAND, the whole text as one argument, may run.

    \b
    policy check --agent deploy-bot -- "$command"

    Behind --, so that a COMMAND that begins with a dash is none of the options above.

    Exit status: 0 allow, 3 review, 4 multi-party, 5 deny, 2 bad usage or input. With --batch
    the verdicts are in the output, and the status is 0, or 2 if some line could not be read.

    Each line of a batch is an object with "command" and, where wanted, "language", "agent",
    "target", "environment", "cwd" and "user"; what a line leaves out, the options say.
    """
    _refuse_contradictions(command, as_json=as_json, as_tree=as_tree, batch=batch)
    mistake = mistake_in(language)
    if mistake is not None:
        raise click.BadParameter(mistake, param_hint="--language")
    engine = load_engine(rules, whitelist)
    limits = None if boundary is None else load_boundary(boundary, engine)
    context = Context(agent, target, environment, cwd, user, limits)
    keep = _keeper(log, engine)
    if batch:
        from policy.cli.batch import run_batch

        if sys.stdin is None:
            raise click.ClickException("standard input is closed")
        gc.enable()
        complete = run_batch(engine, context, language, sys.stdin.buffer, sys.stdout, keep)
        return Status.ALLOW if complete else Status.USAGE
    decision = engine.decide(command[0], context, language)
    problem = keep(decision, context, language)  # what isn't in the log is no answer
    if problem is not None:
        raise click.ClickException(problem)
    _show(decision, as_json=as_json, as_tree=as_tree)
    return status_of(decision.verdict)


def _refuse_contradictions(
    command: tuple[str, ...], *, as_json: bool, as_tree: bool, batch: bool
) -> None:
    if batch and command:
        raise click.UsageError("COMMAND and --batch exclude each other")
    if batch and as_tree:
        raise click.UsageError("--explain and --batch exclude each other")
    if as_json and as_tree:
        raise click.UsageError("--explain and --json exclude each other")
    if not batch and not command:
        raise click.UsageError("COMMAND is missing (or --batch, to read commands)")
    if len(command) > 1:
        # Joined again they would be another command: a shell has removed the quotes.
        raise click.UsageError("COMMAND must be one argument; quote it: policy check 'git status'")


def _keeper(log: str | None, engine: Engine) -> Keeper:
    if log is None:
        return unkept
    refuse_empty(log, "--log")
    from policy.cli.keeping import keeper

    return keeper(log, engine)


def _show(decision: Decision, *, as_json: bool, as_tree: bool) -> None:
    coloured = colours(sys.stdout)
    if as_json:
        from policy.cli.json_form import decision_object, dumps

        sys.stdout.write(dumps(decision_object(decision)) + "\n")
    elif as_tree:
        from policy.cli.explain import explain

        explain(decision, sys.stdout, coloured)
    else:
        from policy.cli.render import render

        sys.stdout.write(render(decision, coloured))
