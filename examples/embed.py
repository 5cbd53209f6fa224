"""Ask before a command runs, and run it only if the answer is `allow`."""

import subprocess
import sys

from policy import Context, Engine, Verdict

engine = Engine.load()  # once; safe to share between threads
context = Context(agent="deploy-bot", target="web-1", environment="prod", cwd="/srv/app")
for command in ["git -C /srv/app log --oneline -3 | head", "git push --force origin main"]:
    decision = engine.decide(command, context)
    print(f"{decision.verdict}: {command}")
    for reason in decision.reasons:
        print(f"  {reason.message} ({reason.rule})")
    if decision.verdict is Verdict.ALLOW and "--run" in sys.argv:
        subprocess.run(["bash", "--noprofile", "--norc", "-c", command], check=False)
