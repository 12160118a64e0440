# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Needs nothing but make and Python 3.11 or newer: each target first sets up what it uses, once, in .venv/ and .build/.
PYTHON ?= python3
COLLECTION := .build/ansible_collections/flexops/fortiflex
NETCOMMON := .build/ansible_collections/ansible/netcommon
AWX := .build/ansible_collections/awx/awx
PIP := python -m pip -q --disable-pip-version-check
BY_HASH := --require-hashes -r
COMPILE := uv pip compile -q --upgrade --universal --generate-hashes --no-annotate --python-version 3.11 --custom-compile-command 'make lock'

export PATH := $(CURDIR)/.venv/bin:$(PATH)
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/.build
unexport PYTHONDONTWRITEBYTECODE  # thousands of processes start here: compile once

.DEFAULT_GOAL := help
.PHONY: help setup lock demo test lint sanity units integration thorough moments gates molecule coverage faults pages bench docs build ee

help:  ## Say what each target does
	@sed -n 's/^\([a-z]*\):.*  ## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

setup: .venv/.ok | $(COLLECTION)  ## Install the tools into .venv/ (PYTHON=python3.13 chooses another Python)

.venv/.ok: .ci/uv.lock requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make $(MAKECMDGOALS) PYTHON=python3.13" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	( $(PIP) install $(BY_HASH) .ci/uv.lock && \
	  uv pip install -q --python .venv/bin/python --compile-bytecode --require-hashes -r requirements-dev.lock ) || \
	  $(PIP) install $(BY_HASH) requirements-dev.lock
	touch $@

# A list X.txt is written by hand; X.lock has what it leads to on any Python, with the hash of each file. Of the last two only the package itself is used.
LOCKS := .ci/uv requirements-dev extensions/ci/requirements tests/pages/requirements
LOCKS_ALONE := tests/other_collections tests/awx/collections

lock: setup  ## Write the *.lock files from the lists beside them, with the newest versions that these allow
	for list in $(LOCKS); do $(COMPILE) -o $$list.lock $$list.txt || exit 1; done
	for list in $(LOCKS_ALONE); do $(COMPILE) --no-deps -o $$list.lock $$list.txt || exit 1; done

# The repository root is the collection: one link makes it importable as ansible_collections.flexops.fortiflex.
$(COLLECTION):
	mkdir -p $(@D)
	ln -s ../../.. $@

# Of the package "ansible", what tests of the roles license_delivery and usage_report need of other collections.
$(NETCOMMON): tests/other_collections.lock | setup
	$(PIP) download --no-deps -d .build/download $(BY_HASH) $<
	python -c 'import glob, sys, zipfile; z = zipfile.ZipFile(*glob.glob(".build/download/ansible-*.whl")); \
	  z.extractall(".build", [n for n in z.namelist() if n.startswith(tuple(sys.argv[1:]))])' \
	  $(addprefix ansible_collections/ansible/,netcommon/ utils/) \
	  $(addprefix ansible_collections/community/general/,MANIFEST.json meta/ plugins/modules/mail.py plugins/doc_fragments/attributes.py)
	rm -r .build/download
	touch $@

# awx.awx needs nothing else of the package "ansible".
$(AWX): tests/awx/collections.lock | setup
	$(PIP) download --no-deps --ignore-requires-python -d .build/download_awx $(BY_HASH) $<
	python -c 'import glob, zipfile; z = zipfile.ZipFile(*glob.glob(".build/download_awx/ansible-*.whl")); \
	  z.extractall(".build", [n for n in z.namelist() if n.startswith("ansible_collections/awx/awx/")])'
	rm -r .build/download_awx
	touch $@

demo: setup  ## License a sample fleet on a local FortiFlex, and see what a change would do
	@PYTHONPATH=tests python tests/demo/demo.py

test: setup $(NETCOMMON)  ## Run every check and every test, but those of make thorough
	@$(MAKE) -j 2 $(addprefix --,$(filter output-sync,$(.FEATURES))) sanity molecule lint  # the slowest first
	pytest -n 4 -m 'not thorough'

