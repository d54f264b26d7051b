#!/usr/bin/env bash
# Re-pin every dependency with hashes. run.txt: the service on CPU; run-cuda.txt: the same on CUDA;
# sinks.txt: MQTT and NATS, beside either; build.txt: what makes the wheel; dev.txt: everything for us;
# models/recipes: what a converter needs (when that changed, make its models anew: their digests must stay).
# Pins stay where they still fit; for newer ones give uv's options: tools/lock.sh --upgrade, or
# --upgrade-package NAME. UV names another uv.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=${UV:-uv}
options=("$@")

lock() {
  "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
    --no-emit-find-links --custom-compile-command tools/lock.sh "${options[@]}" "$@"
}

lock pyproject.toml --extra bench --extra mqtt --extra nats --group dev -o requirements/dev.txt
lock pyproject.toml -c requirements/dev.txt -o requirements/run.txt
lock pyproject.toml --extra gpu --override requirements/no-cpu-runtime.in \
  -c requirements/run.txt -o requirements/run-cuda.txt
lock requirements/sinks.in -c requirements/dev.txt -o requirements/sinks.txt
lock --group build -c requirements/dev.txt -o requirements/build.txt
lock models/recipes/picodet-requirements.in -o models/recipes/picodet-requirements.txt
