# Everything that needs more than Python and make is built into .venv by the first target
# that wants it, and again when pyproject.toml changes.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check

# The first of these that runs (a pyenv shim may only look as if it did), is new enough and
# can build environments. PYTHON=… on the command line chooses another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' \
	2>/dev/null && echo $$python && break; done)

.PHONY: help
help:
	@echo 'make demo        decide a dozen real commands, and approve a class of them'
	@echo 'make test        run the whole test suite'
	@echo 'make check       run what CI runs: format, lint, types, layers, rules, tests'
	@echo 'make format      format the sources and fix what ruff can fix'
	@echo 'make wheel-test  build a wheel and see that it decides the same elsewhere'
	@echo 'make bench       measure cold and warm decisions, and policy-diff'
	@echo 'make clean       remove what the others made'

# Environments ----------------------------------------------------------------------------

$(BIN)/python:
	@test -n '$(PYTHON)' || { echo 'no python3 >= 3.11 with venv found (on Debian: apt-get' \
		'install python3-venv); or say: make PYTHON=/path/to/python3' >&2; exit 1; }
	@echo 'building $(VENV) with $(PYTHON)'
	@$(PYTHON) -m venv --clear $(VENV)

$(VENV)/.run: pyproject.toml hatch_build.py | $(BIN)/python
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.test: pyproject.toml hatch_build.py | $(BIN)/python
	@$(PIP) install --editable '.[test]'
	@touch $@ $(VENV)/.run

# What people call ------------------------------------------------------------------------

.PHONY: demo
demo: $(VENV)/.run
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/demo.sh
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/approvals.sh

.PHONY: test
test: $(VENV)/.test
	$(BIN)/python -m pytest -n $(JOBS)

.PHONY: lint
lint: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m policy.dsl rules

.PHONY: check
check: lint test

.PHONY: format
format: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: wheel-test
wheel-test: $(VENV)/.test
	$(BIN)/python tests/wheel_decides_the_same.py

.PHONY: bench
bench: $(VENV)/.test
	@$(BIN)/python benchmarks/bench_cold.py
	@$(BIN)/python -m pytest -q -p no:xdist -p benchmark --benchmark-columns=median,min,rounds benchmarks/bench_warm.py
	@$(BIN)/python benchmarks/bench_diff.py

.PHONY: clean
clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis \
		.import_linter_cache .benchmarks
