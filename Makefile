# Two commands do everything: `make demo` and `make test`. Both set up their own environment in .venv.
# The rest is for working on the project; `make help` lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
WORKERS ?= auto

.DEFAULT_GOAL := help
.PHONY: help demo test lint format types floors pytest suite lock clean

help:
	@echo "make demo    the whole provider job, offline: submit, poll, download, four videos in ./demo-videos"
	@echo "make test    everything CI checks: ruff, mypy --strict, import-linter, pytest"
	@echo "make lint | types | floors | pytest    one of those"
	@echo "make format  let ruff format and mend"
	@echo "make lock    renew requirements/*.txt from pyproject.toml (needs the network)"
	@echo "make clean   remove the environment and what the tools left"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Found $$($(PYTHON) --version 2>&1), expected Python 3.11 or newer. Name one: make PYTHON=python3.12 ..."; exit 2; }
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "Python cannot make a virtual environment; on Debian: apt-get install python3-venv"; exit 2; }

# Every dependency is pinned with its hash; the project itself is installed last, in place.
$(VENV)/.ready-demo: requirements/demo.txt pyproject.toml | $(BIN)/python
	@$(PIP) install --require-hashes -r requirements/demo.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.ready-dev: requirements/dev.txt pyproject.toml | $(BIN)/python
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.ready-demo

demo: $(VENV)/.ready-demo
	@$(BIN)/python examples/demo.py

test: lint types floors pytest

lint: $(VENV)/.ready-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.ready-dev
	$(BIN)/mypy

floors: $(VENV)/.ready-dev
	$(BIN)/lint-imports

pytest: $(VENV)/.ready-dev
	$(BIN)/pytest -n $(WORKERS)

format: $(VENV)/.ready-dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: $(BIN)/python
	$(PIP) install uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --custom-compile-command "make lock" --extra all --no-emit-package nebula-video \
	  --output-file requirements/demo.txt pyproject.toml requirements/build.in
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --custom-compile-command "make lock" --extra dev --no-emit-package nebula-video \
	  --output-file requirements/dev.txt pyproject.toml requirements/build.in

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist demo-videos
