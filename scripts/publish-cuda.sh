#!/usr/bin/env bash
# Publishes examples/cuda-app with the embedded engine, as publish.sh does.
# Where the usual registries do not answer, NVIDIA's packages come from the engine: from a copy of the
# example with [cuda.apt] in its pipeline.toml.
# usage: publish-cuda.sh PLATFORMS ADDRESS [FLAG ...]; without an address to the registry on loopback
set -euo pipefail
cd "$(dirname "$0")/.."
platforms=$1 address=$2
shift 2
engine=.venv/bin/buildkit-engine
source=examples/cuda-app

echo "publish-cuda: asking for the packages of NVIDIA, which are made where they cannot be had (minutes, the first time)" >&2
repositories=$($engine apt-repository)
if [ -n "$repositories" ]; then
    source=$(mktemp -d /tmp/cuda-app.XXXXXX)
    trap 'rm -r "$source"' EXIT
    cp -R examples/cuda-app/. "$source"
    # strings of JSON are strings of TOML as well
    settings=$(.venv/bin/python -c '
import json, sys

for platform, setting in json.load(sys.stdin).items():
    print(f"\n[cuda.apt.{json.dumps(platform)}]")
    print("\n".join(f"{name} = {json.dumps(value)}" for name, value in setting.items()))
' <<<"$repositories")
    echo "$settings" >>"$source/pipeline.toml"
    echo "publish-cuda: a copy of the example, with this in its pipeline.toml:$settings" >&2
fi
scripts/publish.sh "$source" cuda-app "$platforms" "$address" "$@"
