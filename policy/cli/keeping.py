"""`policy check --log`: each decision into a log before it is shown."""

from __future__ import annotations

from datetime import UTC, datetime

from policy.cli.kept import Keeper
from policy.cli.loading import trusting
from policy.decision import Context, Decision
from policy.engine import Engine
from policy.journal.chain import Journal, JournalError, latest
from policy.journal.keep import keep
from policy.permissions import Untrusted
from policy.visible import visible


def keeper(path: str, engine: Engine) -> Keeper:
    """Keeps the decisions of `engine` in the log `path`."""
    journal = Journal(path, trust_permissions=trusting())
    seen = latest(path)
    if seen is not None:
        engine.not_before(seen)  # a process that starts anew knows of no time before

    def into_log(decision: Decision, context: Context, language: str) -> str | None:
        try:
            keep(journal, engine, decision, context, language, at=datetime.now(UTC))
        except JournalError as error:
            return f"the decision can't be logged: {visible(str(error))}"
        except Untrusted as error:
            why = f"{error.filename}: {error.strerror}; {error.help}, or --trust-permissions"
            return f"the decision can't be logged: {visible(why)}"
        except OSError as error:
            return f"the decision can't be logged: {visible(path)}: {error.strerror or error}"
        except Exception as error:  # noqa: BLE001  # whatever breaks, there is no answer then
            return f"the decision can't be logged: a fault of this program: {error!r}"
        return None

    return into_log
