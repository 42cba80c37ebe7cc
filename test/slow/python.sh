#!/usr/bin/env bash
# Makes a Python environment with the packages given, once, and prints the path of its interpreter.
# Usage: python.sh <folder> <package>…
set -euo pipefail
folder=$1
shift
mark="$folder/packages"
if [ "$(cat "$mark" 2>/dev/null)" != "$*" ]; then
  rm -rf "$folder"
  mkdir -p "$(dirname "$folder")"
  python3 -m venv "$folder" >&2
  "$folder/bin/pip" install --quiet --disable-pip-version-check "$@" >&2
  echo "$*" > "$mark"
fi
echo "$folder/bin/python"