lint: setup $(NETCOMMON)  ## Check style, types, licenses, spelling, playbooks, documentation and changelog
	ruff check
	ruff format --check
	mypy
	reuse lint --quiet
	codespell
	check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	check-jsonschema --builtin-schema vendor.github-issue-forms $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	check-jsonschema --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	antsibull-changelog lint
	ansible-lint
	antsibull-docs lint-collection-docs --plugin-docs --skip-rstcheck --validate-collection-refs=all .
	python tests/supply_chain.py
	PYTHONPATH=.build:tests python -m documents --check
	PYTHONPATH=tests python -m documents.prose

sanity: setup  ## Run ansible-test sanity (the first time takes about two minutes)
	.ci/ansible-test sanity

units: setup  ## Run the unit and contract tests
	pytest -n 2 tests/contract tests/unit

molecule: setup $(NETCOMMON)  ## Run each role twice against the local FortiFlex, and look at what FortiFlex has
	molecule test --all

integration: setup $(NETCOMMON)  ## Run the modules and playbooks against the local FortiFlex
	pytest -n 2 -m 'not thorough' tests/integration

thorough: setup $(NETCOMMON) $(AWX)  ## Run the tests that take longer, among them AWX set up twice on a stand-in for its REST API
	pytest -n 2 -m thorough

moments: setup $(NETCOMMON)  ## Run the tests with the clock at moments such as changes of summer time and new year (about an hour)
	.ci/gates moment

gates: setup $(NETCOMMON) $(AWX)  ## Run what a release has to pass beyond make test: every ansible-core, Galaxy's importer, links, moments (GATES="sanity site" chooses)
	.ci/gates $(GATES)

coverage: setup $(NETCOMMON) $(AWX)  ## Run the tests and show which branches of plugins/ they leave out
	pytest -n 2 --cov --cov-report=term-missing:skip-covered

faults: setup  ## Look for holes in the rule: every order of small cases, random ones, a fault at every request, kills, races, odd answers, pacing
	PYTHONPATH=.build:tests python tests/interleavings/orders.py --jobs 2
	PYTHONPATH=.build:tests python tests/interleavings/explore.py --runs 70000 --jobs 2
	for program in sweep kill races hostile pacing day; do PYTHONPATH=.build:tests python -m faults.$$program || exit 1; done
	pytest -n 2 --times 20 tests/integration/test_faults.py

pages: setup  ## Look at the pages of plans and usage reports in Chromium (Debian's packages chromium, chromium-driver), and make the pictures in docs/
	$(PIP) install $(BY_HASH) tests/pages/requirements.lock
	pytest tests/pages
	PYTHONPATH=.build:tests python -m documents.pictures docs/pictures
	PYTHONPATH=.build:tests python -m documents.usage_report .build/sample
	for size in 1440,2000 768,1600 360,1400; do chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
	  --disable-background-networking --disable-component-update --disable-sync --hide-scrollbars --user-data-dir=.build/sample/profile \
	  --window-size=$$size --screenshot=docs/usage_report_$${size%,*}.png file://$(CURDIR)/.build/sample/usage_report.html || exit 1; done

BENCH ?= --change
bench: setup  ## Measure the main job for 10 to 5,000 sites (BENCH=--help lists other cases)
	@PYTHONPATH=tests python tests/benchmarks/license_fleet.py $(BENCH)

docs: setup  ## Write what is made from the code into pages and documentation of modules, and build the site of all pages in .build/site/html/
	PYTHONPATH=.build:tests python -m documents
	PYTHONPATH=.build:tests python -m documents.interface tests/unit/interface.txt
	PYTHONPATH=.build:tests python -m documents.site .build/site

build: setup  ## Build the collection's tarball in .build/dist/
	ansible-galaxy collection build --force --output-path .build/dist

EE := .build/ee
ee: setup  ## Write what to build an execution environment from to .build/ee/context/, for podman build or docker build
	rm -rf $(EE)
	ansible-galaxy collection build --output-path $(EE)
	mv $(EE)/flexops-fortiflex-*.tar.gz $(EE)/flexops-fortiflex.tar.gz
	ansible-builder create --context $(EE)/context --output-filename Containerfile
