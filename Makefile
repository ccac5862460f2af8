# Every target is also written out as plain commands in README.md (Windows).
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
STAMP := .venv/.complete

# One more than the two cores of a small machine: browsers and kernels let their test wait.
WORKERS := 3

.PHONY: reports test setup lint docs pictures gallery calibrate bench lock clean

reports: $(STAMP)  ## reports of all demo clients
	$(BIN)/crm-eval run --all -j 2
	@echo "Open $(CURDIR)/reports/index.html"

# Every worker and every process that a test starts reads the same modules: compiled once, kept.
test: $(STAMP)  ## unit tests, doctests, notebooks, browser tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --nbval -n $(WORKERS) --dist loadfile --no-loadscope-reorder

setup: $(STAMP)  ## only the virtual environment

# The pip that Python brings takes three times as long as a new one to read what an index offers.
# Nothing is to be resolved, the lock is whole (pip check); all cores compile what pip would with one.
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(PIP) install --upgrade pip
	$(PIP) install --no-compile --no-deps --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	$(PIP) check
	$(BIN)/python -m compileall -q -j 0 .venv/lib
	@touch $@

lint: $(STAMP)  ## format and check the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(STAMP)  ## everything that is generated from the code
	$(BIN)/python -m crm_eval_lib.tables.dictionary
	$(BIN)/python -m crm_eval_lib.cli.helptext

pictures: $(STAMP)  ## the pictures of the documentation, from the reports that stand
	$(BIN)/python docs/make_pictures.py

gallery: $(STAMP)  ## a sheet of every chart in both languages and awkward cases: build/gallery
	$(BIN)/python docs/make_gallery.py

calibrate: $(STAMP)  ## what every interval covers, simulated: some half an hour
	$(BIN)/python tests/calibrate.py

bench: $(STAMP)  ## speed and memory on a large client, against a yardstick of the same run
	$(BIN)/python benchmarks/factors.py
	$(BIN)/python benchmarks/events.py
	$(BIN)/python benchmarks/controls.py
	$(BIN)/python benchmarks/batch.py
	$(BIN)/python benchmarks/batch.py --many
	$(BIN)/python benchmarks/what_if.py

lock:  ## pin all dependencies again, with hashes (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-header --all-extras pyproject.toml -o requirements.lock

clean: $(STAMP)  ## remove all reports
	$(BIN)/crm-eval clean --yes
