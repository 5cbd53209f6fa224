"""What an audit of the locks makes of pip-audit's answers."""

import json

import pytest

from supply.audit import Audit, Failed, read, report, status

CLEAN = {"name": "rich", "version": "15.0.0", "vulns": []}
UNKNOWN = {"name": "lark", "skip_reason": "Dependency not found on PyPI and could not be audited"}
HOLED = {
    "name": "pyyaml",
    "version": "6.0.3",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["6.0.4", "7.0"]}],
}
OPEN = {"name": "click", "version": "8", "vulns": [{"id": "GHSA-2", "fix_versions": []}]}


def answer(*packages):
    return json.dumps({"dependencies": packages, "fixes": []})


@pytest.mark.parametrize(
    ("packages", "audit", "code", "required"),
    [
        ((CLEAN,), Audit(clean=1), 0, 0),
        ((), Audit(), 0, 0),
        ((UNKNOWN,), Audit(unasked=("lark",)), 0, 3),
        ((CLEAN, UNKNOWN), Audit(unasked=("lark",), clean=1), 0, 3),
        ((HOLED,), Audit(("pyyaml 6.0.3: PYSEC-1 (fixed in 6.0.4, 7.0)",)), 1, 1),
        ((OPEN, UNKNOWN), Audit(("click 8: GHSA-2 (no fixed version)",), ("lark",)), 1, 1),
    ],
)
def test_only_a_vulnerability_fails_but_a_release_needs_every_answer(
    packages, audit, code, required
):
    assert read(answer(*packages), "") == audit
    assert status([audit, Audit(clean=3)], require=False) == code
    assert status([audit, Audit(clean=3)], require=True) == required


@pytest.mark.parametrize(
    "last",
    [
        "requests.exceptions.ConnectionError: Max retries exceeded",
        "requests.exceptions.ReadTimeout: timed out",
        "pip_audit._service.interface.ServiceError",
        "ERROR:pip_audit._cli:Tip: your network may be blocking this service. Try another",
    ],
)
def test_a_service_that_is_not_reached_is_no_clean_bill(last):
    audit = read("", f"Traceback (most recent call last):\n  File …\n{last}\n")
    assert audit == Audit(unasked=("every package",), why=last)
    assert status([audit], require=False) == 0
    assert status([audit], require=True) == 3


@pytest.mark.parametrize(
    "errors",
    [
        "",
        "pip-audit: error: unrecognized arguments: --bad",
        "ImportError: no module",
        "KeyError: 1",
    ],
)
def test_any_other_failure_is_one(errors):
    with pytest.raises(Failed, match=errors or "it wrote nothing"):
        read("", errors)


def test_a_report_says_what_is_vulnerable_and_what_nobody_asked():
    audit = Audit(("click 8: GHSA-2 (no fixed version)",), ("lark", "rich"), clean=4)
    assert report("run.txt", audit) == (
        "run.txt: VULNERABLE: click 8: GHSA-2 (no fixed version)\n"
        "run.txt: NOT AUDITED: lark, rich (the advisory service answered that it doesn't know"
        " them)\n"
        "run.txt: 4 packages without a known vulnerability"
    )


@pytest.mark.parametrize(
    ("audit", "text"),
    [
        (Audit(), "a.txt: no packages"),
        (Audit(clean=2), "a.txt: 2 packages without a known vulnerability"),
        (
            Audit(unasked=("every package",), why="no network"),
            "a.txt: NOT AUDITED: every package (no network)",
        ),
        (
            Audit(unasked=("lark", "rich"), why="no answer"),
            "a.txt: NOT AUDITED: all 2: lark, rich (no answer)",
        ),
    ],
)
def test_a_report_never_calls_clean_what_was_not_asked(audit, text):
    assert report("a.txt", audit) == text
