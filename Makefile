# One command per intent. The steps are in scripts/, so that they also run where make is missing.

.PHONY: help install demo test browser lint format coverage bench messages lock
.DEFAULT_GOAL := help
export PYTHON ADDRESS PORT WORKERS TEST_DATABASE_URL
PYTHON ?= python3

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: ## Prepare .venv and the system libraries that PDF files need
	@scripts/install

demo: ## Serve the product with a demonstration team on 127.0.0.1:8000 (PORT=8001 for another port)
	@scripts/demo

test: ## Run the suite on SQLite, and on PostgreSQL when a server answers
	@scripts/test

browser: ## Run the browser tests on Chromium
	@scripts/browser

lint: ## Check style, types and the direction of imports
	@scripts/lint

format: install ## Rewrite the code in the house style
	@.venv/bin/ruff check --fix-only --quiet .
	@.venv/bin/ruff format .

coverage: ## Measure branch coverage; the rules and the machinery must reach 95 %
	@scripts/coverage

bench: install ## Measure speed on the named workloads
	@.venv/bin/python -m bench

messages: ## Gather the texts to translate, and compile the translations
	@scripts/messages

lock: install ## Pin in requirements*.txt what pyproject.toml names, as installed in .venv
	@.venv/bin/python scripts/lock.py
