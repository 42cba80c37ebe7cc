#!/usr/bin/env bash
# Fetches Trino's engine with Maven, once, and runs every statement of a folder in it.
# Usage: trino.sh <cache folder> <folder of statements>
set -euo pipefail
cache=$1
statements=$2
here=$(cd "$(dirname "$0")/trino" && pwd)
if ! cmp -s "$here/pom.xml" "$cache/pom.xml"; then
  rm -rf "$cache"
  mkdir -p "$cache"
  mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies "-DoutputDirectory=$cache/lib" >&2
  cp "$here/pom.xml" "$cache/pom.xml"
fi
java -cp "$cache/lib/*" "$here/Ask.java" "$statements" 2> "$cache/log" || { tail -5 "$cache/log" >&2; exit 1; }
