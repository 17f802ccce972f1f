# Groundwatch: `make` lists what there is to do.
#
# The environment is .venv, built with plain pip from constraints.txt, and built again when that file or
# pyproject.toml changes. The constraints hold torch without naming where it comes from: on Linux x86_64 the
# default build brings several GB of CUDA. To have the CPU build, point pip at PyTorch's CPU index first
# (PIP_EXTRA_INDEX_URL, or PIP_FIND_LINKS for a folder of wheels).

SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup demo up test test-slow test-servers check format lint types imports constraints clean

# Every version is pinned, so three processes of pip can each install a third and none has to resolve anything. A
# platform for which a pin has no build (the pins are those of Linux) has pip resolve what it needs.
PIP = $(BIN)/pip install --disable-pip-version-check --no-compile -q
PINNED = rm -f $(VENV)/pins.* && awk '!/^\#/ { print > "$(VENV)/pins." NR % 3 }' constraints.txt \
  && printf '%s\n' $(VENV)/pins.? | xargs -n 1 -P 3 $(PIP) --no-deps -r \
  && $(PIP) --no-deps --no-build-isolation -e . && $(BIN)/pip check >/dev/null
RESOLVED = $(PIP) -c constraints.txt -e '.[all,dev]'

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.stamp
PACKAGES := ingest flows api ui evals tests

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## create the environment in .venv

demo: $(READY) ## ingest the sample handbook and ask it three questions
	$(BIN)/groundwatch ingest evals/handbook --source handbook
	$(BIN)/python -m evals.demo

up: $(READY) ## serve the API and the app together
	$(BIN)/groundwatch up

# Python writes down what it compiled, whatever the environment says: pip does not (--no-compile), and the tests start
# dozens of processes that would each compile the same modules again, torch's alone for half a minute.
test test-slow test-servers: export PYTHONDONTWRITEBYTECODE =

test: $(READY) ## run the tests (TESTS="-k word" passes options on)
	$(BIN)/pytest -n 3 --dist loadfile -m "not slow and not servers and not runners" $(TESTS)

test-slow: $(READY) ## run the tests that take longer: real servers of ours, kills, whole runs, the shared corpus (minutes)
	$(BIN)/pytest -n 3 --dist loadfile -m "slow and not servers and not runners" $(TESTS)

test-servers: $(READY) ## run the tests that start Dask, Ray, Prefect servers, PostgreSQL, Prometheus and Alertmanager (minutes)
	$(BIN)/pytest -m "servers or runners"

check: lint types imports test ## format, lint, types, imports and tests: what CI runs

format: $(READY) ## rewrite the code as ruff formats it
	$(BIN)/ruff format $(PACKAGES)
	$(BIN)/ruff check --fix $(PACKAGES)

lint: $(READY) ## check format and lint rules
	$(BIN)/ruff format --check $(PACKAGES)
	$(BIN)/ruff check $(PACKAGES)

types: $(READY) ## check types, strictly
	$(BIN)/mypy

imports: $(READY) ## check that imports point down
	$(BIN)/lint-imports

constraints: ## pin in constraints.txt what is installed in .venv
	@{ echo "# Exact versions of everything in the environment, written by \`make constraints\`."; \
	   $(BIN)/pip freeze --all --exclude-editable --exclude groundwatch --exclude pip \
	   | sed -E 's/ @ .*//; s/(==[^+]+)\+.*/\1/' | LC_ALL=C sort -f; } > constraints.new
	@! grep -nvE '^(#.*|[A-Za-z0-9._-]+==[A-Za-z0-9.!_-]+)$$' constraints.new \
	  || { echo "constraints.new: the lines above name no version; install them by version first"; exit 1; }
	mv constraints.new constraints.txt
	@touch -c $(READY)

clean: ## remove the environment and what tools cached
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find $(PACKAGES) -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml constraints.txt
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || { \
	  echo "Groundwatch needs Python 3.11, and '$(PYTHON)' is $$("$(PYTHON)" --version 2>&1 || true)."; \
	  echo "Install it (Debian: apt-get install python3.11 python3.11-venv), or name it: make PYTHON=/path/to/python3.11"; \
	  exit 1; }
	"$(PYTHON)" -m venv $(VENV)
	@echo "Installing Groundwatch into $(VENV); the first time takes some minutes."
	@$(PINNED) || { echo "make: not all pins could be installed side by side; going on one after the other"; $(RESOLVED); }
	@touch $(READY)
