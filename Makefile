# Everything runs in .venv, which the targets create: only Python 3.11 or newer and make are needed.
# `make setup PYTHON=/path/to/python3` uses that Python instead of the first one on the path.
.DEFAULT_GOAL := help
.PHONY: help setup demo test coverage check check-slow bench collector format lock clean

BIN := .venv/bin
PACKAGES := leadworth store crm features models conversions monitoring reporting training serving simulation
CODE := $(PACKAGES) tests scripts $(wildcard benchmarks)
# Without spark: 478 MB.
LOCKED_EXTRAS := postgres google google-analytics google-ads redis dask
export PYTHON

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.ready ## Create .venv from requirements.lock (the other targets do so too)

.venv/.ready: requirements.lock pyproject.toml scripts/setup
	@scripts/setup

demo: setup ## Simulate a business, train, serve, and score three leads over HTTP
	@$(BIN)/leadworth demo

test: setup ## Run the tests
	$(BIN)/pytest -n 2 --dist worksteal

coverage: setup ## Run the tests and measure which branches they reach, in half as much time again; fail below 93 %
	$(BIN)/pytest -n 2 --dist worksteal --cov --cov-report=term

check: setup ## Run the static checks: format, lint, types, layers, dependencies, dead code, names, docs
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/python scripts/check_dead.py
	$(BIN)/python scripts/check_lock.py
	$(BIN)/python scripts/check_size.py
	$(BIN)/python scripts/check_versions.py
	$(BIN)/python scripts/make_reference.py --check
	$(BIN)/python scripts/check_docs.py
	$(BIN)/python scripts/check_names.py
	$(BIN)/python scripts/check_language.py

# Browser tests need chromium, chromium-driver, xvfb, xdotool, node and npm; they skip where one is missing.
check-slow: setup ## Run the tests that take minutes: real browsers, real data, an hour of fuzzing (FUZZ_MINUTES)
	$(BIN)/pytest -m slow

bench: setup ## Measure the figures of docs/reference/figures.md
	$(BIN)/python -m benchmarks.run

collector: ## Minify serving/static/collector.js (needs node)
	scripts/build_collector

format: setup ## Format the code and regenerate the reference pages
	$(BIN)/ruff check --fix --quiet $(CODE) || true
	$(BIN)/ruff format --quiet $(CODE)
	$(BIN)/python scripts/make_reference.py

lock: ## Resolve the dependencies of pyproject.toml into requirements.lock
	$(BIN)/uv pip compile pyproject.toml $(addprefix --extra ,$(LOCKED_EXTRAS)) --group dev --universal --python-version 3.11 \
		--generate-hashes --quiet --output-file requirements.lock

clean: ## Remove everything that can be generated again
	rm -rf .venv build dist demo .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis \
		.import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
