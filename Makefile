# Everything runs in .venv, which `make setup` fills from the locks alone. `make` lists the targets.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

BIN    := .venv/bin
READY  := .venv/.ready
GOOGLE := build/googleapis
PROTOS := $(wildcard proto/compsvc/v1/*.proto)
DEALS  ?= 1000000
# `make lock UPGRADE=--upgrade` takes the newest releases; without it the pins stay and only what is missing is added.
UPGRADE ?=
UV_VERSION := 0.13.9

# The first one that runs and is new enough, or PYTHON=... . durable-rules builds on 3.11 and 3.12, so those come first;
# a later Python works as well, with the plain matcher alone.
find_python = for python in $(PYTHON) python3.11 python3.12 python3 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && exit; done; \
	echo 'compsvc needs Python 3.11 or newer on the PATH (3.11 or 3.12 for durable-rules).' >&2; exit 1
pip := $(BIN)/python -m pip install -qq --disable-pip-version-check --root-user-action=ignore

.PHONY: help
help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(READY) ## Make .venv from the locks (once; again only when they change).
	@echo '.venv is ready.'

$(READY): requirements.lock requirements-build.lock pyproject.toml
	@$(BIN)/python -c '' 2>/dev/null || { echo 'Setting up .venv; this happens once.'; \
		python=$$($(find_python)) && $$python -m venv --clear .venv; }
	@$(pip) --require-hashes -r requirements-build.lock
	@$(pip) --require-hashes --no-build-isolation -r requirements.lock || { \
		echo 'durable-rules is compiled here: that needs gcc and the headers of this Python (on Debian: gcc python3-dev).' >&2; exit 1; }
	@$(pip) --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: demo
demo: $(READY) ## Two years of a sample company: what a rep, payroll and finance get.
	@$(BIN)/python -m compsvc.entry.demo

.PHONY: test
test: lint types ## Check form and types, then run every test; what tests of a file share is made once.
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not slow"

.PHONY: test-slow
test-slow: $(READY) ## Compare thousands of generated companies, core against oracle, and search for new ones.
	@$(BIN)/python -m pytest -q -n 2 -m slow
	@COMPSVC_EXAMPLES=search $(BIN)/python -m pytest -q -n 2 -m "hypothesis and not slow"
	@COMPSVC_EXAMPLES=search COMPSVC_ORACLE_EXAMPLES=2000 $(BIN)/python -m pytest -q \
		tests/core/test_oracle_agrees.py -k "agrees_with_the_oracle and not seeded" -m "not slow"

ROUNDS ?= 200

.PHONY: prove
prove: $(READY) ## Payroll against its model, killed at every write, raced: ROUNDS=200 of each; docs/invariants.md.
	@COMPSVC_EXAMPLES=search COMPSVC_PROVE=$(ROUNDS) $(BIN)/python -m pytest -q -n 2 \
		tests/service/test_payroll_machine.py tests/service/test_payroll_deaths.py

YEARS ?= 1000
FROM ?= 0

.PHONY: prove-years
prove-years: $(READY) ## YEARS=1000 drawn years of payroll, FROM=0 on: what was paid is what the statements say; takes hours.
	@COMPSVC_YEARS=$(YEARS) COMPSVC_YEARS_FROM=$(FROM) nice $(BIN)/python -m pytest -q -n 2 tests/service/test_payroll_year.py \
		tests/service/test_payroll_terms.py

FUZZ_SECONDS ?= 60

.PHONY: fuzz
fuzz: $(READY) ## Put plans to the reader that nobody would write; FUZZ_SECONDS=60 for each of three ways.
	@FUZZ_SECONDS=$(FUZZ_SECONDS) $(BIN)/python -m pytest -q tests/fuzz --timeout=$$(($(FUZZ_SECONDS) * 2 + 120))

.PHONY: mutation
mutation: $(READY) ## Break the money code in every small way, and see that a test fails each time; 15 minutes.
	@COMPSVC_EXAMPLES=few POLARS_MAX_THREADS=1 nice $(BIN)/python -m mutmut run --max-children 2
	@$(BIN)/python -m mutmut results

.PHONY: lint
lint: $(READY) ## Check format and style.
	@$(BIN)/ruff format --quiet --check . || { $(BIN)/ruff format --check . || true; echo 'Run: make fmt' >&2; exit 1; }
	@$(BIN)/ruff check --quiet .

.PHONY: types
types: $(READY) ## Check types, strictly.
	@$(BIN)/mypy --no-error-summary

.PHONY: fmt
fmt: $(READY) $(if $(PROTOS),$(GOOGLE)/.ready) ## Format the code and the protos, and mend what can be mended.
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .
	@$(if $(PROTOS),$(BIN)/buf format --write proto,:)

# $(1) is where to: the Python packages are laid out below it as in proto/.
define generate
mkdir -p $(1)
site=$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))'); \
PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m grpc_tools.protoc -I proto -I "$$site" \
	--python_out=$(1) --pyi_out=$(1) --grpc_python_out=$(1) --mypy_grpc_out=quiet:$(1) \
	$$(find proto -name '*.proto' | LC_ALL=C sort)
endef

.PHONY: proto
proto: $(READY) ## Generate compsvc/v1 from proto/.
	@rm -f compsvc/v1/*_pb2*
	@$(call generate,.)
	@[ -e compsvc/v1/__init__.py ] || echo '"""Generated from proto/ by `make proto`; never edited."""' > compsvc/v1/__init__.py

.PHONY: proto-check
proto-check: $(if $(PROTOS),$(GOOGLE)/.ready) ## Check the protos, and that compsvc/v1 is what they generate.
	@$(if $(PROTOS),$(check_protos),echo 'proto-check: no proto/compsvc/v1/*.proto yet; nothing to check.')

define check_protos
$(BIN)/buf lint proto
$(BIN)/buf format --diff --exit-code proto || { echo 'Run: make fmt' >&2; exit 1; }
rm -rf build/generated
$(call generate,build/generated)
diff -r -q -x __pycache__ -x __init__.py build/generated/compsvc/v1 compsvc/v1 || { \
	echo 'compsvc/v1 is not what proto/ generates. Run: make proto' >&2; exit 1; }
endef

# buf wants the imported google protos as a module of its own; the wheel that serves protoc serves it too.
$(GOOGLE)/.ready: $(READY)
	@rm -rf $(GOOGLE)
	@site=$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))'); \
	for part in api longrunning rpc type; do \
		mkdir -p $(GOOGLE)/google/$$part; cp "$$site"/google/$$part/*.proto $(GOOGLE)/google/$$part/; done
	@touch $@

.PHONY: plan-check
plan-check: $(READY) ## Check the sample plans and run their cases.
	@$(BIN)/compsvc plan check plans/
	@$(BIN)/compsvc plan test plans/

.PHONY: bench
bench: $(READY) ## Measure speed and memory; DEALS=1000000.
	@$(BIN)/python -m bench.run --deals $(DEALS)

.PHONY: golden
golden: $(READY) ## Rewrite tests/golden/ and docs/transcript.md from what the code prints now; `git diff` is the review.
	@$(BIN)/python -m pytest -q --update-golden

.PHONY: lock
lock: ## Pin every dependency with its hashes; UPGRADE=--upgrade takes the newest.
	@python=$$($(find_python)) && $$python -m venv build/lock
	@build/lock/bin/python -m pip install -qq --disable-pip-version-check uv==$(UV_VERSION)
	@$(call compile,pyproject.toml --extra dev --extra otel --extra prometheus --extra postgres,requirements.lock)
	@$(call compile,pyproject.toml --extra otel --extra prometheus --extra postgres -c requirements.lock,compsvc/runtime.lock)
	@$(call compile,requirements-build.in -c requirements.lock,requirements-build.lock)

# One lock serves every Python and platform: all hashes of a release, markers kept, and no word of where it came from.
compile = build/lock/bin/uv pip compile -q $(1) -o $(2) $(UPGRADE) --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links

.PHONY: clean
clean: ## Remove .venv and everything built.
	@rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
