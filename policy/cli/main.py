"""The entry points of the console scripts.

Nothing is imported here, so that Ctrl-C ends quietly as early as it can be caught.
"""

import sys

_INTERRUPTED = 130  # as `policy.cli.status` has it, which isn't loaded yet


def main(subcommand: str | None = None) -> None:
    """Run the command line and exit.

    With a subcommand as if it stood before the arguments: `policy-diff` is `policy diff`.
    """
    try:
        from policy.cli.group import run

        status = run(subcommand)
    except KeyboardInterrupt:
        status = _INTERRUPTED
    sys.exit(status)


def diff() -> None:
    """`policy-diff`."""
    main("diff")


if __name__ == "__main__":
    main()
