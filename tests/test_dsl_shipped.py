"""Rule sets are kept between processes, and only ones that can be trusted are used."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import policy.shipped
from policy.diagnostics import RuleError
from policy.shipped import ruleset, write_precompiled

SMALL = 'default medium 60 "unknown"\nprogram p { option -f }\n'


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[int]:
    """A small set of shipped rules, an empty place to keep them, and how often they compile."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "small.rules").write_text(SMALL)
    cache = tmp_path / "cache"
    cache.mkdir()
    counted: list[int] = []
    compile_sources = policy.shipped.compile_sources

    def counting(*sources: object) -> object:
        counted.append(1)
        return compile_sources(*sources)  # type: ignore[arg-type]  # passes on what it was given

    monkeypatch.setattr(policy.shipped, "compile_sources", counting)
    monkeypatch.setattr(policy.shipped, "rules_directory", lambda: tmp_path / "rules")
    monkeypatch.setattr(policy.shipped, "data_directory", lambda: tmp_path)
    monkeypatch.setattr(policy.shipped, "_cache_directory", lambda: cache)
    return counted


def kept(tmp_path: Path) -> Path:
    (file,) = (tmp_path / "cache").iterdir()
    return file


def test_the_second_time_nothing_is_compiled(compilations: list[int], tmp_path: Path) -> None:
    assert ruleset() == ruleset()
    assert len(compilations) == 1
    assert kept(tmp_path).stat().st_mode & 0o022 == 0


def test_changed_rules_are_compiled_again(compilations: list[int], tmp_path: Path) -> None:
    ruleset()
    (tmp_path / "rules" / "small.rules").write_text(SMALL + "program q { }\n")
    assert "q" in ruleset().programs
    assert len(compilations) == 2


@pytest.mark.parametrize("damage", [b"", b"garbage", None])
def test_a_damaged_file_is_made_anew(
    compilations: list[int], tmp_path: Path, damage: bytes | None
) -> None:
    ruleset()
    file = kept(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    assert "p" in ruleset().programs
    assert len(compilations) == 2
    assert file.read_bytes()[:100] == whole[:100]


@pytest.mark.parametrize("mode", [0o777, 0o702])
def test_a_place_that_anyone_may_write_is_not_used(
    compilations: list[int], tmp_path: Path, mode: int
) -> None:
    ruleset()
    (tmp_path / "cache").chmod(mode)
    ruleset()
    kept(tmp_path).unlink()
    ruleset()
    assert len(compilations) == 3
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_file_that_anyone_may_write_is_not_used(compilations: list[int], tmp_path: Path) -> None:
    ruleset()
    kept(tmp_path).chmod(0o666)
    ruleset()
    assert len(compilations) == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_of_someone_else_is_not_used(compilations: list[int], tmp_path: Path) -> None:
    ruleset()
    os.chown(kept(tmp_path), 12345, 12345)
    ruleset()
    assert len(compilations) == 2


def test_a_place_that_is_missing_or_a_file_is_no_error(
    compilations: list[int], tmp_path: Path
) -> None:
    (tmp_path / "cache").rmdir()
    assert "p" in ruleset().programs
    kept(tmp_path).unlink()
    (tmp_path / "cache").rmdir()
    (tmp_path / "cache").write_text("")
    assert "p" in ruleset().programs


def test_a_precompiled_set_is_used_while_it_is_current(
    compilations: list[int], tmp_path: Path
) -> None:
    write_precompiled(tmp_path / "rules.pickle")
    assert "p" in ruleset().programs
    assert len(compilations) == 1
    (tmp_path / "rules" / "small.rules").write_text(SMALL + "program q { }\n")
    assert "q" in ruleset().programs


def test_old_sets_are_removed(compilations: list[int], tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / "rules" / "small.rules").write_text(f"program p{number} {{ }}\n")
        ruleset()
    assert len(list((tmp_path / "cache").iterdir())) == 8
    assert len(compilations) == 12


# A user's rules -------------------------------------------------------------------------------


def test_users_rules_are_kept_too(compilations: list[int], tmp_path: Path) -> None:
    mine = tmp_path / "mine" / "below"
    mine.mkdir(parents=True)
    (mine / "mine.rules").write_text("program mine { }\n")
    for _ in range(2):
        rules = ruleset(extra=tmp_path / "mine")
        assert {"p", "mine"} <= set(rules.programs)
    assert "mine" not in ruleset().programs
    assert len(compilations) == 2


def test_users_rules_with_errors_say_all_of_them(compilations: list[int], tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "a.rules").write_text("set s { }\nprogram p { }\n")
    (mine / "b.rules").write_bytes(b"program caf\xe9 { }\n")
    with pytest.raises(RuleError) as raised:
        ruleset(extra=mine)
    codes = [finding.code for finding in raised.value.findings]
    assert codes == ["PL312", "PL302", "PL103", "PL107"]
    assert str(mine / "a.rules") + ":1:5" in str(raised.value)


def test_a_directory_that_is_none_is_an_error(compilations: list[int], tmp_path: Path) -> None:
    with pytest.raises(OSError, match="not a directory"):
        ruleset(extra=tmp_path / "nothing")


# The real rules -------------------------------------------------------------------------------


def test_the_shipped_rules_compile_without_findings() -> None:
    path = Path(__file__).parent.parent / "rules"
    done = subprocess.run(
        [sys.executable, "-m", "policy.dsl", path], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.count("\n")) == (0, 1), done.stdout


def test_kept_rules_need_no_lark(tmp_path: Path) -> None:
    code = (
        "import sys; from policy.shipped import ruleset; ruleset(); "
        "print([name for name in ('lark', 'difflib') if name in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)}
    shown = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
        ).stdout
        for _ in range(2)
    ]
    assert shown == ["['lark', 'difflib']\n", "[]\n"]
