"""Prints what was measured as a Markdown table, as the README shows it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

Measure = Callable[[str, Callable[[], object]], None]

_MEASURED: list[tuple[str, float, float]] = []


@pytest.fixture
def measure(benchmark: BenchmarkFixture) -> Measure:
    """Call a function often; the times get a row of that name."""

    def run(name: str, function: Callable[[], object]) -> None:
        benchmark.pedantic(function, rounds=500, iterations=1, warmup_rounds=20)
        times = benchmark.stats.stats
        _MEASURED.append((name, times.median, times.min))

    return run


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.line("")
    terminalreporter.line("| one decision in a running process | median µs | least µs |")
    terminalreporter.line("|---|---:|---:|")
    for name, median, least in _MEASURED:
        terminalreporter.line(f"| {name} | {median * 1e6:.1f} | {least * 1e6:.1f} |")
    terminalreporter.line("")
