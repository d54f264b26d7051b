# Two commands for a fresh clone: `make demo` and `make test`. `make` alone lists the rest.
BIN := .venv/bin
INSTALLED := .venv/.installed

# onnxruntime reports its use to its maker unless told; edge/detect says so too, benchmarks load it directly.
export ORT_DISABLE_TELEMETRY := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(INSTALLED) ## make .venv with everything locked (PYTHON=... for another interpreter)

# Older than what it was made from: installed again, which is quick where little has changed.
$(INSTALLED): requirements/dev.txt pyproject.toml tools/install.sh
	PYTHON="$(PYTHON)" tools/install.sh .venv
	@touch $@

demo: install ## the service on a real video for a minute, alerts arriving over gRPC
	$(BIN)/fenceline demo

test: install ## all tests (ARGS="-k tripwire" for some)
	$(BIN)/pytest $(ARGS)

check: install ## lint, format, types, contract, generated code, its package, Dockerfile
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/buf lint proto
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python tools/proto.py --check
	$(BIN)/python tools/api.py
	PYTHONPATH=. $(BIN)/python tools/asyncapi.py --check
	$(BIN)/hadolint Dockerfile

bench: install ## all benchmarks, with their tables and results
	$(BIN)/python -m benchmarks all $(ARGS)

proto: install ## generate edge/rpc and the schemas of docs/asyncapi.yaml from proto/
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python tools/proto.py
	PYTHONPATH=. $(BIN)/python tools/asyncapi.py

lock: ## pin all dependencies anew (needs uv; ARGS=--upgrade for newer ones)
	tools/lock.sh $(ARGS)

clean: ## delete .venv and everything that can be made again
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

.PHONY: help install demo test check bench proto lock clean
