# A fresh machine needs Python 3.11 or newer with its venv module, and make.  Everything else comes from the locks.

SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS   += --no-print-directory
PY ?= python3
V  := .venv

export PYTHONNOUSERSITE := 1
export UV_PYTHON_DOWNLOADS := never
# uv carries certificates of its own; where the system has some, an inspecting proxy's are among them
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS := 1
endif
# pyvips, the one source distribution, would compile itself against a libvips of the system in place of its wheel's
export PKG_CONFIG := false

.DEFAULT_GOAL := help
.PHONY: help run test check drill bench lock image image-check clean

help:  ## This list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 22

run: $(V)/run.ok  ## The demo newsroom on SQLite and a local folder, at port 8000 or DATELINE_PORT
	@exec $(V)/bin/dateline demo

test: $(V)/test.ok $(V)/system.ok  ## Every test, on real PostgreSQL, S3 and Chromium
	@exec $(V)/bin/python -m pytest -n logical

check: $(V)/test.ok  ## Lint, types, import contracts, SDL, migrations, locks
	$(V)/bin/ruff check
	$(V)/bin/ruff format --check
	$(V)/bin/mypy
	$(V)/bin/hadolint Dockerfile
	@exec $(V)/bin/python -m pytest tests/test_house.py

# what touches the store, on another S3 than the suite's
CEPH = tests/media/test_stores.py tests/media/test_s3_store.py tests/media/test_renditions.py \
	tests/schema/test_uploads.py tests/cms/test_uploads.py tests/cms/test_outage.py tests/e2e/test_photo_rights.py
drill: $(V)/test.ok  ## The random tests at length: hours, or as many as DOCUMENTS, from SEED on
	@bash scripts/ceph.sh || echo "The tests on Ceph are skipped."
	@export TEST_DOCUMENTS=$${DOCUMENTS:-10000} TEST_SEED=$${SEED:-$$(date +%s)000} TEST_WALKS=25 TEST_TIMES=10 TEST_MUTATIONS=2000 TEST_OUTAGES=20 TEST_SCHEDULES=1000 TEST_HOSTILE=5000; \
	  echo "SEED=$$TEST_SEED"; failed=0; \
	  TEST_S3=ceph $(V)/bin/python -m pytest -n logical -rs -o faulthandler_timeout=0 $(CEPH) || failed=1; \
	  $(V)/bin/python -m pytest -n logical -rP -o faulthandler_timeout=0 tests/read tests/media/test_mutations.py tests/e2e/test_photo_rights.py tests/cms/test_outage.py tests/e2e/test_schedule.py tests/e2e/test_fuzz.py || failed=1; \
	  exit $$failed

bench: $(V)/test.ok  ## What things cost, as ratios measured in one run
	@exec $(V)/bin/python -m tests.bench

COMPILE = $(V)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate
lock: $(V)/uv.ok  ## The three locks from pyproject.toml; versions that still fit stay, newest after `rm *.lock`
	$(COMPILE) pyproject.toml -o run.lock
	$(COMPILE) pyproject.toml --group test -c run.lock -o test.lock
	$(COMPILE) - <<<$$'uv\nsetuptools\npkgconfig\ncffi' -c run.lock -o bootstrap.lock
	@! grep -nE '://' *.lock

image: $(V)/test.ok  ## The container image, by docker, podman or buildah
	$(V)/bin/hadolint Dockerfile
	bash scripts/image.sh

image-check: $(V)/test.ok  ## The image built without an engine (root, Debian) and its server asked
	$(V)/bin/hadolint Dockerfile
	bash scripts/image-check.sh

clean:  ## Away with the environment and what the demo wrote
	rm -rf $(V) var

$(V)/uv.ok: bootstrap.lock
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Dateline needs Python 3.11 or newer as $(PY); name another with: make PY=/path/to/python3.12 ..."; exit 1; }
	@test -x $(V)/bin/python || $(PY) -m venv $(V)
	$(V)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r bootstrap.lock
	@touch $@

# exactly what the lock says, wheels only; what builds pyvips is pinned in bootstrap.lock
INSTALL = $(V)/bin/uv pip install --quiet --python $(V)/bin/python --require-hashes --only-binary :all: --no-binary pyvips \
	--build-constraints bootstrap.lock -r
$(V)/run.ok: run.lock pyproject.toml $(V)/uv.ok
	$(INSTALL) run.lock
	$(V)/bin/uv pip install --quiet --python $(V)/bin/python --no-deps --offline --editable .
	@touch $@

$(V)/test.ok: test.lock $(V)/run.ok
	$(INSTALL) test.lock
	@touch $@

$(V)/system.ok: scripts/system.sh
	bash scripts/system.sh
	@touch $@
