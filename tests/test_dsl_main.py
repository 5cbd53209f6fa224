"""`python -m policy.dsl`: the check that authors of rules run."""

from pathlib import Path

import pytest

from policy.dsl.__main__ import main


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    directory = tmp_path / "rules"
    directory.mkdir()
    (directory / "a.rules").write_text("program a { }\n")
    (directory / "b.rules").write_text("program b { style gun }\n")
    monkeypatch.setattr("policy.dsl.__main__.rules_directory", lambda: Path("rules"))
    monkeypatch.chdir(tmp_path)
    return directory


def run(capsys: pytest.CaptureFixture[str], *paths: str) -> tuple[int, str]:
    status = main(paths)
    captured = capsys.readouterr()
    return status, captured.out + captured.err


def test_a_directory_is_checked_as_a_whole(
    shipped: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, shown = run(capsys, "rules")
    assert status == 1
    assert shown == (
        "error[PL203]: unknown style `gun`\n"
        " --> rules/b.rules:1:19\n"
        "  |\n"
        "1 | program b { style gun }\n"
        "  |                   ^^^ expected `gnu`, `posix`, `single-dash`, `bundled` or `none`\n"
        "  = help: did you mean `gnu`?\n"
        "\n"
        "1 error, 0 warnings\n"
    )


def test_a_file_is_checked_beside_the_others(
    shipped: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, shown = run(capsys, "rules/a.rules")
    assert (status, shown) == (0, "0 errors, 0 warnings, 1 error in files that were not named\n")


def test_other_files_are_checked_on_top_of_the_shipped_ones(
    shipped: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (shipped / "b.rules").write_text("program b { }\n")
    (tmp_path / "mine.rules").write_text(
        'rule mine "x" { on a tier low score 1 match "a" }\nset s { x }\n'
    )
    status, shown = run(capsys, "mine.rules")
    assert status == 0
    assert shown.endswith(
        "1 rule with 1 example, 2 programs, 0 variables, 0 defaults, 0 errors, 1 warning\n"
    )


@pytest.mark.parametrize(
    ("paths", "shown"),
    [
        ((), "usage: python -m policy.dsl PATH…\n"),
        (("nothing",), "error: [Errno 2] No such file or directory: 'nothing'\n"),
    ],
)
def test_bad_usage(
    shipped: Path, capsys: pytest.CaptureFixture[str], paths: tuple[str, ...], shown: str
) -> None:
    assert run(capsys, *paths) == (2, shown)
