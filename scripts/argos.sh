#!/usr/bin/env bash
# Tests a package of 'mtkit export --to argos' with the real Argos Translate, in a virtual environment of its own, which takes some
# gigabytes: scripts/argos.sh [FOLDER OF THE ENVIRONMENT]
set -euo pipefail
environment=$(realpath "${1:-$(mktemp -d)/argos}")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/venv.sh

if [ ! -x "$environment/bin/python" ]; then
    python3 -m venv "$environment"
fi
"$environment/bin/python" -c "import argostranslate" 2>/dev/null || "$environment/bin/pip" install --quiet argostranslate
MTKIT_ARGOS_PYTHON="$environment/bin/python" exec .venv/bin/python -m pytest -m slow tests/export/test_argos.py
