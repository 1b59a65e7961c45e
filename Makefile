# One door to everything. `make` alone lists the targets.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# embedded: the engine of this repository. dagger: the `dagger` command on PATH and its engine.
ENGINE ?= embedded
PLATFORMS ?= linux/amd64,linux/arm64
# Where `make publish` pushes to: the embedded engine's registry on loopback, unless given.
ADDRESS ?=
# Further arguments for `publish`, such as ARGS="--version=1.2.3", or for `bench`: ARGS="--help".
ARGS ?=
# Further Debian packages for `setup`: with qemu-user-static, tests execute arm64 programs as well.
PACKAGES ?=
# Which tests to run, such as TESTS=tests/unit/test_platforms.py.
TESTS ?=

VENV := .venv/bin
ENGINE_CLI := $(VENV)/buildkit-engine
PYTHON_CODE := bench conftest.py examples scripts src engine/src engine/tests tests

.PHONY: help setup publish publish-cuda test test-all bench unit lint types format up down clean status schema coverage verified proto lock

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */\1|/' | column -t -s '|'

setup: .venv/.ready ## install what a checkout needs: Debian packages, Python packages

.venv/.ready: requirements-dev.txt requirements.lock pyproject.toml engine/pyproject.toml scripts/setup.sh
	@scripts/setup.sh $(PACKAGES)

ifeq ($(filter $(ENGINE),embedded dagger),)
$(error ENGINE '$(ENGINE)' is not known: expected embedded or dagger)
endif

publish: $(if $(filter embedded,$(ENGINE)),setup) ## publish examples/go-app for PLATFORMS; ENGINE=dagger ADDRESS=… with Dagger
ifeq ($(ENGINE),dagger)
	@test -n "$(ADDRESS)" || { echo "make publish ENGINE=dagger needs an address: ADDRESS=registry/repository" >&2; exit 1; }
	dagger call publish --platforms $(PLATFORMS) --address $(ADDRESS) $(ARGS)
else
	@scripts/publish.sh examples/go-app go-app "$(PLATFORMS)" "$(ADDRESS)" $(ARGS)
endif

publish-cuda: $(if $(filter embedded,$(ENGINE)),setup) ## publish examples/cuda-app for PLATFORMS, for servers and Jetsons; ENGINE=dagger as above
ifeq ($(ENGINE),dagger)
	@test -n "$(ADDRESS)" || { echo "make publish-cuda ENGINE=dagger needs an address: ADDRESS=registry/repository" >&2; exit 1; }
	dagger call --source examples/cuda-app publish --platforms $(PLATFORMS) --address $(ADDRESS) $(ARGS)
else
	@scripts/publish-cuda.sh "$(PLATFORMS)" "$(ADDRESS)" $(ARGS)
endif

up: setup ## start the embedded engine
	@$(ENGINE_CLI) up

down: ## end the embedded engine; its caches stay
	@if [ -x $(ENGINE_CLI) ]; then $(ENGINE_CLI) down; else echo "nothing was set up"; fi

status: setup ## show what the embedded engine runs and keeps
	@$(ENGINE_CLI) status

clean: ## end the embedded engine, remove its caches and images, and this checkout's .venv
	@if [ -x $(ENGINE_CLI) ]; then $(ENGINE_CLI) clean; fi
	@rm -rf .venv build dist .pytest_cache .ruff_cache .import_linter_cache

test: setup ## all tests but those that are marked as long
	@scripts/test.sh $(ENGINE) "not long" $(TESTS)

test-all: setup ## every test
	@scripts/test.sh $(ENGINE) "long or not long" $(TESTS)

.venv/.bench: .venv/.ready bench/requirements.txt
	@$(VENV)/pip install --quiet --disable-pip-version-check -r bench/requirements.txt
	@touch $@

bench: .venv/.bench ## measure this module beside BuildKit and ko; ARGS="--only …" a part of it
	@$(VENV)/python -m bench $(ARGS)

unit: setup ## tests without an engine or a network
	@$(VENV)/pytest -m "not long" tests/unit engine/tests/unit

lint: setup ## style and layers of imports
	$(VENV)/ruff check $(PYTHON_CODE)
	$(VENV)/ruff format --check $(PYTHON_CODE)
	$(VENV)/lint-imports --no-cache
	test -z "$$(gofmt -l examples engine/src)" || { gofmt -d examples engine/src; exit 1; }

types: setup ## static types
	$(VENV)/basedpyright

format: setup ## rewrite the code in the project's style
	$(VENV)/ruff check --fix $(PYTHON_CODE)
	$(VENV)/ruff format $(PYTHON_CODE)
	gofmt -w examples engine/src

schema: setup ## generate docs/pipeline.schema.json
	$(VENV)/python scripts/schema.py > docs/pipeline.schema.json

coverage: setup ## generate docs/engine-coverage.md
	$(VENV)/python scripts/coverage.py > docs/engine-coverage.md

verified: setup ## keep which fields of the API pass their tests on the Dagger engine that is reached
	$(VENV)/pytest --engine=dagger --save-verified engine/tests/contract

proto: setup ## generate the engine's protobuf module
	$(VENV)/pip install --quiet grpcio-tools
	cd engine/src/buildkit_engine/llb && ../../../../$(VENV)/python -m grpc_tools.protoc -I. --python_out=. llb.proto

lock: setup ## choose new versions for requirements.lock
	$(VENV)/pip install --quiet uv
	$(VENV)/uv pip compile --quiet --universal --upgrade --no-sources --python-version 3.11 \
		--no-header --no-annotate --no-emit-package dagger-io pyproject.toml -o requirements.lock
