# make run    the environment, and the main job      make check   lint, types, long tests, docs, the newest Python
# make test   the environment, and the fast tests    make help    the rest
# Paths are relative, so a folder with spaces in its name does.

# The first Python of at least 3.11; to choose another: make PYTHON=python3.12 run
PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13 python3.14 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$p"; break; }; done)
REPLICATES ?= 5
JOBS ?= 2
PYTEST_FLAGS ?= -n $(JOBS)

VENV := .venv
BIN := $(VENV)/bin/python
STAMP := $(VENV)/.installed
NEWEST := .venv-newest
NEWEST_BIN := $(NEWEST)/bin/python
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help env run test check lint types slow docs interpreted newest class format lock clean

help:
	@echo "make run       environment, then the main job: ana-sim compare (REPLICATES=$(REPLICATES))"
	@echo "make test      environment, then the fast tests"
	@echo "make check     lint, types, the long tests, docs, the suite without the compiler and on the newest Python"
	@echo "make docs      build the documentation into docs/_build/html; a warning is an error"
	@echo "make class     open the notebooks in JupyterLab"
	@echo "make format    format the code, and mend what ruff can mend"
	@echo "make lock      resolve requirements.lock anew"
	@echo "make clean     remove environments and caches (never results)"

env: $(STAMP)

# venv is run even where .venv is there: it mends an environment that was interrupted.
$(STAMP): pyproject.toml requirements.lock
	@test -n "$(PYTHON)" || { echo "ana_sim needs Python 3.11 or newer; none found on PATH" >&2; exit 1; }
	@echo "environment: $(VENV), of $$($(PYTHON) --version), as locked in requirements.lock"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN) $(PIP_INSTALL) -r requirements.lock
	@$(BIN) $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

run: $(STAMP)
	$(BIN) -m ana_sim compare --replicates $(REPLICATES)

test: $(STAMP)
	$(BIN) -m pytest $(PYTEST_FLAGS) -m "not slow"

check: lint types docs slow interpreted newest

lint: $(STAMP)
	$(BIN) -m ruff format --check .
	$(BIN) -m ruff check .

types: $(STAMP)
	$(BIN) -m mypy

slow: $(STAMP)
	$(BIN) -m pytest $(PYTEST_FLAGS) -m slow --hypothesis-profile=check

docs: $(STAMP)
	$(BIN) -m sphinx --builder html --fail-on-warning --keep-going --nitpicky --quiet docs docs/_build/html

class: $(STAMP)
	@$(BIN) $(PIP_INSTALL) --no-build-isolation --editable ".[class]"
	$(BIN) -m jupyterlab notebooks

# The same tests with the compiler switched off: the rules and the engine as plain Python.
interpreted: $(STAMP)
	NUMBA_DISABLE_JIT=1 $(BIN) -m pytest $(PYTEST_FLAGS) -m "not slow"

# Nothing is locked here: the newest versions of everything, resolved anew each time, and the fast tests.
newest:
	@python=$$(sh .ci/newest-python) || { \
		echo "skipped: no Python newer than 3.11 found, so the suite was not run on one"; exit 0; }; \
	echo "environment: $(NEWEST), of $$("$$python" --version), newest versions" && \
	"$$python" -m venv --clear $(NEWEST) && \
	$(NEWEST_BIN) $(PIP_INSTALL) --upgrade --editable ".[dev]" && \
	$(NEWEST_BIN) -m pip list | grep -i -E '^(mesa|networkx|numpy|numba|pandas|scipy) ' && \
	echo '$(NEWEST_BIN) -m pytest $(PYTEST_FLAGS) -m "not slow"' && \
	$(NEWEST_BIN) -m pytest $(PYTEST_FLAGS) -m "not slow"

format: $(STAMP)
	$(BIN) -m ruff check --fix .
	$(BIN) -m ruff format .

# One lock for every system and every Python from 3.11 on.
lock:
	@test -n "$(PYTHON)" || { echo "ana_sim needs Python 3.11 or newer; none found on PATH" >&2; exit 1; }
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python $(PIP_INSTALL) uv
	.venv-lock/bin/uv --no-config pip compile --quiet --upgrade --universal --python-version 3.11 \
		--extra dev --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) $(NEWEST) .venv-lock build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -type d -name __pycache__ -prune -exec rm -rf {} +
