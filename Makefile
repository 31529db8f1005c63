PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: help test format

help: ## what each target does
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST)

.venv/installed: pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install it or set PYTHON=" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

test: .venv/installed ## run every test
	$(BIN)/python -m pytest -q

format: .venv/installed ## lay out our own Python
	$(BIN)/black -q generator tests
