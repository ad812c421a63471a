# Gongkai: every job a person or a machine runs. `make` lists them.
# Needs python3 (3.11 or newer) with its venv module, and make. Uses uv where it is installed.

PYTHON ?= python3
VENV := .venv
REPLAY := .venv-replay
SITE := .venv-site
PY := $(VENV)/bin/python
UV := $(shell command -v uv 2>/dev/null)
# Where it is installed the tests wait for no disk: a crawl of a few pages has thirty fsyncs, and what
# a loss of power takes back is tested by files that are cut.
UNSYNCED := $(shell command -v eatmydata 2>/dev/null)

# Every command and reading process is a process of its own: without compiled modules each start
# takes seconds longer.
unexport PYTHONDONTWRITEBYTECODE

ifeq ($(UV),)
make_venv = $(PYTHON) -m venv $(1)
install = $(1)/bin/python -m pip install --quiet --disable-pip-version-check
else
make_venv = uv venv --quiet --allow-existing --no-project --python $(PYTHON) $(1)
install = uv pip install --quiet --compile-bytecode --python $(1)/bin/python
endif

.PHONY: help setup system demo test postgresql check lint prove bench gate coverage docs messages site release lock
.PHONY: clean
.DELETE_ON_ERROR:

help: ## this list
	@grep -hE '^[a-z]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 8

setup: $(VENV)/.stamp $(REPLAY)/.stamp system ## .venv with everything, .venv-replay with pywb

# The stamps carry the files they were made from: touching nothing installs nothing.
$(VENV)/.stamp: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Gongkai needs Python 3.11 or newer; name one: make PYTHON=python3.11" >&2; exit 1; }
	@test -n "$(UV)" || $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Python lacks its venv module: apt-get install python3-venv" >&2; exit 1; }
	$(call make_venv,$(VENV))
	$(call install,$(VENV)) --require-hashes -r requirements.lock
	$(call install,$(VENV)) --no-deps --no-build-isolation --editable .
	@touch $@

# pywb is GPL-3 and pins old versions: its own environment, its own process.
$(REPLAY)/.stamp: requirements-replay.lock
	$(call make_venv,$(REPLAY))
	$(call install,$(REPLAY)) --require-hashes -r requirements-replay.lock
	@touch $@

system:
	@for browser in chromium chromium-browser google-chrome; do \
	  command -v $$browser >/dev/null && exit 0; done; \
	  echo "optional, for pages that only a browser can read: apt-get install chromium"
	@for office in soffice libreoffice; do \
	  command -v $$office >/dev/null && exit 0; done; \
	  echo "optional, for attached .doc files: apt-get install libreoffice-writer-nogui"
	@command -v bsdtar >/dev/null \
	  || echo "optional, for attached RAR and 7z archives: apt-get install libarchive-tools"
	@ls -d /usr/share/fonts/*/*noto* /usr/share/fonts/*/wqy* /usr/share/fonts/*/*/*CJK* 2>/dev/null \
	  | grep -q . \
	  || echo "optional, for PDF files that do not carry their font: apt-get install fonts-wqy-microhei"

demo: setup ## the demo portal, crawled and served
	$(VENV)/bin/gongkai demo

check: lint ## formatting, lint, who imports whom, types
	$(VENV)/bin/lint-imports
	$(VENV)/bin/mypy

lint: $(VENV)/.stamp ## formatting and lint
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .

# Imports and types are looked at beside the tests, which leave a processor room for them; what they
# say is the last that is printed.
test: setup lint ## the checks and all tests but the slow ones
	@log=$$(mktemp); { $(VENV)/bin/lint-imports && $(VENV)/bin/mypy; } >$$log 2>&1 & checks=$$!; \
	  $(UNSYNCED) $(PY) -m pytest -m "not slow" -n 2 --dist worksteal --durations 20; status=$$?; \
	  wait $$checks || status=$$?; cat $$log; rm $$log; exit $$status

postgresql: $(VENV)/.stamp ## the tests of store, search, workers and questions, on the server of GONGKAI_TEST_PG
	$(UNSYNCED) $(PY) -m pytest -m "not slow" -n 2 --dist worksteal --durations 5 -k "postgresql or workers" \
	  tests/store tests/search tests/work/jobs tests/journeys/test_rebuild.py tests/storm/test_workers*.py \
	  tests/cli/test_changes.py tests/cli/test_coverage.py tests/cli/test_similar.py tests/cli/test_table.py \
	  tests/work/ingest/test_changes.py tests/work/ingest/test_covering.py \
	  tests/work/query/test_coverage.py tests/work/query/test_series.py tests/work/query/test_similarity.py

prove: setup ## the long proofs: many kills, tens of thousands of pages
	$(PY) -m pytest -m slow --timeout 3600

coverage: setup ## which branches no test takes, against the floor of pyproject.toml
	$(PY) -m coverage erase
	$(PY) -m coverage run -m pytest -q -m "not slow"
	$(PY) -m coverage combine -q
	$(PY) -m coverage report --skip-covered --sort=cover

gate: $(VENV)/.stamp ## how well the real pages are read, against the floors
	$(PY) -m tests.gate

bench: $(VENV)/.stamp ## pages a second, beside a bare fetch and trafilatura; writes bench/RESULTS.md
	$(PY) -m bench

docs: $(VENV)/.stamp ## writes commands.md, columns.md, metrics.md and settings.md of docs/ from the code
	$(PY) -m docs.generate

messages: $(VENV)/.stamp ## brings the Chinese of the pages (archive/web/locale/zh.po) up to date
	$(PY) -m tests.web.messages

site: $(SITE)/.stamp ## these documents as a web site, in site/
	NO_MKDOCS_2_WARNING=1 $(SITE)/bin/mkdocs build --quiet --strict

# What builds the site is installed on demand, and apart: nothing else needs it.
$(SITE)/.stamp: pyproject.toml
	$(call make_venv,$(SITE))
	@$(PYTHON) -c 'import tomllib; groups = tomllib.load(open("pyproject.toml", "rb")); \
	  print(*groups["dependency-groups"]["site"], sep="\n")' > $(SITE)/requirements.txt
	$(call install,$(SITE)) -r $(SITE)/requirements.txt
	@touch $@

release: $(VENV)/.stamp ## sdist and wheel into dist/, looked at; the demo from the wheel alone
	rm -rf dist
	$(PY) -m tests.release

lock: ## resolves both lock files anew (needs uv)
	$(call lock,requirements.lock,--group dev --extra postgresql --extra workers --extra ots --extra s3 --extra alerts --extra ocr pyproject.toml)
	$(call lock,requirements-replay.lock,--group replay)

lock = uv pip compile $(2) --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --upgrade --custom-compile-command 'make lock' -o $(1)

clean: ## removes caches, build products and the demo's data; keeps .venv and archives
	rm -rf build dist site demo-data *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf .import_linter_cache .coverage
	find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +
