# feedback_nlp. The two commands to know: `make run` and `make test`.
#
#   make run            install, train a model if none is live, serve it, show one classified example (Ctrl-C stops it)
#   make run PORT=8080  the same on another port
#   make run ARGS=--check   the same, but stop after the example has been answered correctly
#   make run ARGS=--demo    the same, with a year of demonstration feedback in the pages
#   make test           everything the tests need, then lint, types and all tests (in two processes; JOBS=4 takes four)
#   make check          lint, types, known vulnerabilities of dependencies, and the quick tests
#   make train          train a model on training/data and judge it on the test split
#   make bench          the measured claims of tests/benchmarks, written to docs/benchmarks.md (about 45 minutes on 2 cores)
#   make drill          the fault drills that take longer than a minute
#   make licences       list the licences of all dependencies in docs/licences.md and check them against a list
#   make sbom           write the bill of materials (CycloneDX) of a plain install to dist/
#   make lock           renew requirements.lock, a plain install with hashes, from constraints.txt
#   make spacy-model    get nl_core_news_sm (for `redact --trained-names`; all else works without it)
#   make screenshots    every page in both languages and themes, into var/screenshots
#   make browser        get Debian's Chromium for the page tests, where it is missing
#   make clean          remove what the above made, but no model and no data

PYTHON ?= python3
VENV   ?= .venv
HOST   ?= 127.0.0.1
PORT   ?= 8000
ARGS   ?=
TESTS  ?= tests
JOBS   ?= 2
BENCH_INTO ?= docs/benchmarks.md

BIN   := $(VENV)/bin
PIP   := $(BIN)/python -m pip --disable-pip-version-check -qq
SPACY_MODEL := nl_core_news_sm-3.8.0

.DEFAULT_GOAL := help
.PHONY: help install dev run test check lint types audit licences sbom lock train bench drill spacy-model browser screenshots clean

help:
	@sed -n '/^#/!q;s/^# \{0,1\}//p' Makefile

# --- installing: a stamp a set of requirements, renewed when pyproject.toml or constraints.txt change -----------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "feedback_nlp needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "$(PYTHON) cannot make virtual environments; on Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "making the virtual environment $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.plain: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing feedback-nlp and what it needs (some minutes the first time)"
	@$(PIP) install --no-compile -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing feedback-nlp and what its tests need (some minutes the first time)"
	@$(PIP) install --no-compile -c constraints.txt -e '.[dev,dask]'
	@touch $@ $(VENV)/.plain

$(VENV)/.bench: $(VENV)/.dev
	@echo "installing what our benchmarks compare with"
	@$(PIP) install --no-compile -c constraints.txt -e '.[bench]'
	@touch $@

$(VENV)/.supply: $(VENV)/.dev
	@$(PIP) install --no-compile -c constraints.txt -e '.[supply]'
	@touch $@

install: $(VENV)/.plain
dev: $(VENV)/.dev

# --- using --------------------------------------------------------------------------------------------------------

run: install
	@$(BIN)/feedback-nlp quickstart --host $(HOST) --port $(PORT) $(ARGS)

train: install
	$(BIN)/feedback-nlp train $(ARGS)

spacy-model: install
	@$(BIN)/python -c 'import nl_core_news_sm' 2>/dev/null && echo "nl_core_news_sm is already installed" || \
	  $(PIP) install "https://github.com/explosion/spacy-models/releases/download/$(SPACY_MODEL)/$(SPACY_MODEL)-py3-none-any.whl" || \
	  { echo "nl_core_news_sm cannot be fetched from here: it needs a network that reaches github.com." >&2; \
	    echo "Fetch $(SPACY_MODEL)-py3-none-any.whl elsewhere and run: $(BIN)/pip install FILE. Everything works without it." >&2; exit 1; }

# --- checking -----------------------------------------------------------------------------------------------------

lint: dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/bandit -q -c pyproject.toml -r feedback_nlp training service

types: dev
	@$(BIN)/mypy

audit: $(VENV)/.supply
	@$(BIN)/python -m tests.supply.audit

licences: $(VENV)/.supply
	@$(BIN)/python -m tests.supply.licences

sbom: $(VENV)/.supply
	@mkdir -p dist
	@$(BIN)/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible -o dist/sbom.cdx.json
	@echo "written to dist/sbom.cdx.json"

lock: $(VENV)/.supply
	@$(BIN)/uv pip compile pyproject.toml -c constraints.txt --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --quiet -o requirements.lock

check: lint types audit
	@$(BIN)/pytest -q -n $(JOBS) --dist loadfile -m "not bench and not drill and not slow and not browser and not postgres" $(TESTS)

test: dev browser lint types
	@$(BIN)/pytest -n $(JOBS) --dist loadfile -m "not bench and not drill" $(TESTS)

# All benches, whatever one of them finds: a claim that is not met fails the run at its end.
bench: $(VENV)/.bench
	BENCH_INTO=$(BENCH_INTO) $(BIN)/pytest -m bench -q -s --tb=short --continue-on-collection-errors tests/benchmarks $(ARGS)

drill: dev
	$(BIN)/pytest -m drill $(TESTS) $(ARGS)

browser:
	@if command -v chromium >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	  echo "installing Debian's Chromium for the page tests"; \
	  { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium; } >/dev/null; \
	else \
	  echo "no Chromium here: the page tests need it. On Debian: sudo apt-get install chromium" >&2; exit 1; \
	fi

screenshots: dev browser
	@$(BIN)/python -m tests.browser.screenshots

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find feedback_nlp training service tests -name __pycache__ -type d -prune -exec rm -rf {} +
