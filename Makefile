# The commands of this project. Each prepares its own virtual environment first, when that is needed.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run up backfill docs test lint format bench bench-landelijk mutatie requirements

VENV := .venv
PY := $(VENV)/bin/python
export PYTHONPATH := $(CURDIR):$(CURDIR)/plugins

# What the environment holds is told by two stamps, each redone when its list of pins changes.
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev

help: ## Show this list.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/make \1|\2/' | column -t -s '|'

run: $(RUNTIME) ## Run the newest ronde for three demo organisations in a real Airflow, and stop.
	@$(PY) -m include.local run

up: $(RUNTIME) ## The same, and keep the Airflow UI up until Ctrl-C.
	@$(PY) -m include.local up

backfill: $(RUNTIME) ## Run past rondes: make backfill VAN=2026-06 TOT=2026-08; it says first what it will do. OPNIEUW=ja, JA=ja.
	@$(PY) -m include.local backfill $(VAN) $(or $(TOT),$(VAN)) $(if $(OPNIEUW),--opnieuw) $(if $(JA),--ja)

docs: $(RUNTIME) ## Write docs/DAGS.md anew, from the DAGs themselves.
	@$(PY) -m bidn_operators.documentation

test: $(DEV) ## Run the whole test suite; make test ARGS='-k ronde' passes options on to pytest instead.
	@$(PY) -m pytest $(or $(ARGS),-n auto --dist loadgroup)

lint: $(DEV) ## Style, types, layers and secrets; goes on after the first that fails.
	@failed=0; \
	$(PY) -m ruff check . || failed=1; \
	$(PY) -m ruff format --check --quiet . || { echo "Not formatted; mend with: make format"; failed=1; }; \
	$(PY) -m mypy $(TYPED) || failed=1; \
	$(VENV)/bin/lint-imports --no-logo || failed=1; \
	$(PY) -m tools.geheimen || failed=1; \
	exit $$failed

format: $(DEV) ## Mend what ruff can mend by itself.
	@$(PY) -m ruff check --fix-only .
	@$(PY) -m ruff format .

bench: $(DEV) ## Run the benchmarks; make bench ARGS=intake runs one.
	@$(PY) -m benchmarks $(ARGS)

bench-landelijk: $(DEV) ## Run a ronde of the whole country, on PostgreSQL (BIDN_POSTGRES); takes three quarters of an hour.
	@$(PY) -m benchmarks.landelijk $(ARGS)

# Without PYTHONPATH, which would put the code itself before its mutated copy in mutants/.
mutatie: $(DEV) ## Break rules and norms in thousands of small ways and list what no test notices; takes an hour.
	@env -u PYTHONPATH $(VENV)/bin/mutmut run $(ARGS)
	@env -u PYTHONPATH $(VENV)/bin/mutmut results

requirements: $(DEV) ## Compile requirements*.txt anew; ARGS=--upgrade takes newer versions.
	@$(UV); $$uv pip compile $(COMPILE) requirements.in -o requirements.txt $(ARGS)
	@$(UV); $$uv pip compile $(COMPILE) requirements-cluster.in -o requirements-cluster.txt $(ARGS)
	@$(UV); $$uv pip compile $(COMPILE) requirements-dev.in -o requirements-dev.txt $(ARGS)

COMPILE := --quiet --universal --python-version 3.11 --no-annotate --custom-compile-command "make requirements"
TYPED = $(sort $(dir $(wildcard include/*.py plugins/*/*.py dags/*.py benchmarks/*.py deploy/*.py)))

# uv of the machine, or else our own in the environment.
UV = uv=$$(command -v uv || echo $(VENV)/bin/uv); \
	[ -x "$$uv" ] || { $(PY) -m ensurepip >/dev/null && $(PY) -m pip install --quiet uv || exit 1; }

$(RUNTIME): requirements.txt | $(PY)
	@echo "Installing the run-time packages into $(VENV) …"
	@$(UV); $$uv pip install --quiet --compile-bytecode -p $(PY) -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt requirements-cluster.txt $(RUNTIME)
	@echo "Installing the development packages into $(VENV) …"
	@$(UV); $$uv pip install --quiet --compile-bytecode -p $(PY) -r requirements.txt -r requirements-cluster.txt \
		-r requirements-dev.txt
	@touch $@

# The first Python that runs and is new enough; PYTHON=/path/to/python chooses another.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON = $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c '$(NEW_ENOUGH)' 2>/dev/null && { command -v $$p; break; }; done)

$(PY):
	@python="$(PYTHON)"; \
	if [ -z "$$python" ]; then \
		echo "Python 3.11 or newer is needed and was not found (python3 is: $$(python3 --version 2>&1))." >&2; \
		echo "Install it, or point at it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; \
	elif ! "$$python" -c '$(NEW_ENOUGH)'; then \
		echo "Python 3.11 or newer is needed; $$python is $$("$$python" --version 2>&1)." >&2; exit 1; \
	fi; \
	if command -v uv >/dev/null; then uv venv --quiet -p "$$python" $(VENV); else "$$python" -m venv $(VENV); fi || { \
		echo "No virtual environment could be made; on Debian or Ubuntu: apt install python3-venv" >&2; \
		rm -rf $(VENV); exit 1; }
