#!/usr/bin/env bash
# Trains a model of images and text on the drawn world in two stages, scores its answers and holds them against marks: no data, no
# download. Exits with 1 where a mark is missed.
#   scripts/vllm-quickstart.sh [FOLDER]       everything goes into FOLDER, runs/ without it
# Budget on 2 cores where nothing else runs: tower 4 min, language model 2 min, stage 1 2 min, stage 2 9 min, answers 1 min; 18 in all, and no run has shown less.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-runs}
begun=$SECONDS

stage() { # name, minutes, command...
  local name=$1 minutes=$2 from=$SECONDS
  shift 2
  printf '== %s (budget %s min)\n' "$name" "$minutes"
  "$@"
  printf '== %s took %d s of %d\n' "$name" $((SECONDS - from)) $((60 * minutes))
}

model=(model.tower.from="$runs/drawn-facts" model.decoder.path="$runs/language-quickstart")
stage tower 4 ./eosin train recipes/clip/drawn-facts.yaml output.dir="$runs/drawn-facts"
stage "language model" 2 ./eosin train recipes/language/quickstart.yaml output.dir="$runs/language-quickstart"
stage "stage 1, projector" 2 ./eosin train recipes/vllm/quickstart.yaml "${model[@]}" output.dir="$runs/vllm-quickstart-1"
stage "stage 2, projector and adapters" 9 ./eosin train recipes/vllm/quickstart-stage2.yaml "${model[@]}" \
  initialise-from="$runs/vllm-quickstart-1" output.dir="$runs/vllm-quickstart-2"
stage answers 1 ./eosin evaluate recipes/vllm/quickstart-answers.yaml answers.path="$runs/vllm-quickstart-2" \
  output.dir="$runs/vllm-quickstart-answers"
printf '\n== marks (%d s in all; answers: %s)\n' $((SECONDS - begun)) "$runs/vllm-quickstart-answers/answers.jsonl"
scripts/judge-quickstart.sh "$runs/vllm-quickstart-answers/evaluation.json"
