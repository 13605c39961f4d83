#!/usr/bin/env bash
# From nothing to pages of results: a small CLIP on drawn tiles, then embeddings, zero-shot classification, probes, few shots, retrieval
# both ways, each with intervals, beside the same architecture with weights that nothing has trained. No download beyond the build's own.
#   scripts/eval-quickstart.sh [FOLDER]
# Everything goes into FOLDER (runs/eval-quickstart); the same command goes on where it was stopped. A finished run may be named by
# EOSIN_RUN. The pages are FOLDER/run/report.html, FOLDER/tiles-evaluation/report.html, FOLDER/pairs-evaluation/report.html and
# FOLDER/comparison/comparison.html. Exits with 1 where zero-shot classification or retrieval differ from what the training logged.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
out=${1:-runs/eval-quickstart}
run=${EOSIN_RUN:-$out/run}
mkdir -p "$out"
started=$SECONDS

. scripts/quickstart-stage.sh

if [ ! -d "$run/final" ]; then
  stage 'a small CLIP' '2 min 30 s' train recipes/clip/quickstart.yaml output.dir="$run"
fi
[ -d "$out/tiles" ] || stage 'its held-out tiles' '10 s' data export recipes/clip/quickstart.yaml --split validation --out "$out/tiles"
stage 'embeddings of the tiles' '15 s' embed --model "$run" --images "$out/tiles/labels.csv" --out "$out/images.parquet"
stage 'embeddings of the captions' '15 s' embed --model "$run" --texts "$out/tiles/labels.csv" --text-column caption --out "$out/texts.parquet"
stage 'zero-shot, probes, k-NN, few shots' '60 s' evaluate recipes/eval/quickstart.yaml features.path="$run" \
  tiles.path="$out/tiles/labels.csv" output.dir="$out/tiles-evaluation"
stage 'retrieval' '15 s' evaluate recipes/eval/retrieval.yaml images="$out/images.parquet" texts="$out/texts.parquet" \
  recalls='[1, 5, 10]' output.dir="$out/pairs-evaluation"
stage 'the same tasks by an earlier checkpoint' '60 s' evaluate recipes/eval/quickstart.yaml \
  features.path="$run/checkpoints/step-00000150" tiles.path="$out/tiles/labels.csv" random-weights=false output.dir="$out/earlier-evaluation"
stage 'both side by side' '10 s' compare "$out/earlier-evaluation" "$out/tiles-evaluation" --out "$out/comparison"

# The last evaluations of the log, and what was measured from stored files.
logged() { # name of the evaluation, figure
  grep "\"eval\":\"$1\"" "$run/log.jsonl" | tail -n 1 | sed -n "s/.*\"$2\":\([0-9.eE-]*\).*/\1/p"
}
measured() { # file, evaluation, figure
  awk -F, -v task="$2" -v figure="$3" '$1 == task && $2 == figure { print $3 }' "$1/evaluation.csv"
}
missed=0
mark() { # what, value, what it should be
  awk -v what="$1" -v value="$2" -v wanted="$3" 'BEGIN {
    apart = value - wanted; if (apart < 0) apart = -apart; good = value != "" && wanted != "" && apart <= 1e-9
    printf "%-34s %9.6f   logged %9.6f   %s\n", what, value, wanted, good ? "equal" : "DIFFERENT"; exit !good }' || missed=1
}
printf '\n== measured from files against the log of the training (%d s in all)\n' $((SECONDS - started))
mark 'zero-shot accuracy' "$(measured "$out/tiles-evaluation" zero-shot accuracy)" "$(logged tiles zero_shot_top1)"
for direction in image_to_text text_to_image; do
  for figure in recall_at_1 recall_at_5 recall_at_10 mean_rank median_rank; do
    mark "$direction ${figure//_/ }" "$(measured "$out/pairs-evaluation" retrieval "${direction}_$figure")" \
      "$(logged pairs "${direction}_$figure")"
  done
done
printf 'pages: %s\n' "$run/report.html" "$out"/*-evaluation/report.html "$out/comparison/comparison.html"
exit $missed
