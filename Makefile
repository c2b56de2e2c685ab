# One machine, no account: `make demo` indexes a repository, `make test` proves the whole.
# Written for GNU make 3.81 (macOS) too. Paths are relative, so that folders may have spaces.

PYTHON ?=
PYTHON313 ?=
REPO ?=
REF ?=
WORKERS ?= 2
DURATION ?=
EXAMPLES ?= 500
STEPS ?= 50
SEED ?=
STAGE ?=
FROM ?=
TESTS ?=
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
RUNTIME := $(VENV)/.runtime-installed
FULL := $(VENV)/.full-installed
SAM_VENV := .venv-sam
SAM := $(SAM_VENV)/.installed
EMULATOR_VENV := .venv-emulator
EMULATOR := $(EMULATOR_VENV)/.installed
BUILD := $(BIN)/python -m kotadb_local.built.build --sam $(SAM_VENV)/bin/sam $(if $(PYTHON313),--python "$(PYTHON313)")
COMPILE := uv pip compile --quiet --no-header --universal --python-version 3.11 --generate-hashes
SOURCES := layers functions local tests benchmarks

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help setup demo up build build-here demo-built up-built test coverage model chaos check mutations histories bench \
	bench-rivals bench-queue schema lock licences sbom audit compatibility notes deploy teardown clean

help: ## Show what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

setup: $(FULL) ## Install everything into .venv

demo: $(RUNTIME) ## Start all, index one repository, ask it things (REPO=owner/name-or-path REF=branch)
	@$(BIN)/kotadb demo $(if $(REPO),"$(REPO)") $(if $(REF),--ref "$(REF)") $(ARGS)

up: $(RUNTIME) ## Start the stack and keep it running until Ctrl-C
	@$(BIN)/kotadb up $(ARGS)

build: $(RUNTIME) $(SAM) ## Build what `sam deploy` deploys, and say how large it is (PYTHON313=path)
	@$(BUILD)

build-here: $(RUNTIME) $(SAM) $(EMULATOR) ## Build the same for this machine's processor
	@$(BUILD) --here

demo-built: build-here ## As demo, with the built functions under Lambda's emulator (Linux, no Docker)
	@$(BIN)/kotadb demo --built $(if $(REPO),"$(REPO)") $(if $(REF),--ref "$(REF)") $(ARGS)

up-built: build-here ## As up, with the built functions under Lambda's emulator (Linux, no Docker)
	@$(BIN)/kotadb up --built $(ARGS)

test: $(FULL) ## Run the tests (WORKERS=processes ARGS=pytest arguments)
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

coverage: $(FULL) ## Run the tests, and tell which branches of the deployed code none takes (ARGS=pytest arguments)
	@rm -rf .coverage && mkdir .coverage
	@status=0; \
	PYTHONPATH="$(CURDIR)/tests/measured" $(BIN)/python -m pytest -n $(WORKERS) $(ARGS) || status=$$?; \
	$(BIN)/coverage combine --quiet --data-file .coverage/data && \
	$(BIN)/coverage report --data-file .coverage/data || status=$$?; \
	exit $$status

model: $(FULL) ## Try the queue against its model for long (EXAMPLES=histories STEPS=of-each SEED=number)
	@seed=$(or $(SEED),$$($(BIN)/python -c "import random; print(random.randrange(1 << 31))")); \
	echo "model: seed $$seed; again with: make model SEED=$$seed EXAMPLES=$(EXAMPLES) STEPS=$(STEPS)"; \
	KOTADB_MODEL_EXAMPLES=$(EXAMPLES) KOTADB_MODEL_STEPS=$(STEPS) \
		$(BIN)/python -m pytest -q -n 0 --hypothesis-seed "$$seed" $(ARGS) tests/jobs/test_queue_model.py

chaos: $(FULL) ## Break a whole stack and see what holds (DURATION=seconds WORKERS=processes SEED=number)
	@$(BIN)/python -m tests.chaos $(if $(DURATION),--duration $(DURATION)) \
		$(if $(filter file,$(origin WORKERS)),,--workers $(WORKERS)) \
		$(if $(SEED),--seed $(SEED)) $(ARGS)

check: $(FULL) ## Run every check but the tests: format, lint, types, layers, SQL, template
	$(BIN)/ruff format --check $(wildcard $(SOURCES))
	$(BIN)/ruff check $(wildcard $(SOURCES))
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	@if [ -n "$(wildcard sql/*/*.sql)" ]; then set -x; $(BIN)/sqlfluff lint --processes 0 sql; fi
	@if [ -f template.yaml ]; then set -x; $(BIN)/cfn-lint template.yaml; fi

mutations: $(FULL) ## Take one guard away at a time, and demand that a test turns red (ARGS="NAME…": these alone)
	@$(BIN)/python -m tests.mutations $(ARGS)

bench: $(FULL) ## Measure indexing (REPO=path of a Git repository) and the service
	@$(if $(REPO),$(BIN)/python benchmarks/bench_index.py "$(REPO)" $(ARGS),$(BIN)/python benchmarks/bench_service.py $(ARGS))

histories: $(FULL) ## Edit a repository at random, and compare each index with a fresh one (REPO=path ARGS=options)
	@$(BIN)/python benchmarks/check_histories.py "$(REPO)" $(ARGS)

bench-rivals: $(FULL) ## Measure indexing beside scip-typescript and ctags (REPO=path of a Git repository)
	@$(BIN)/python benchmarks/bench_rivals.py $(if $(REPO),"$(REPO)") $(ARGS)

