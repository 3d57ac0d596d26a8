#!/usr/bin/env bash
# The whole loop with a tiny model, on one core in about two minutes: import, review, export, train,
# ask again, compare. See README.md.
#
#     examples/loop/loop.sh [FOLDER]       a new folder; else one beside this script
#
# CORRIGENDA_TRAIN_PYTHON names the Python that has PyTorch and TRL, if they are not installed with
# Corrigenda itself.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${1:-$here/out}
if [ -e "$out" ]; then
	echo "\`$out\` is there already; name a new folder" >&2
	exit 1
fi
mkdir -p "$out"
export CORRIGENDA_WORKSPACE=$out/workspace
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1} # more threads than one only get into each other's way here

say() { printf '\n$ %s\n' "$*"; }
run() { say "$@"; "$@"; }

# What the model got wrong and right. Half of the prompts are never trained on.
run corrigenda import "$here/benchmark" --held-out-share 0.5

# A person does this on the page (`corrigenda serve`).
run python "$here/decide.py" "$CORRIGENDA_WORKSPACE"

# The approved corrections as a named export, with passes replayed; then the training.
run corrigenda train --model "$here/model" --output "$out/training" --name corrections-1 \
	--exclude-category scoring_artifact --replay 0.5 \
	--epochs 12 --learning-rate 1e-3 --batch-size 8 --max-length 256

# Both models are asked the same, by the same program.
run corrigenda evaluate tiny-benchmark --model "$here/model" --as before
run corrigenda evaluate tiny-benchmark --model "$out/training" --as after

# Fails (exit code 3) unless what was trained on is fixed and nothing got worse.
run corrigenda compare before after --trained corrections-1 \
	--fail-on 'trained.fixed_rate<0.95' --fail-on 'regressed>0'
corrigenda compare before after --trained corrections-1 --output "$out/report.md" \
	--card "$out/training" 2>&1
