#!/usr/bin/env bash
# Publishes a source with the embedded engine, and shows what the registry then holds.
# usage: publish.sh SOURCE NAME PLATFORMS ADDRESS [FLAG ...]
# without an address to the repository NAME of the registry on loopback
set -euo pipefail
cd "$(dirname "$0")/.."
source=$1 name=$2 platforms=$3 address=$4
shift 4
engine=.venv/bin/buildkit-engine

echo "publish: starting the engine (the first time, its tools are built: about two minutes)" >&2
registry=$($engine registry)
references=$($engine call --source "$source" publish --platforms "$platforms" \
    --address "${address:-$registry/$name:latest}" "$@")
while read -r reference; do
    echo
    # a registry may let a user push whom it does not let read without the same credentials
    $engine inspect "$reference" || echo "published $reference; it cannot be read back from here" >&2
done <<<"$references"
echo
$engine status | sed -n '/^base images/,$p'
