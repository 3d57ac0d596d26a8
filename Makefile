# The commands of this project; `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules

VENV := .venv
BIN := $(VENV)/bin
UV := VIRTUAL_ENV=$(VENV) $(BIN)/uv
NPM := npm --prefix web
# Where the tests train, and the PyTorch there: pip decides which build of it fits the machine.
TRAIN := .venv-train
TORCH := torch==2.13.0
STATIC := src/corrigenda/static
STAMPS := $(VENV)/.stamps
COG := $(BIN)/cog -I .

ARGS ?=
JOBS ?= 2
# The given contract tests, when they lie beside this repository.
CONTRACT ?= $(wildcard ../shared/contract)

PAGE_SOURCES := $(shell find web/src web/public -type f; \
	find web -maxdepth 1 -type f -name '[!.]*' -not -name 'eslint*')
COG_FILES = $(shell grep -lsF '[[[cog' README.md CONTRIBUTING.md docs/*.md docs/*/*.md)

.PHONY: help setup run test unit browser trainers contract lint format ruff types imports client docs docs-check \
	web-lint web-types web-test page services train-env bench torture wheel lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ---- set-up

setup: $(STAMPS)/package page ## install everything into .venv/ and web/, and build the page

page: $(STATIC)/index.html

$(BIN)/python:
	@python=$$(./tools/find_python.sh); echo "== $(VENV) from $$python"; \
	"$$python" -m venv $(VENV)

# uv is several times faster than pip. It is locked like everything else, its hash included.
$(STAMPS)/uv: requirements-dev.lock | $(BIN)/python
	@mkdir -p $(STAMPS)
	@awk '/^[^ ]/ { ours = /^uv==/ } ours' $< > $(STAMPS)/uv.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check \
		--require-hashes --no-deps -r $(STAMPS)/uv.txt
	@touch $@

$(STAMPS)/locked: requirements-dev.lock $(STAMPS)/uv
	@echo "== Python packages"
	@$(UV) pip sync --quiet requirements-dev.lock
	@rm -f $(STAMPS)/package
	@touch $@

