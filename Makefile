# Every target makes what it needs first: a virtual environment in .venv, made
# again when it is broken and filled again when pyproject.toml changes.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The Python that .venv is made with: `make install PYTHON=python3.12`.
PYTHON ?= python3
# The extras of pyproject.toml: `make install EXTRAS=recipes,test,cuda`.
EXTRAS ?= recipes,test
# Where `make ui` listens.
PORT ?= 5000
# Further arguments, of recipe or pytest: `make test ARGS="-k gru"`.
ARGS ?=

# Tests of one file share models, so a file stays in one process. In the order
# of their names: by default files of few tests come last, the longest of them.
WORKERS := -n 2 --dist loadfile --no-loadscope-reorder

VENV := .venv
RUN := $(VENV)/bin/python
comma := ,
STAMP := $(VENV)/installed-$(subst $(comma),-,$(EXTRAS))

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help install demo ui notebooks test test-all test-slow lint format bench clean

help: ## Lists the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' \
		Makefile

install: $(STAMP) ## Makes .venv with everything in it
	@echo "Installed: rnnzoo[$(EXTRAS)] in $(VENV)"

demo: $(STAMP) ## Trains the translator of dates and shows what it learnt
	@$(RUN) -m recipes.translation $(ARGS)

ui: $(STAMP) ## Shows the runs under mlruns/ in a browser
	@$(RUN) -m rnnzoo ui --port $(PORT)

notebooks: $(STAMP) ## Opens the notebooks in JupyterLab, installed if need be
	@$(RUN) -m jupyterlab --version > /dev/null 2>&1 || { \
		echo "Installing JupyterLab into $(VENV)"; \
		$(RUN) -m pip install --quiet --progress-bar off \
			"jupyterlab>=4,<5"; \
	}
	@$(RUN) -m jupyterlab --ip 127.0.0.1 $(ARGS) notebooks

test: $(STAMP) ## Runs the fast tests, under ten minutes on two cores
	@$(RUN) -m pytest $(WORKERS) $(ARGS)

test-all: $(STAMP) ## Runs all tests: each cell in each topology
	@$(RUN) -m pytest $(WORKERS) --run-slow $(ARGS)

test-slow: $(STAMP) ## Runs what test-all adds to test
	@$(RUN) -m pytest $(WORKERS) --run-slow -m slow $(ARGS)

lint: $(STAMP) ## Checks the style of the code
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .

format: $(STAMP) ## Corrects the style of the code where that is automatic
	@$(RUN) -m ruff check --fix .
	@$(RUN) -m ruff format .

bench: $(STAMP) ## Measures speed against Keras's own layers
	@$(RUN) benchmarks/training_step.py $(ARGS)

clean: ## Removes .venv and caches; mlruns/ stays
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# === Installation ===

# Written last, so that an interrupted installation is taken up again.
$(STAMP): pyproject.toml
	@if ! { $(RUN) -c "$$NEW_ENOUGH" && $(RUN) -m pip --version; } \
		> /dev/null 2>&1; then \
		command -v "$(PYTHON)" > /dev/null || { \
			echo "There is no $(PYTHON). Install Python 3.11 to 3.13," \
				"or name it: make install PYTHON=..." >&2; \
			exit 1; \
		}; \
		$(PYTHON) -c "$$NEW_ENOUGH" || exit 1; \
		echo "Making $(VENV) with $$($(PYTHON) --version)"; \
		$(PYTHON) -m venv --clear $(VENV) || { \
			echo "$(PYTHON) cannot make virtual environments. On Debian" \
				"and Ubuntu: sudo apt install python3-venv" >&2; \
			exit 1; \
		}; \
	fi
	@echo "Installing rnnzoo[$(EXTRAS)] into $(VENV); the first time that" \
		"takes minutes (3 GB on disk)"
	@set -o pipefail; \
		$(RUN) -m pip install --progress-bar off --editable ".[$(EXTRAS)]" \
		| awk "$$PROGRESS"
	@touch $@

# Dots, a line for what is large, and nothing else; errors go to stderr.
define PROGRESS
/^Collecting / { printf "."; dots = 1 }
/Downloading .*[0-9][0-9][0-9](\.[0-9])? MB/ {
	printf "%s%s %s\n", dots ? "\n" : "", $$1, $$2; dots = 0
}
/^Installing collected packages/ { printf "%sUnpacking\n", dots ? "\n" : "" }
{ fflush() }
endef
export PROGRESS

# TensorFlow decides the upper end.
define NEW_ENOUGH
import sys
version = sys.version.split()[0]
if not (3, 11) <= sys.version_info[:2] < (3, 14):
    sys.exit(
        "rnnzoo needs Python 3.11, 3.12 or 3.13; %s is Python %s. "
        "Name another one: make install PYTHON=python3.11"
        % (sys.executable, version)
    )
endef
export NEW_ENOUGH
