# Everyday commands. `make run` and `make test` do everything on a fresh machine with Python 3.11, make and git.
PYTHON ?= python3.11
PORT ?= 8000
HOST ?= 127.0.0.1
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run demo test lint bench stress wheel clean

# The environment is made again when pyproject.toml changes; a stamp per set of packages.
$(VENV)/.run: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || python3 -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable ".[postgresql]"
	@touch $@

$(VENV)/.develop: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --group test --group lint
	@touch $@

## run: serve on http://127.0.0.1:8000 (PORT= to change it) from an SQLite database in ./data
run: $(VENV)/.run
	@$(BIN)/postmortem db upgrade
	@$(BIN)/postmortem serve --host $(HOST) --port $(PORT)

## demo: the same on a sample database of its own in ./data-demo
demo: export POSTMORTEM_DATA_DIR := ./data-demo
demo: export POSTMORTEM_DATABASE_URL :=
demo: $(VENV)/.run
	@$(BIN)/postmortem db upgrade
	@$(BIN)/postmortem demo load
	@$(BIN)/postmortem serve --host $(HOST) --port $(PORT)

## test: install what the tests need and run them all, on SQLite and on PostgreSQL
test: $(VENV)/.develop
	@$(BIN)/python -m tests.run $(NO_SKIPS)

## lint: style, types, templates, who imports what, dependencies
lint: $(VENV)/.develop
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --profile=jinja --lint --quiet templates
	$(BIN)/deptry .

## bench: speed and scale as ratios (N= incidents, default 10000)
N ?= 10000
bench: $(VENV)/.develop
	@$(BIN)/python -m benchmarks.run --incidents $(N)

## stress: the long forms of what tests show in short (ONLY= for one of them); see docs/testing.md
stress: $(VENV)/.develop
	@$(BIN)/python -m stress.run $(ONLY)

## wheel: build it, install it into an empty environment and start it there
wheel: $(VENV)/.develop
	@$(BIN)/python -m tests.wheel

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
