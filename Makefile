# Hoshobin: every task by name. `make run` and `make test` need only Python >= 3.11, git and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help run test quick check demo bench soak accept interop interop-setup lock clean

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

test: $(VENV)/.dev-installed ## Install and run every test that needs no system program (SQLite and PostgreSQL)
	$(BIN)/python -m pytest -q -n 2 -m "not interop"

quick: $(VENV)/.dev-installed ## The tests to run while writing (< 15 s)
	$(BIN)/python -m pytest -q -n 2 -m "not slow and not interop"

check: $(VENV)/.dev-installed ## Types, style, format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lock: $(VENV)/.dev-installed ## Rewrite the lock files from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --extra build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra build --extra dev -c requirements.lock --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements-dev.lock

clean: ## Remove what was built and the trial's data
	rm -rf $(VENV) var demo-out reports build dist *.egg-info

accept: $(VENV)/.dev-installed ## Rewrite tests/mails/*.expect and show every difference
	$(BIN)/python -m tests.mails.corpus
