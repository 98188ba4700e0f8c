# Everything people, pre-commit and CI run. Needs make and Python 3.11 or newer; all else goes into .venv.
.POSIX:
.SUFFIXES:
.PHONY: help demo up test check format lint types imports bench fmt migration migration-initial lock clean

BIN = .venv/bin
PIP = PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet --no-input
COMPILE = $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	--quiet pyproject.toml --group build

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' Makefile

demo: .venv/.stamp-base ## make a 30-second video about the article that ships with the project
	@$(BIN)/ettametta demo

up: .venv/.stamp-base ## run everything in one process
	@$(BIN)/ettametta up

test: .venv/.stamp-dev ## run all tests, one process a core and one for their waiting (T= passes arguments to pytest)
	@$(BIN)/pytest -n "$$($(BIN)/python -c 'import os; print((os.cpu_count() or 1) + 1)')" --dist worksteal $(T)

check: format lint types imports ## everything but the tests: format, lint, types, imports

format: .venv/.stamp-dev ## check the formatting (ruff)
	@echo "format: ruff format --check" && $(BIN)/ruff format --check --quiet .

lint: .venv/.stamp-dev ## check the style (ruff)
	@echo "lint: ruff check" && $(BIN)/ruff check --quiet .

types: .venv/.stamp-dev ## check the types (mypy, strict)
	@echo "types: mypy" && $(BIN)/mypy

imports: .venv/.stamp-dev ## check who may import whom (import-linter)
	@echo "imports: lint-imports" && $(BIN)/lint-imports --no-logo

bench: .venv/.stamp-dev .venv-peers/.stamp ## run the benchmarks and print their figures
	@set -e; for file in benchmarks/[a-z]*.py; do name=$$(basename "$$file" .py); echo "== $$name"; $(BIN)/python -m "benchmarks.$$name"; done

fmt: .venv/.stamp-dev ## format the code and mend what can be mended
	@$(BIN)/ruff format --quiet . && $(BIN)/ruff check --fix --quiet .

migration: .venv/.stamp-dev ## write the next migration from the models: make migration m="what changes"
	@test -n "$(m)" || { echo 'Say what changes: make migration m="pairing codes expire"' >&2; exit 1; }
	@$(BIN)/python -m ettametta.migrations "$(m)" && $(BIN)/ruff check --fix --quiet ettametta/migrations/versions && $(BIN)/ruff format --quiet ettametta/migrations/versions

migration-initial: .venv/.stamp-dev ## throw all migrations away and write 0001 (only until the first release)
	@$(BIN)/python -m ettametta.migrations --initial && $(BIN)/ruff check --fix --quiet ettametta/migrations/versions && $(BIN)/ruff format --quiet ettametta/migrations/versions

lock: .venv/.stamp-dev ## resolve the requirement files anew, keeping versions that still fit (U=--upgrade for the newest)
	@$(COMPILE) $(U) -o requirements/base.txt
	@$(COMPILE) $(U) --extra transcription --extra music --group test --group lint -c requirements/base.txt -o requirements/dev.txt

clean: ## remove the virtual environment and all caches; data stays
	@rm -rf .venv .venv-peers .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The first Python that is new enough and can make a virtual environment; PYTHON=... goes first.
.venv/.stamp-venv:
	@for python in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
		if "$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Making .venv with $$("$$python" --version)."; \
			"$$python" -m venv .venv && touch $@ && exit 0; exit 1; \
		fi; \
	done; \
	echo "Ettametta needs Python 3.11 or newer with its venv module: install it (on Debian: apt install python3 python3-venv) and run make again." >&2; \
	exit 1

# What we are measured against lives in an environment of its own: its packages do not go with ours.
.venv-peers/.stamp: .venv/.stamp-dev benchmarks/peers/requirements.txt
	@echo "Installing the peers of the benchmarks."
	@$(BIN)/python -m venv .venv-peers
	@PIP_DISABLE_PIP_VERSION_CHECK=1 .venv-peers/bin/python -m pip install --quiet --no-input --require-hashes -r benchmarks/peers/requirements.txt
	@touch $@

.venv/.stamp-base: .venv/.stamp-venv requirements/base.txt
	@echo "Installing what Ettametta needs; this takes a minute or two the first time."
	@$(PIP) --require-hashes -r requirements/base.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.venv/.stamp-dev: .venv/.stamp-venv requirements/dev.txt
	@echo "Installing what developing Ettametta needs; this takes a minute or two the first time."
	@$(PIP) --require-hashes -r requirements/dev.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@ .venv/.stamp-base
