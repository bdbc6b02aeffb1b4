#!/usr/bin/env bash
# The four commands on the sample corpus: prepare, train, translate, score. A second run goes on with the checkpoint/ that is there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/venv.sh

export PATH="$PWD/.venv/bin:$PATH"
unset MTKIT_CHECKPOINT_DIR
least_bleu=90
started=$SECONDS

say() {
    echo "== $*" >&2
}

is_prepared() {
    python -c 'import sys; from pathlib import Path; from mtkit.checkpoint import Checkpoint
sys.exit(0 if Checkpoint(Path("checkpoint")).has_stage("prepare") else 3)'
}

if is_prepared; then
    say "mtkit prepare: done in an earlier run, checkpoint/data is used (delete checkpoint/ to start afresh)"
else
    say "mtkit prepare"
    mtkit prepare
fi

# Trains on where an earlier run was interrupted; says so and leaves at once where one had come to its end.
say "mtkit train"
mtkit train

say "mtkit translate < data/sample/test.en > checkpoint/test.fr"
mtkit translate <data/sample/test.en >checkpoint/test.fr

say "mtkit score"
mtkit score

say "ten translations: source, translation, reference"
paste data/sample/test.en checkpoint/test.fr data/sample/test.fr |
    awk -F '\t' 'NR <= 10 { printf "\n  %s\n  %s\n  %s\n", $1, $2, $3 }'

# What translate wrote, scored as a file: no model needed, so this is quick.
bleu=$(mtkit score --hypothesis checkpoint/test.fr --reference data/sample/test.fr --bootstrap-samples 0 --json |
    python -c 'import json, sys; print("%.2f" % json.load(sys.stdin)["scores"]["bleu"]["score"])')
echo
echo "BLEU $bleu in $((SECONDS - started)) seconds"
if ! python -c 'import sys; sys.exit(float(sys.argv[1]) < float(sys.argv[2]))' "$bleu" "$least_bleu"; then
    echo "error: BLEU $bleu is below $least_bleu" >&2
    exit 1
fi
