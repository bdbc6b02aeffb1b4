#!/usr/bin/env bash
# Checks the source: ruff, then pytest. Arguments go to pytest: scripts/test.sh tests/scoring -k bleu
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/venv.sh

.venv/bin/python -m ruff check
exec .venv/bin/python -m pytest "$@"
