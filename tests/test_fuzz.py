"""A little of `make fuzz` in every run: no reader raises on anything, and each comes to an end."""

import pytest
from fuzz import inputs
from fuzz.targets import TARGETS, decided
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

EXAMPLES = {"shell": 250, "sql": 250, "rules": 40, "batch": 60, "log": 60}
"""How many inputs a target gets; the others 100."""


@pytest.mark.parametrize("name", TARGETS)
def test_no_input_breaks_a_reader(name: str) -> None:
    @settings(
        max_examples=EXAMPLES.get(name, 100),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(st.binary(max_size=96))
    def each(data: bytes) -> None:
        TARGETS[name](data)

    each()


def test_a_text_is_made_of_the_bytes_alone() -> None:
    data = bytes(range(2, 99))
    texts = ("ls -l /srv", "rm x")
    assert inputs.text_of(data, inputs.SHELL, texts) == inputs.text_of(data, inputs.SHELL, texts)
    assert inputs.text_of(b"\x00ls", inputs.SHELL, texts) == "ls"


def test_a_fault_inside_a_reader_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr("policy.parse.sql.read.lex", broken)
    with pytest.raises(AssertionError, match="a fault while reading SQL"):
        decided("SELECT 1", "sql:mysql")


# What fuzzing found -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        'echo "${a[\u00b2]}"; a=(x y)',
        'a=(x y); echo "${a[\u00b2]}"',
        f"a=(x y); echo ${{a[{'9' * 5_000}]}}",
        f"echo {{1..{'9' * 5_000}}}",
        f"echo {{1..3..{'9' * 5_000}}}",
    ],
)
def test_numerals_that_python_does_not_read_break_nothing(text: str) -> None:
    assert decided(text, "shell").reasons
