# make run    sets everything up and starts the daemon        make test   sets up and runs the whole test suite
# make peers  the suite against Debian's mail servers and clients  make check  style, types and architecture
# make soak   ten thousand seeds of faults, and fifty kills at random

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_READY := $(VENV)/.run-ready
TEST_READY := $(VENV)/.test-ready

.PHONY: run test peers soak check bench fuzz clean

run: $(RUN_READY)
	$(BIN)/mailtix init --if-missing
	exec $(BIN)/mailtix serve

test: $(TEST_READY)
	$(BIN)/pytest -n auto --dist worksteal -m "not peers"

peers: $(TEST_READY)
	scripts/install-peers
	$(BIN)/pytest -n auto -m peers

soak: $(TEST_READY)
	MAILTIX_SOAK_SEEDS=$${MAILTIX_SOAK_SEEDS:-10000} MAILTIX_SOAK_KILLS=$${MAILTIX_SOAK_KILLS:-50} \
		$(BIN)/pytest -n auto tests/simulation tests/daemon/test_crash_at_random.py

check: $(TEST_READY)
	scripts/check

bench: $(TEST_READY)
	$(BIN)/python -m bench

fuzz: $(TEST_READY)
	$(BIN)/python -m bench.fuzz

clean:
	rm -rf $(VENV)

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mailtix needs Python 3.11 or newer; say which: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip

$(RUN_READY): pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	touch $@

$(TEST_READY): pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable . --group test --group check
	touch $@ $(RUN_READY)
