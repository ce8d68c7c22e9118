# `make help` explains every target in a line. A machine needs Python 3.11 or newer and make.
.DEFAULT_GOAL := help
.PHONY: help serve test check stack bench soak sbom lock messages deploy clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_FLAGS := --quiet --disable-pip-version-check --no-deps --require-hashes
# Every tool that pins a boto3 of its own lives in an environment of its own.
SAM := .venvs/sam/bin/sam
CHECKOV := .venvs/checkov/bin/checkov
WORKERS ?= 2
# The two roots of our own code, as Lambda has them (/var/task and /opt/python).
ROOTS := PYTHONPATH=functions:layers/shared/python

help: ## Explain every target
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.development: requirements/development.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Schoolpoort needs Python 3.11 or newer; this is " + sys.version.split()[0])'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing; on Debian: apt install python3-venv"; exit 1; }
	@echo "Setting up $(VENV) (once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install $(PIP_FLAGS) -r requirements/development.txt
	@touch $@

$(VENV)/.check: requirements/check.txt $(VENV)/.development
	@$(BIN)/pip install $(PIP_FLAGS) -r requirements/check.txt
	@touch $@

# Lambda's Python, which the emulator runs the functions in; a version manager may keep it off the path.
PYTHON313 ?= $(shell for found in python3.13 $$HOME/.pyenv/versions/3.13*/bin/python3.13; do \
  "$$found" -c 'import venv' 2>/dev/null && { command -v "$$found"; break; }; done)

.venvs/ministack/.ready: requirements/ministack.txt
	@test -n "$(PYTHON313)" || { echo "CPython 3.13 is needed here; name it: make stack PYTHON313=/path/to/python3.13"; exit 1; }
	@echo "Setting up .venvs/ministack (once)"
	@test -x .venvs/ministack/bin/python || $(PYTHON313) -m venv .venvs/ministack
	@.venvs/ministack/bin/pip install $(PIP_FLAGS) -r requirements/ministack.txt
	@touch $@

.venvs/%/.ready: requirements/%.txt
	@echo "Setting up .venvs/$* (once)"
	@test -x .venvs/$*/bin/python || $(PYTHON) -m venv .venvs/$*
	@.venvs/$*/bin/pip install $(PIP_FLAGS) -r requirements/$*.txt
	@touch $@

serve: $(VENV)/.development ## Run the whole house on http://localhost:8080 (PORT=… for another port)
	@exec env $(ROOTS) $(BIN)/python -m infra.local.serve

test: $(VENV)/.development ## Run the whole suite
	@rm -rf .local/roles && mkdir -p .local/roles
	@SCHOOLPOORT_ROLES_USED=.local/roles/used.jsonl $(BIN)/pytest -n $(WORKERS) --dist loadgroup
	@SCHOOLPOORT_ROLES_USED=.local/roles/used.jsonl $(BIN)/pytest -q tests/infra/roles_after_suite.py

check: $(VENV)/.check .venvs/sam/.ready .venvs/checkov/.ready ## Style, types, import rules, template lint, policy scan, known vulnerabilities
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy functions layers/shared/python infra tests
	$(ROOTS) $(BIN)/lint-imports
	AWS_DEFAULT_REGION=eu-west-1 SAM_CLI_TELEMETRY=0 $(SAM) validate
	SAM_CLI_TELEMETRY=0 $(SAM) validate --lint
	$(BIN)/cfn-lint template.yaml
	$(CHECKOV) -f template.yaml --config-file infra/checkov.yaml
	$(BIN)/pip-audit --progress-spinner off --disable-pip --require-hashes -r requirements/runtime.txt -r requirements/pdf.txt -r requirements/passkeys.txt

stack: $(VENV)/.development .venvs/sam/.ready .venvs/ministack/.ready ## Deploy the template into an emulator with roles enforced, and walk it
	@exec env $(ROOTS) PYTHON313=$(PYTHON313) $(BIN)/python -m infra.stack.run

bench: $(VENV)/.development ## Measure speed side by side with peers, into docs/benchmarks/
	@exec env $(ROOTS) $(BIN)/python -m infra.bench.run

soak: $(VENV)/.development ## Run the properties and races with large numbers, into docs/benchmarks/
	@exec env $(ROOTS) $(BIN)/python -m infra.bench.soak

sbom: $(VENV)/.check ## Write the bill of materials of what is deployed (CycloneDX) into .local/
	@mkdir -p .local
	$(BIN)/cyclonedx-py requirements requirements/runtime.txt --output-reproducible -o .local/sbom.json
	$(BIN)/cyclonedx-py requirements requirements/pdf.txt --output-reproducible -o .local/sbom-pdf.json
	$(BIN)/cyclonedx-py requirements requirements/passkeys.txt --output-reproducible -o .local/sbom-passkeys.json

lock: ## Renew the hashed locks from requirements/*.in (needs uv)
	@cd requirements && for name in *.in; do \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    --output-file $${name%.in}.txt $$name; done

messages: $(VENV)/.development ## Bring the catalogues up to date with the templates
	@$(ROOTS) $(BIN)/python -m infra.local.messages

deploy: .venvs/sam/.ready ## Build and deploy to AWS, asking for each parameter
	$(SAM) build && $(SAM) deploy --guided

clean: ## Remove environments, builds and caches
	rm -rf $(VENV) .venvs .aws-sam .local .pytest_cache .mypy_cache .ruff_cache .hypothesis
