# Everything here sets itself up: a fresh clone needs Python 3.11+, git and make, nothing else.
PYTHON ?= python3
BIN := .venv/bin
UV := .tools/bin/uv
UV_VERSION := 0.13.8

.PHONY: help demo pipeline notebooks test lint bench lock clean

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 11

demo: .venv/.core  ## train on the sample and rank new leads
	$(BIN)/leadml demo --dir .

pipeline: .venv/.core  ## sample, check, train, rank: the commands of dvc.yaml, without DVC
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh -exc "$$(sed -n 's/^    cmd: //p' dvc.yaml)"

notebooks: .venv/.core  ## open the notebooks in JupyterLab
	$(UV) sync --quiet --frozen --inexact --no-dev --extra notebooks --python $(PYTHON)
	$(BIN)/jupyter lab notebooks

test: .venv/.dev  ## run the tests
	$(BIN)/python -m pytest -n 2

lint: .venv/.dev  ## ruff, mypy and the floors of the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.dev  ## measure; see bench/README.md
	$(BIN)/python -m bench

lock: $(UV)  ## renew the lock file from the public index
	env -u UV_INDEX_URL -u UV_DEFAULT_INDEX -u UV_EXTRA_INDEX_URL -u UV_INDEX $(UV) lock --no-config

clean:  ## remove what was made
	rm -rf .venv .tools models/versions models/champion mlflow.db mlruns reports

$(UV):
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install --quiet uv==$(UV_VERSION)

.venv/.core: pyproject.toml uv.lock | $(UV)
	$(UV) sync --quiet --frozen --inexact --no-dev --python $(PYTHON)
	@touch $@

.venv/.dev: pyproject.toml uv.lock | $(UV)
	$(UV) sync --quiet --frozen --inexact --python $(PYTHON)
	@touch $@
