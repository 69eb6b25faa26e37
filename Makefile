# Needs Python 3.11 or later and make, nothing else. Everything is installed in .venv, once.

PYTHON ?= python3
PORT ?= 8501
WORKERS ?=
VENV := .venv

python := $(VENV)/bin/python
pip := $(python) -m pip install --quiet --disable-pip-version-check --no-input --only-binary=:all: --no-binary=pyspark

define serve
@$(python) -c 'import socket; socket.create_server(("localhost", $(PORT)))' 2>/dev/null || { \
  echo 'Le port $(PORT) n’est pas libre : choisissez-en un autre, par exemple « make $@ PORT=8502 ».' >&2; exit 1; }
@echo 'sunes démarre sur http://localhost:$(PORT) (Ctrl-C pour arrêter)'
@exec $(python) -m streamlit run app.py --server.port $(PORT) $(1)
endef

# A stamp is named after what it stands for, the Python and the pins: as long as they don't change, nothing is installed.
stamp = $(VENV)/$(1)-$(firstword $(shell { $(PYTHON) -V; cat $(2); } 2>&1 | cksum))
installed := $(call stamp,run,requirements.txt)
installed-dev := $(call stamp,dev,requirements.txt requirements-cluster.txt requirements-dev.txt tests/openid/package-lock.json)
installed-audit := $(call stamp,audit,requirements-audit.txt)

.PHONY: help install run dev serve test audit bench screenshots clean

help: ## list what make can do (the default)
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile

install: $(installed) ## install into .venv, and prepare what can be prepared: for a server
	$(python) -m compileall -q app.py pages sunes

run: $(installed) ## serve on http://localhost:$PORT (8501), with the snapshots of $SUNES_DATA (data/)
	$(call serve)

dev: $(installed) ## the same, reloading whenever a file is saved
	$(call serve,--server.fileWatcherType auto --server.runOnSave true)

serve: $(installed) ## serve by $WORKERS processes (one per core) behind nginx, which Debian has
	@exec $(python) -m sunes serve --port $(PORT) $(if $(WORKERS),--workers $(WORKERS))

test: $(installed-dev) ## check style, types and behaviour
	$(python) -m ruff check
	$(python) -m ruff format --check
	$(python) -m mypy
	$(python) -m pytest

audit: $(installed-dev) $(installed-audit) ## look for known vulnerabilities and unwanted licences, and list what runs in dist/sbom.json
	$(python) -m scripts.audit

bench: $(installed-dev) ## measure, in less than 20 minutes, and write the figures into docs/benchmarks.md
	$(python) -m benchmarks

screenshots: $(installed-dev) ## take the pictures of the README and the guide (needs chromium)
	@$(python) -m scripts.screenshots

clean: ## remove .venv and what the tools cache
	rm -rf $(VENV) tests/openid/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

$(installed):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo 'sunes a besoin de Python 3.11 ou plus récent : indiquez-le par « make PYTHON=/chemin/vers/python3 ».' >&2; exit 1; }
	@echo 'Installation dans .venv (une seule fois, une à deux minutes)…'
	@$(PYTHON) -m venv $(VENV)
	@rm -f $(VENV)/run-* $(VENV)/dev-*
	@$(pip) -r requirements.txt
	@$(python) -m sunes deploy assets
	@touch $@

$(installed-dev): $(installed)
	@echo 'Installation des outils de test…'
	@rm -f $(VENV)/dev-*
	@$(pip) -r requirements-dev.txt
	@if command -v npm >/dev/null; then npm ci --prefix tests/openid --no-audit --no-fund --loglevel=error; \
	  else echo 'npm n’est pas installé : les tests de la connexion sont laissés de côté.'; fi
	@touch $@

# An environment of its own: what audits pins other things than what is audited.
$(installed-audit): $(installed)
	@echo 'Installation des outils d’audit…'
	@rm -f $(VENV)/audit-*
	@$(PYTHON) -m venv $(VENV)/audit
	@$(VENV)/audit/bin/python -m pip install --quiet --disable-pip-version-check --no-input --only-binary=:all: -r requirements-audit.txt
	@touch $@
