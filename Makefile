# Hoshobin: every task by name. `make run` and `make test` need only Python >= 3.11, git and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help run test quick check demo bench soak foreign accept interop interop-setup lock clean

help: ## List the tasks
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(VENV)/.run-installed: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev-installed: requirements-dev.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@ $(VENV)/.run-installed

run: $(VENV)/.run-installed ## Install and start the trial service on loopback (var/)
	$(BIN)/hoshobin serve --trial

demo: $(VENV)/.run-installed ## Install and play two cities and every failure; mails and PDFs in demo-out/
	$(BIN)/hoshobin demo

test: $(VENV)/.dev-installed ## Install and run every test that needs no system program (SQLite and PostgreSQL)
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not interop"

quick: $(VENV)/.dev-installed ## The tests to run while writing (< 15 s)
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not slow and not interop" --hypothesis-profile=quick

check: $(VENV)/.dev-installed ## Types, style, format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

interop-setup: ## Install the real programs for interop and bench (Debian 12, root)
	tests/interop/setup.sh

interop: $(VENV)/.dev-installed ## Install and run the tests against real programs
	$(BIN)/python -m pytest -q tests/interop

bench: $(VENV)/.dev-installed interop-setup ## Measure against Postfix and a plain receiver (about 3 min); reports/bench.md
	$(BIN)/python -m tests.bench

lock: $(VENV)/.dev-installed ## Rewrite the lock files from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --extra build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra build --extra dev -c requirements.lock --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements-dev.lock

soak: $(VENV)/.dev-installed ## Stories with kill -9 at drawn moments, into reports/soak.md (SEEDS=7:20 goes on)
	$(BIN)/python -m pytest -q tests/soak/soak.py --seeds $(or $(SEEDS),1:6)

foreign: $(VENV)/.dev-installed ## Send a directory of foreign mails (MAILS=DIR), every writer registered; reports/foreign.md
	$(BIN)/python -m tests.soak.foreign $(MAILS)

clean: ## Remove what was built and the trial's data
	rm -rf $(VENV) var demo-out reports build dist *.egg-info

accept: $(VENV)/.dev-installed ## Rewrite tests/mails/*.expect and show every difference
	$(BIN)/python -m tests.mails.corpus
