# make run    set everything up, run all notebooks for every focal regime, say where to look
# make test   set everything up, run the tests that take seconds (two minutes)
# make test-slow the other tests: whole commands, faults, a browser, a cluster (ten minutes and more)
# make test-all  all tests
# make check  style, types, spelling, clean notebooks, descriptor, floors: what pre-commit runs
# make lab    set everything up with JupyterLab, open the notebooks
# make site   publish a site in site/: baseline, its strictest and most lenient neighbours, what came after, robustness
# make faults set everything up, break it in every way we know (long)
# make coverage  all tests, with the lines that they reach, in every process that they start (long)
# make benchmark  set everything up, measure speed (long)
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# one thread: more would change the last bits of sums
export OPENBLAS_NUM_THREADS := 1

# two processes; a file's tests stay together, with what they share, until the other process has nothing left to do
SPREAD := -n 2 --dist worksteal
PYTEST := $(BIN)/python -m pytest $(SPREAD)

.PHONY: run test test-slow test-all lab site check fix faults coverage benchmark lock clean

run: $(VENV)/.ready
	$(BIN)/deadletter run
	$(BIN)/deadletter read

test: $(VENV)/.ready-test
	$(PYTEST) -m "not slow"

test-slow: $(VENV)/.ready-test
	$(PYTEST) -m slow

test-all: $(VENV)/.ready-test
	$(PYTEST)

coverage: $(VENV)/.ready-test $(VENV)/.ready-dev
	mkdir -p .coverage && $(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(SPREAD)
	$(BIN)/coverage combine --quiet && $(BIN)/coverage report

lab: $(VENV)/.ready-lab
	$(BIN)/jupyter lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks

PUBLISHED := baseline strict lenient after_2025

site: run
	$(BIN)/deadletter run $(PUBLISHED)
	$(BIN)/deadletter multiverse
	$(BIN)/deadletter run $(PUBLISHED)
	$(BIN)/deadletter check
	$(BIN)/deadletter publish $(PUBLISHED) $(if $(shell command -v chromium),--pdf)

faults: $(VENV)/.ready-test
	DEADLETTER_FAULTS=all $(PYTEST) tests/faults tests/journeys/test_jupyterlab.py

benchmark: $(VENV)/.ready-test
	$(BIN)/python tests/benchmarks/notebooks_speed.py
	$(BIN)/python tests/benchmarks/multiverse_speed.py
	$(BIN)/python tests/benchmarks/gravity_speed.py

check: $(VENV)/.ready-test $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/nbstripout --verify --keep-id notebooks/*.ipynb
	$(BIN)/deadletter data describe --check

fix: $(VENV)/.ready-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/nbstripout --keep-id notebooks/*.ipynb

$(BIN)/uv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

# every version is pinned and every download checked against its hash by requirements.lock
INSTALL = $(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --constraint requirements.lock

$(VENV)/.ready: $(BIN)/uv requirements.lock pyproject.toml
	$(INSTALL) --editable .
	$(BIN)/python -m compileall -q analysis
	touch $@

$(VENV)/.ready-%: $(VENV)/.ready
	$(INSTALL) --editable '.[$*]'
	touch $@

lock: $(BIN)/uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-annotate \
		--python-version 3.11 --all-extras pyproject.toml --output-file requirements.lock

clean:
	rm -rf results executed site
