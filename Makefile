# `make` lists the targets. Each one sets up what it needs: Python 3.11 is enough to begin with.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= $(shell for p in python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; exit; }; done; echo python3)
BIN := .venv/bin
TORCH ?=
LAB_ARGS ?=
PYTEST_ARGS ?=
WORKERS := -p tests.longest_first -n logical --dist loadfile --no-loadscope-reorder
# Jupyter refuses to run as root (containers) unless told.
ROOT_ARGS := $(shell [ "$$(id -u)" = 0 ] && echo --allow-root)

.PHONY: help setup lab test lint unit nbval durations test-oldest test-long notebooks prose relink pages site handout release bench claims lock format clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## create or repair .venv and install requirements.lock (TORCH=cpu or pypi: which build of torch)
	@$(PYTHON) tools/install.py $(if $(TORCH),--torch $(TORCH))

lab: setup  ## set up and open JupyterLab on the course (LAB_ARGS="--no-browser --port 8899" is passed on)
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/jupyter lab $(ROOT_ARGS) --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb $(LAB_ARGS)

test: setup lint unit nbval  ## set up and run every check: style, types, floors, tests, and all notebooks offline

lint: setup  ## ruff, mypy --strict and import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m tools.sentences --check
	$(BIN)/mypy
	$(BIN)/lint-imports

# Two workers on two cores: numpy's and scikit-learn's own threads would only stand in each other's way.
unit nbval durations test-oldest test-long: export OMP_NUM_THREADS := 1

unit: setup  ## pytest on tests/, one file for each core at a time, the longest first
	$(BIN)/python -m pytest tests $(WORKERS) --junitxml=build/durations/unit.xml $(PYTEST_ARGS)

# Without progress bars: nobody reads a cell's messages before it has ended, and of many thousands the last are lost.
nbval: export TQDM_DISABLE := 1
nbval: setup  ## run every notebook from a fresh kernel, one for each core, with the network cut off where Linux allows it
	$(BIN)/python -m tests.hurried build/hurried
	$(BIN)/python tests/offline.py $(BIN)/python -m pytest notebooks build/hurried -p tests.nbval_strict --nbval-lax $(WORKERS) \
		--junitxml=build/durations/nbval.xml

durations: setup  ## what `make test` takes, part by part, and its 30 slowest tests
	$(BIN)/python -m tools.durations

test-oldest: setup  ## with the oldest packages that pyproject.toml allows: the tests that packages can break, two lessons
	$(BIN)/python -m tools.versions oldest --quick

test-long: setup  ## every night: many examples, tests of stops and processes 20 times, the oldest and newest packages
	COURSE_TESTS=long $(BIN)/python -m pytest tests $(WORKERS) $(PYTEST_ARGS)
	for n in $$(seq 20); do $(BIN)/python -m pytest tests -m repeat $(WORKERS) || exit 1; done
	$(BIN)/python -m tools.versions

notebooks: setup  ## build the notebooks that are stale (FORCE=1: all of them)
	$(BIN)/python -m tools.build $(if $(FORCE),--force)

prose: setup  ## list the sentences of the lessons that no evidence carries, and each lesson's words and minutes
	$(BIN)/python -m tools.prose $(LESSONS)

relink: setup  ## write the course's address into every link: make relink ADDRESS=https://github.com/owner/name
	$(BIN)/python -m tools.build --address $(ADDRESS)

pages: setup  ## export every lesson as a static page that asks nothing of any server -> build/pages
	$(BIN)/python -m tools.pages

site: setup  ## the course as a site, with a search of its own, that asks nothing of any server -> build/site (LESSONS="…": these alone)
	$(BIN)/python -m tools.site $(LESSONS)

handout: setup  ## a lesson as a PDF with its answers at the end -> build/handouts (NAME=05_recurrent_networks, PAPER=A4 or Letter)
	$(BIN)/python -m tools.site.handout $(NAME) $(if $(PAPER),--paper $(PAPER))

release: setup  ## what goes with a release -> build/release: the site as a zip, to read offline
	$(BIN)/python -m tools.site.release

bench: setup  ## measure each lesson: CPU seconds, wall seconds, peak memory -> docs/bench.md (LESSONS="…": these rows only)
	$(BIN)/python -m tools.bench $(LESSONS)

claims: setup  ## run each experiment whose stored results are missing or stale (FORCE=1: all) -> data/results
	$(BIN)/course claims run $(if $(FORCE),--force) $(if $(JOBS),--jobs $(JOBS))

lock: setup  ## write requirements.lock anew from pyproject.toml (UPGRADE=1: newest versions)
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --generate-hashes --no-annotate --only-binary :all: \
		--custom-compile-command "make lock" $(if $(UPGRADE),--upgrade) --output-file requirements.lock pyproject.toml

format: setup  ## let ruff correct and format all Python, lessons included
	$(BIN)/python -m tools.sentences
	$(BIN)/ruff check --fix .; status=$$?; $(BIN)/ruff format . && exit $$status

clean:  ## remove what was made here: build/, caches, and .venv if the course made it
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .virtual_documents
	find Makefile $(wildcard course_utils tools tests lessons data) -name __pycache__ -prune -exec rm -rf {} +
	@if [ -L .venv ]; then echo ".venv is a link to another folder: it stays."; \
	elif [ -f .venv/course-installed ] || [ -f .venv/course-install-under-way ]; then echo "rm -rf .venv"; rm -rf .venv; \
	elif [ -e .venv ]; then echo ".venv was not made by the course: it stays. Remove it yourself if you do not need it."; fi
