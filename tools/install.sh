#!/usr/bin/env bash
# Make the virtual environment (.venv, or the folder given) and install what is locked into it.
# PYTHON names another interpreter; pip's own variables and files (PIP_INDEX_URL, ...) hold as always.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${1:-.venv}

fail() {
  printf 'install: %s\n' "$@" >&2
  exit 1
}

is_new_enough() {
  "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null
}

find_python() {
  local name
  for name in ${PYTHON:-python3.11 python3 python3.13 python3.12}; do
    if is_new_enough "$name"; then
      echo "$name"
      return
    fi
  done
  fail "no Python 3.11 or newer among: ${PYTHON:-python3.11, python3}" \
    "install one (Debian 12 or newer: apt-get install python3) or name it: make install PYTHON=/path/to/python3.11"
}

# Debian keeps the part of `venv` that brings pip in a package of its own.
need_venv() {
  local python=$1 package
  "$python" -c 'import ensurepip, venv' 2> /dev/null && return
  package=$("$python" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])')
  command -v apt-get > /dev/null || fail "$python can't make virtual environments; install its 'venv' module"
  [[ $(id -u) == 0 ]] || fail "$python can't make virtual environments; run:" "  sudo apt-get install $package"
  echo "installing Debian's $package"
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "$package"
}

if ! is_new_enough "$venv/bin/python" || ! "$venv/bin/python" -m pip --version > /dev/null 2>&1; then
  python=$(find_python)
  need_venv "$python"
  "$python" -m venv --clear "$venv"
fi
pip=("$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps)
echo "installing the locked packages into $venv (some minutes the first time)"
"${pip[@]}" --require-hashes -r requirements/dev.txt
"${pip[@]}" --no-build-isolation -e .
echo "compiling the tracker, once"
"$venv/bin/fenceline" prepare
