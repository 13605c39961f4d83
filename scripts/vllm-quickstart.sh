#!/usr/bin/env bash
# Trains a model of images and text on the drawn world in two stages, scores its answers and holds them against marks: no data, no
# download. Exits with 1 where a mark is missed.
#   scripts/vllm-quickstart.sh [FOLDER]       everything goes into FOLDER, runs/ without it
# 7 min 29 s on 2 cores of an EPYC where nothing else ran; each stage prints what it took beside its budget.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-runs}
begun=$SECONDS

. scripts/quickstart-stage.sh

model=(model.tower.from="$runs/drawn-facts" model.decoder.path="$runs/language-quickstart")
stage tower "4 min" train recipes/clip/drawn-facts.yaml output.dir="$runs/drawn-facts"
stage "language model" "2 min" train recipes/language/quickstart.yaml output.dir="$runs/language-quickstart"
stage "stage 1, projector" "2 min 30 s" train recipes/vllm/quickstart.yaml "${model[@]}" output.dir="$runs/vllm-quickstart-1"
stage "stage 2, projector and adapters" "4 min" train recipes/vllm/quickstart-stage2.yaml "${model[@]}" \
  initialise-from="$runs/vllm-quickstart-1" output.dir="$runs/vllm-quickstart-2"
stage answers "1 min" evaluate recipes/vllm/quickstart-answers.yaml answers.path="$runs/vllm-quickstart-2" \
  output.dir="$runs/vllm-quickstart-answers"
printf '\n== marks (%d s in all; answers: %s)\n' $((SECONDS - begun)) "$runs/vllm-quickstart-answers/answers.jsonl"
scripts/judge-quickstart.sh "$runs/vllm-quickstart-answers/evaluation.json"
