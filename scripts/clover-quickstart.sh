#!/usr/bin/env bash
# From nothing to a model that answers questions about tiles, as CLOVER is trained: a decoder that reads facts, an image tower, a
# Q-Former aligned with captions, the same tuned on questions (InstructBLIP's form), and an evaluation on held-out tiles with every
# control. No download beyond the build's own. 10 min 13 s on 2 cores of a Xeon where nothing
# else ran; 15 minutes are meant.
#   scripts/clover-quickstart.sh [FOLDER]
# Everything goes into FOLDER (runs/clover-quickstart); the same command goes on where it was stopped. FOLDER/evaluation/answers.jsonl
# holds every question, right answer, answer, image key and control. Exits with 1 where a mark is missed.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
out=${1:-runs/clover-quickstart}
mkdir -p "$out"
started=$SECONDS

. scripts/quickstart-stage.sh

stage 'decoder that answers from told facts' '3 min' train recipes/language/quickstart.yaml \
  output.dir="$out/language" 'schedule.length=1600 steps' 'evaluate.0.every=1600 steps'
stage 'image tower' '4 min' train recipes/clip/drawn-facts.yaml output.dir="$out/tower"
stage 'alignment of the Q-Former with captions' '1 min 30 s' train recipes/qformer/quickstart-align.yaml \
  output.dir="$out/align" tower.from="$out/tower/final" tower.cache.dir="$out/features"
stage 'tuning on questions' '4 min' train recipes/qformer/quickstart-answer.yaml \
  output.dir="$out/answer" tower.from="$out/tower/final" tower.cache.dir="$out/features" \
  qformer.path="$out/align" language.path="$out/language"
stage 'evaluation' '1 min 30 s' evaluate recipes/qformer/quickstart-evaluate.yaml \
  output.dir="$out/evaluation" answers.path="$out/answer"

printf '\n== marks (%d s in all)\n' $((SECONDS - started))
scripts/judge-quickstart.sh "$out/evaluation/evaluation.json"
