# Everything that needs more than Python and make is built into .venv by the first target
# that wants it, and again when pyproject.toml or a lock changes. What is installed is what the
# locks under supply/ pin, digest by digest; `LOCK=no` resolves pyproject.toml's bounds instead.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
TOOLS := $(VENV)/release/bin
JOBS ?= 2
LOCK ?= yes
PIP := -m pip -qq --disable-pip-version-check

# The first of these that runs (a pyenv shim may only look as if it did), is new enough and
# can build environments. PYTHON=… on the command line chooses another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' \
	2>/dev/null && echo $$python && break; done)

.PHONY: help
help:
	@echo 'make demo          decide a dozen real commands, and approve a class of them'
	@echo 'make test          run the whole test suite'
	@echo 'make check         run what CI runs: format, lint, types, layers, rules, tests'
	@echo 'make format        format the sources and fix what ruff can fix'
	@echo 'make oracle        have shells and servers judge what is seen (CONTRIBUTING.md, Oracles)'
	@echo 'make fuzz          look for texts that break a reader'
	@echo 'make wheel-test    build a wheel and see that it decides the same elsewhere'
	@echo 'make reproducible  build wheel and sdist twice, and compare every byte'
	@echo 'make bench         measure cold and warm decisions, and policy-diff'
	@echo 'make audit         ask for known vulnerabilities of what the locks pin'
	@echo 'make lock          make the locks anew (UPGRADE=--upgrade for newer versions)'
	@echo 'make dist          wheel, sdist, bill of materials and digests, into dist/'
	@echo 'make clean         remove what the others made'

# Environments ----------------------------------------------------------------------------

$(BIN)/python:
	@test -n '$(PYTHON)' || { echo 'no python3 >= 3.11 with venv found (on Debian: apt-get' \
		'install python3-venv); or say: make PYTHON=/path/to/python3' >&2; exit 1; }
	@echo 'building $(VENV) with $(PYTHON)'
	@$(PYTHON) -m venv --clear $(VENV)

ifeq ($(LOCK),no)
install = $(BIN)/python $(PIP) install --editable '.$(1)' editables hatchling
else
install = $(BIN)/python $(PIP) install --require-hashes $(2:%=-r supply/%.txt) \
	&& $(BIN)/python $(PIP) install --no-deps --no-build-isolation --editable .
endif

$(VENV)/.run: pyproject.toml hatch_build.py supply/run.txt supply/build.txt | $(BIN)/python
	@$(call install,,run build)
	@touch $@

$(VENV)/.test: pyproject.toml hatch_build.py supply/test.txt supply/build.txt | $(BIN)/python
	@$(call install,[test],test build)
	@touch $@ $(VENV)/.run

$(VENV)/.fuzz: supply/fuzz.txt $(VENV)/.test
	@$(BIN)/python $(PIP) install --require-hashes -r supply/fuzz.txt
	@touch $@

# The tools of releases have an environment of their own: nothing of theirs meets the tests.
$(VENV)/.release: supply/release.txt | $(BIN)/python
	@$(BIN)/python -m venv --clear $(VENV)/release
	@$(TOOLS)/python $(PIP) install --require-hashes -r supply/release.txt
	@touch $@

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

# Shells, programs and servers as judges; ORACLE='--seed 7 …' adds to the arguments.
.PHONY: oracle
oracle: $(VENV)/.test
	PYTHONPATH=tests $(BIN)/python -m oracle --scripts 20000 --statements 30000 $(ORACLE)

.PHONY: fuzz
fuzz: $(VENV)/.fuzz
	PYTHONPATH=tests $(BIN)/python -m fuzz $(FUZZ)

.PHONY: wheel-test
wheel-test: $(VENV)/.test
	$(BIN)/python tests/wheel_decides_the_same.py

.PHONY: reproducible
reproducible: $(VENV)/.test
	$(BIN)/python tests/builds_are_identical.py

.PHONY: bench
bench: $(VENV)/.test
	@$(BIN)/python benchmarks/bench_cold.py
	@$(BIN)/python -m pytest -q -p no:xdist -p benchmark --benchmark-columns=median,min,rounds benchmarks/bench_warm.py
	@$(BIN)/python benchmarks/bench_diff.py

# Supply chain ------------------------------------------------------------------------------

.PHONY: audit
audit: $(VENV)/.release
	@$(TOOLS)/python supply/audit.py supply/*.txt $(AUDIT)

# Each lock is for all supported Pythons and systems, and later ones agree with earlier ones.
PINNED = $(TOOLS)/uv pip compile --quiet --no-config --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command 'make lock' $(UPGRADE)
.PHONY: lock
lock: $(VENV)/.release
	$(PINNED) pyproject.toml -o supply/run.txt
	$(PINNED) --group build -c supply/run.txt -o supply/build.txt
	$(PINNED) pyproject.toml --extra test -c supply/run.txt -c supply/build.txt -o supply/test.txt
	$(PINNED) --group fuzz -c supply/test.txt -o supply/fuzz.txt
	$(PINNED) --group release -c supply/test.txt -o supply/release.txt

.PHONY: build
build: $(VENV)/.test
	@rm -rf dist
	@env -u SOURCE_DATE_EPOCH $(BIN)/python -m build --no-isolation --outdir dist .

.PHONY: sbom
sbom: build $(VENV)/.release
	@$(BIN)/python -m venv --clear --without-pip $(VENV)/shipped
	@$(BIN)/python $(PIP) --python $(VENV)/shipped/bin/python install --require-hashes \
		--no-deps -r supply/run.txt
	@$(BIN)/python $(PIP) --python $(VENV)/shipped/bin/python install --no-deps dist/*.whl
	@$(TOOLS)/python supply/sbom.py $(VENV)/shipped/bin/python supply/run.txt \
		dist/command-policy.cdx.json

.PHONY: dist
dist: build sbom
	@cd dist && sha256sum *.whl *.tar.gz *.cdx.json | tee SHA256SUMS

.PHONY: clean
clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis \
		.import_linter_cache .benchmarks