# Again when the entry points or the version may have changed.
$(STAMPS)/package: pyproject.toml $(STAMPS)/locked
	@$(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

web/node_modules/.stamp: web/package-lock.json web/package.json
	@./tools/check_node.sh
	@echo "== npm packages"
	@$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

$(STATIC)/index.html: $(PAGE_SOURCES) web/node_modules/.stamp
	@echo "== the page"
	@$(NPM) run --silent build -- --logLevel warn
	@touch $@

services: $(STAMPS)/package # what the tests need beside: a PostgreSQL and a Chromium
	@$(BIN)/python -m tools.services

train-env: $(TRAIN)/.done # PyTorch and TRL, in which tests train

$(TRAIN)/.done: requirements-train.lock requirements-consumers.lock tools/train_env.py | $(STAMPS)/locked
	@echo "== $(TRAIN)"
	@$(BIN)/python -m tools.train_env --torch $(TORCH) $(TRAIN)

lock: $(STAMPS)/uv ## bring the lock files up to pyproject.toml (UPGRADE=--upgrade for newer releases)
	@lock="$(UV) pip compile --quiet --universal --generate-hashes --no-header \
		--no-emit-index-url $(UPGRADE)"; \
	compile="$$lock --python-version 3.11"; \
	ours="pyproject.toml --extra postgres --extra redact --extra tokens"; \
	eval "$$compile $$ours -o requirements.lock"; \
	eval "$$compile $$ours --group dev -c requirements.lock -o requirements-dev.lock"; \
	$(BIN)/python -m tools.train_env --torch $(TORCH) --requirements | \
		eval "$$compile - -c requirements.lock -o requirements-train.lock" > /dev/null; \
	eval "$$lock --python-version 3.12 --no-deps --group consumers -o requirements-consumers.lock"
	@# What the CUDA builds of PyTorch want comes with them, if one is chosen.
	@awk '/^[^ ]/ { theirs = /^(torch|triton)==|^(cuda|nvidia)-/ } !theirs' requirements-train.lock \
		> $(STAMPS)/train.lock && cp $(STAMPS)/train.lock requirements-train.lock

# ---- use

run: setup ## start the demonstration (ARGS="--port 8080")
	@$(BIN)/corrigenda demo $(ARGS)

bench: setup ## measure; with ARGS= a million candidates, or fewer (docs/performance.md)
	@$(BIN)/python -m benchmarks $(ARGS)

# How far it goes: ROUNDS crashes, DECISIONS by reviewers, SEQUENCES of the state machine, EXAMPLES
# of each route, SECONDS of each parser. The figures go into docs/reliability.md.
ROUNDS ?= 200
DECISIONS ?= 3000
SEQUENCES ?= 200
EXAMPLES ?= 50
SECONDS ?= 60

torture: setup services ## crashes, faults, reviewers, the model and fuzzing, at length
	@$(BIN)/python -m tests.torture --rounds $(ROUNDS) --decisions $(DECISIONS) \
		--sequences $(SEQUENCES) --examples $(EXAMPLES) --seconds $(SECONDS) $(ARGS)

wheel: setup ## build the wheel and the sdist, page included, into dist/
	@$(BIN)/python -m build --no-isolation --outdir dist .

# ---- checks

test: setup services train-env ## everything: linters, types, import rules, both databases, the page, a browser
	@# The longest first, so that at their end nobody waits long for the last.
	@$(BIN)/python -m tools.check_all --jobs $(JOBS) \
		ruff imports web-lint web-test trainers types web-types $(if $(CONTRACT),contract) docs-check \
		-- unit browser

lint: setup ## the linters, types and import rules of both languages
	@$(BIN)/python -m tools.check_all --jobs $(JOBS) ruff types imports web-lint web-types --

format: setup ## rewrite the sources in the project's format
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .
	@$(NPM) run --silent format

unit: $(STAMPS)/package # the tests without a browser or a trainer, on both databases
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup \
		--ignore tests/browser --ignore tests/trainers tests $(ARGS)

trainers: $(STAMPS)/package $(TRAIN)/.done # the exports in the programs that they are for
	@$(BIN)/python -m pytest -q tests/trainers $(ARGS)

# A run of its own: Playwright keeps an event loop in the main thread of its process.
browser: $(STAMPS)/package # the tests in a real Chromium
	@$(BIN)/python -m pytest -n $(JOBS) tests/browser $(ARGS)

# Nothing is written beside the tests, whose folder may be read-only.
contract: $(STAMPS)/package # the given contract tests
	@PYTHONDONTWRITEBYTECODE=1 $(BIN)/python -m pytest -c pyproject.toml --rootdir . \
		-p no:cacheprovider -q $(CONTRACT) $(ARGS)

ruff: $(STAMPS)/package
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { \
		$(BIN)/ruff format --check . ; echo 'run `make format`'; exit 1; }

types: $(STAMPS)/package
	@$(BIN)/mypy

imports: $(STAMPS)/package
	@$(BIN)/lint-imports --no-logo

client: setup ## write web/openapi.json and the page's typed client anew
	@$(BIN)/python -m tools.openapi
	@$(NPM) run --silent client

docs: $(STAMPS)/package ## write the generated parts of the documentation anew
	@$(if $(COG_FILES),$(COG) -r $(COG_FILES))

docs-check: $(STAMPS)/package
	@$(BIN)/python -m tools.openapi --check
	@$(if $(COG_FILES),$(COG) --check --diff $(COG_FILES),echo "no generated parts")

web-lint: web/node_modules/.stamp
	@$(NPM) run --silent lint
	@$(NPM) run --silent format:check
	@$(NPM) run --silent client:check

web-types: web/node_modules/.stamp
	@$(NPM) run --silent typecheck

web-test: web/node_modules/.stamp
	@$(NPM) run --silent test

clean: ## remove what was installed and built
	rm -rf $(VENV) $(TRAIN) web/node_modules $(STATIC) dist .mypy_cache .pytest_cache .ruff_cache \
		.import_linter_cache
