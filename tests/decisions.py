"""Decisions made by hand, to show what people see without asking an engine."""

from dataclasses import replace
from datetime import timedelta

from policy.decision import Decision, Judged, Reason, Tier, Verdict

TREE_DELETED = Reason("rm.recursive", "deletes a directory tree", "coreutils.rules", 41, (5, 21))
AS_ROOT = Reason("sudo", "runs as another user", "privilege.rules", 7, (0, 21))


def judged(
    source: str,
    *,
    via: tuple[str, ...] = (),
    verdict: Verdict = Verdict.ALLOW,
    tier: Tier = Tier.LOW,
    score: int = 5,
    reasons: tuple[Reason, ...] = (),
    undo: tuple[str, ...] = (),
) -> Judged:
    words = tuple(source.split())
    return Judged(
        kind="command",
        program=words[0],
        argv=words,
        via=via,
        effects=(),
        span=(0, len(source)),
        verdict=verdict,
        tier=tier,
        score=score,
        approvals=0,
        ttl=None,
        entry=None,
        reasons=reasons,
        undo=undo,
        source=source,
    )


MULTI_PARTY = Decision(
    command="sudo rm -rf /srv/data",
    verdict=Verdict.MULTI_PARTY,
    tier=Tier.HIGH,
    score=97,
    approvals=2,
    ttl=None,
    entry=None,
    reasons=(TREE_DELETED, AS_ROOT),
    actions=(
        Judged(
            kind="command",
            program="rm",
            argv=("rm", "-rf", "/srv/data"),
            via=("sudo",),
            effects=("delete", "irreversible", "privilege"),
            span=(5, 21),
            verdict=Verdict.MULTI_PARTY,
            tier=Tier.HIGH,
            score=97,
            approvals=2,
            ttl=None,
            entry=None,
            reasons=(TREE_DELETED, AS_ROOT),
            undo=("restore it from a backup",),
            source="rm -rf /srv/data",
        ),
    ),
)

ALLOWED = Decision(
    command="git status",
    verdict=Verdict.ALLOW,
    tier=Tier.LOW,
    score=5,
    approvals=0,
    ttl=None,
    entry=None,
    reasons=(Reason("git.inspect", "reads the repository", "git.rules", 12, (0, 10)),),
    actions=(judged("git status"),),
)

BY_ENTRY = Decision(
    command="docker restart web",
    verdict=Verdict.ALLOW,
    tier=Tier.MEDIUM,
    score=40,
    approvals=0,
    ttl=None,
    entry="w-9b1f27c04e55",
    reasons=(Reason("docker.restart", "restarts a container", "docker.rules", 30, (0, 18)),),
    actions=(judged("docker restart web", tier=Tier.MEDIUM, score=40),),
)

REVIEW_REASON = Reason("unknown", "a program that has no rules", "base.rules", 3, (43, 64))
SCRIPT = 'for f in $(ls); do\n  ssh "$h" \'sudo cat\'; sudo frobnicate\t"$f"\ndone'
REVIEW = Decision(
    command=SCRIPT,
    verdict=Verdict.REVIEW,
    tier=Tier.MEDIUM,
    score=60,
    approvals=1,
    ttl=timedelta(days=7),
    entry=None,
    reasons=(
        REVIEW_REASON,
        Reason("default", "a part that nothing describes", None, None, (0, len(SCRIPT))),
    ),
    actions=(
        judged("ls", via=("substitution",)),
        judged("cat", via=("ssh $h", "sudo")),
        replace(
            judged("cat b"), via=("ssh $h", "bash -c"), argv=("cat", None, "b c"), source="'x'"
        ),
        replace(
            judged(
                "frobnicate\t$f",
                via=("sudo",),
                verdict=Verdict.REVIEW,
                tier=Tier.MEDIUM,
                score=60,
                reasons=(REVIEW_REASON,),
            ),
            argv=("frobnicate", None),
        ),
    ),
)

_HOSTILE = "echo \x1b[2J\x1b[1A[bold]hi[/bold] :smile: \u202e; rm -rf ~"
DENIED = Decision(
    command=_HOSTILE,
    verdict=Verdict.DENY,
    tier=Tier.HIGH,
    score=100,
    approvals=0,
    ttl=None,
    entry=None,
    reasons=(
        Reason("team.home", "no `\x1b[0m` here [red]", "my\x1b.rules", 1, (40, len(_HOSTILE))),
    ),
    actions=(judged(_HOSTILE, via=("\x1b[3m",), verdict=Verdict.DENY, tier=Tier.HIGH, score=100),),
)

LONG = Decision(
    command="cat " + "a" * 200 + " > /etc/hosts < " + "b" * 200,
    verdict=Verdict.REVIEW,
    tier=Tier.HIGH,
    score=85,
    approvals=1,
    ttl=None,
    entry=None,
    reasons=(Reason("write.system", "writes a system file", "base.rules", 9, (205, 217)),),
    actions=(judged("cat " + "a" * 200, verdict=Verdict.REVIEW, tier=Tier.HIGH, score=85),),
)

NAMED = {
    "allowed": ALLOWED,
    "by-entry": BY_ENTRY,
    "review": REVIEW,
    "multi-party": MULTI_PARTY,
    "denied": DENIED,
    "long": LONG,
}