bench-queue: $(FULL) ## Measure the queue beside its rivals (ARGS=--help tells the options)
	@$(BIN)/python benchmarks/bench_queue.py $(ARGS)

schema: $(FULL) ## Write sql/schema.sql anew from the migrations
	$(BIN)/python -m kotadb_local.schema > sql/schema.sql.new
	mv sql/schema.sql.new sql/schema.sql

lock: ## Resolve the requirements anew (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv/" >&2; exit 1; }
	$(COMPILE) pyproject.toml -o requirements/layer.txt
	cp requirements/layer.txt layers/indexer/requirements.txt
	$(COMPILE) --extra local pyproject.toml -o requirements/local.txt
	$(COMPILE) --extra local --extra dev pyproject.toml -o requirements/dev.txt
	$(COMPILE) requirements/pip.in -o requirements/pip.txt
	$(COMPILE) requirements/sam.in -o requirements/sam.txt
	$(COMPILE) requirements/emulator.in -o requirements/emulator.txt

deploy: $(RUNTIME) ## Bring what make build built to AWS, asking for what is missing (STAGE=dev, staging or prod)
	@$(if $(STAGE),,$(error Name the stage: make deploy STAGE=dev, staging or prod))$(BIN)/kotadb deploy "$(STAGE)" $(ARGS)

teardown: $(RUNTIME) ## Delete the stack of a stage, after its name was given (STAGE=dev, staging or prod)
	@$(if $(STAGE),,$(error Name the stage: make teardown STAGE=dev, staging or prod))$(BIN)/kotadb teardown "$(STAGE)" $(ARGS)

licences: $(FULL) ## Tell the licence of every package, and refuse what is not allowed (ARGS=--output FILE)
	@$(BIN)/python -m tests.release.licences $(ARGS)

sbom: $(FULL) ## Write the bill of materials of what is deployed, in CycloneDX (ARGS=--output FILE)
	@$(BIN)/python -m tests.release.sbom $(ARGS)

audit: $(FULL) ## Ask whether a weakness is known of any locked package (needs the network)
	@status=0; for lock in requirements/*.txt; do \
		echo "$$lock" >&2; \
		$(BIN)/pip-audit --disable-pip --require-hashes --progress-spinner off -r "$$lock" $(ARGS) || status=1; \
	done; exit $$status

compatibility: $(FULL) ## Run the tests of the release before on this schema (FROM=tag-or-commit TESTS=paths)
	@$(BIN)/python -m tests.release.compatibility $(if $(FROM),--from "$(FROM)") --workers $(WORKERS) $(TESTS)

notes: $(FULL) ## Give what the changelog says of a release, if all fits together (TAG=v1.2.3)
	@$(BIN)/python -m tests.release.notes $(ARGS)

clean: ## Remove what was installed and what caches left; .kotadb (the data) stays
	rm -rf $(VENV) $(SAM_VENV) $(EMULATOR_VENV) .coverage .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .aws-sam
	find $(wildcard $(SOURCES)) -name __pycache__ -type d -prune -exec rm -rf {} +

# Each stamp stands for one set of packages; it is made anew when its requirements change.
$(RUNTIME): requirements/local.txt pyproject.toml | $(BIN)/python
	@if [ ! -f $(FULL) ] || [ requirements/dev.txt -nt $(FULL) ]; then \
		$(call install,requirements/local.txt); \
	fi
	@touch $@

$(FULL): requirements/dev.txt pyproject.toml | $(BIN)/python
	@$(call install,requirements/dev.txt)
	@touch $@ $(RUNTIME)

# The SAM CLI pins what the functions have in other versions, so it has an environment of its own.
# Its requirements name extras, which older pips cannot hold to their hashes.
$(SAM): requirements/sam.txt requirements/pip.txt | $(BIN)/python
	@echo "Installing the SAM CLI into $(SAM_VENV)"
	@$(BIN)/python -m venv --clear $(SAM_VENV)
	@$(SAM_VENV)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements/pip.txt
	@$(SAM_VENV)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements/sam.txt
	@touch $@

$(EMULATOR): requirements/emulator.txt | $(RUNTIME)
	@echo "Installing the client of Lambda's runtime into $(EMULATOR_VENV)"
	@"$$($(BUILD) --print-python)" -m venv --clear $(EMULATOR_VENV)
	@$(EMULATOR_VENV)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements/emulator.txt
	@touch $@

define install
echo "Installing $(1) into $(VENV)" && \
$(PIP) install --require-hashes -r $(1) && \
$(PIP) install --no-deps --no-build-isolation -e .
endef

# A pyenv shim may stand for a Python that is not there, so each candidate has to run.
$(BIN)/python:
	@for candidate in $(or $(PYTHON),python3 python3.13 python3.12 python3.11); do \
		if "$$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
			>/dev/null 2>&1; then found="$$candidate"; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "No working Python 3.11, 3.12 or 3.13 was found. Install one, or name it:" >&2; \
		echo "    make setup PYTHON=/path/to/python3.12" >&2; \
		exit 1; \
	fi; \
	if ! "$$found" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
		version=$$("$$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		echo "$$found cannot make a virtual environment. On Debian and Ubuntu install it with:" >&2; \
		echo "    apt-get install python$$version-venv    (or python3-venv)" >&2; \
		exit 1; \
	fi; \
	echo "Making $(VENV) with $$found"; \
	"$$found" -m venv --clear $(VENV)
