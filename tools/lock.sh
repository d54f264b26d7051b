#!/usr/bin/env bash
# Re-pin every dependency with hashes: requirements/run.txt for users, requirements/dev.txt for us.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=${UV:-uv}
common=(--quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command tools/lock.sh)
"$uv" pip compile pyproject.toml "${common[@]}" --extra bench --group dev -o requirements/dev.txt
"$uv" pip compile pyproject.toml "${common[@]}" -c requirements/dev.txt -o requirements/run.txt
