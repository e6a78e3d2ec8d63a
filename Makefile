# Everything a person or a CI does with Gatehouse. `make help` lists it.

PORT ?= 8000
RUN = .venv/bin/python
UV = var/uv/bin/uv
WORKERS ?= 2
TESTS ?= tests
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-emit-index-url --no-header

export UV_LINK_MODE ?= copy
export UV_NO_PROGRESS ?= 1
export UV_PYTHON_DOWNLOADS = never
# Nine programs start from the same modules. Compiled once, they start in half the time; no file appears beside sources,
# so this holds even where the person wants no bytecode there.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX = $(CURDIR)/var/pycache

.PHONY: help demo run test simulate crash teeth race bench lint format lock clean
.SILENT:
.DEFAULT_GOAL := help

help: ## list the targets
	grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

demo: .venv/run ## trade at the simulated venue until Ctrl-C; SESSIONS=2 ends by itself, RESET=1 begins afresh, PORT=8001 moves it
	exec $(RUN) -m config.demo --port $(PORT) $(if $(SESSIONS),--sessions $(SESSIONS)) $(if $(RESET),--reset)

run: .venv/run ## run against the Alpaca account whose keys are in .env
	exec $(RUN) -m config.run --port $(PORT)

test: .venv/dev ## run all tests on PostgreSQL and Valkey started for them (or DATABASE_URL, REDIS_URL)
	$(RUN) -m pytest -n $(WORKERS) --dist worksteal $(TESTS)

bench: .venv/dev ## measure against PostgreSQL, Valkey and the venue; ONLY=halt_500 runs one, results in var/bench
	$(RUN) -m bench $(ONLY)

simulate: .venv/dev ## try the order path under seeded faults; SEEDS=2000 STEPS=200, SEED=7 replays one
	$(RUN) -m tests.simulation $(if $(SEEDS),--seeds "$(SEEDS)") $(if $(SEED),--seed "$(SEED)") $(if $(STEPS),--steps "$(STEPS)")

race: .venv/dev ## decide fifty entries at once on real connections, worth 1.5 x a cap; SEEDS=1000
	RACE_SEEDS="$(or $(SEEDS),100)" $(RUN) -m pytest -q -n $(WORKERS) --dist worksteal tests/integration/trading/test_caps_under_race.py

teeth: .venv/dev ## plant bugs in copies and see that tests kill them; COUNT=8 a spread of them, BUG=name that one
	$(RUN) -m tests.teeth $(if $(COUNT),--count "$(COUNT)") $(if $(BUG),--bug "$(BUG)")

crash: .venv/dev ## kill and freeze real processes at named points; COUNT=10 spreads over all, POINT=name LEG=name RUNS=3 choose
	$(RUN) -W ignore -m tests.crash $(if $(POINT),--point "$(POINT)") $(if $(LEG),--leg "$(LEG)") $(if $(COUNT),--count "$(COUNT)") $(if $(RUNS),--runs "$(RUNS)")

lint: .venv/dev ## style, types, imports, migrations, production settings, generated files
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check --quiet .
	$(RUN) -m mypy --no-error-summary
	deploy/quietly .venv/bin/lint-imports --no-logo --cache-dir var/import-linter
	DJANGO_SETTINGS_MODULE=config.settings.test $(RUN) -W ignore manage.py makemigrations --check --dry-run
	$(RUN) -m config.deploy_check
	$(RUN) -m config.env check
	$(RUN) -m trading.errors_doc check

format: .venv/dev ## put the code into the house's form
	$(RUN) -m ruff check --quiet --fix .
	$(RUN) -m ruff format --quiet .

lock: $(UV) ## write the locks anew from requirements.in and requirements-dev.in
	$(COMPILE) requirements.in -o requirements.txt
	$(COMPILE) requirements-dev.in -o requirements-dev.txt

clean: ## remove what was made here, the demo's data too
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(UV): deploy/uv.txt deploy/find-python deploy/bring-uv deploy/quietly
	python=$$(deploy/find-python) && deploy/bring-uv "$$python"
	touch $@

.venv/bin/python: | $(UV)
	python=$$(deploy/find-python) && $(UV) venv --quiet --allow-existing --python "$$python" .venv

.venv/run: requirements.txt .venv/bin/python
	test -e .venv/dev || echo "Installing what the program needs into .venv (once) ..."
	deploy/quietly $(UV) pip install --quiet --python .venv --require-hashes -r requirements.txt
	touch $@

.venv/dev: requirements-dev.txt .venv/bin/python
	echo "Installing what the program and its tests need into .venv (once) ..."
	deploy/quietly $(UV) pip sync --quiet --python .venv --require-hashes requirements-dev.txt
	touch $@ .venv/run
