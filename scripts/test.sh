#!/usr/bin/env bash
# Runs the tests. Without tests named, a run in which no integration test was executed fails.
# usage: test.sh embedded|dagger MARK-EXPRESSION [TEST ...]
set -euo pipefail
cd "$(dirname "$0")/.."
engine=$1 marks=$2
shift 2

if [ "$engine" = dagger ] && ! command -v dagger >/dev/null; then
    echo "no 'dagger' command on PATH: the tests that need a Dagger engine are skipped, and counted" >&2
fi
[ $# -gt 0 ] || set -- --require-integration
exec .venv/bin/pytest --engine="$engine" -m "$marks" "$@"
