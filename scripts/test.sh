#!/usr/bin/env bash
# Checks the source: ruff, then pytest. Arguments go to pytest: scripts/test.sh tests/scoring -k bleu
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/venv.sh

.venv/bin/python -m ruff check
.venv/bin/python -m ruff format --check --quiet
# Two at a time: most of a test is Python tracing one graph, which keeps one core busy.
exec .venv/bin/python -m pytest -n 2 --dist worksteal "$@"
