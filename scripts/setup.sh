#!/usr/bin/env bash
# Sets up a checkout: Debian packages that are missing, and a virtual environment in .venv.
# It needs Python 3.11 or later, Go 1.26 or later, and root only where packages are missing.
set -euo pipefail
cd "$(dirname "$0")/.."

stop() {
    echo "setup: $*" >&2
    exit 1
}

# newer MINIMUM FOUND: whether the version that was found will do
newer() {
    [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

command -v python3 >/dev/null || stop "Python is not installed: expected 3.11 or later (apt-get install python3)"
python=$(python3 -c 'import platform; print(platform.python_version())')
newer 3.11 "$python" || stop "Python $python is too old: expected 3.11 or later"
command -v go >/dev/null || stop "Go is not installed: expected 1.26 or later, from go.dev/dl"
go=$(GOTOOLCHAIN=local go env GOVERSION | sed 's/^go//')
newer 1.26 "$go" || stop "Go $go is too old: expected 1.26 or later, from go.dev/dl"

missing=()
command -v runc >/dev/null || missing+=(runc)
command -v mmdebstrap >/dev/null || missing+=(mmdebstrap)
command -v gpg-agent >/dev/null || missing+=(gpg gpg-agent)
[ -e /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)
python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
missing+=("$@")
if [ ${#missing[@]} -gt 0 ]; then
    command -v apt-get >/dev/null || stop "missing programs: ${missing[*]}: install them, then run this again"
    [ "$(id -u)" = 0 ] || stop "missing packages: run as root: apt-get install ${missing[*]}"
    echo "setup: installing Debian packages ${missing[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

if [ ! -x .venv/bin/python ]; then
    echo "setup: making a virtual environment in .venv"
    python3 -m venv .venv
fi
echo "setup: installing Python packages"
.venv/bin/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
.venv/bin/pip install --quiet --disable-pip-version-check --no-deps -e . -e engine
# as compile_bytecode.py does for the module: where Python may not write beside the source, each
# call would compile it
.venv/bin/python -m compileall -q engine/src
touch .venv/.ready
