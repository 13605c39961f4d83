#!/usr/bin/env bash
# From nothing to a bundle that onnxruntime runs: a small CLIP on drawn tiles, its graphs in three precisions, and what they make of the
# held-out tiles: the same zero-shot top-1 as the run's log. No download beyond the build's own.
#   scripts/export-quickstart.sh [FOLDER]
# Everything goes into FOLDER (runs/export-quickstart); the same command goes on where it was stopped. Where python3 has onnxruntime, numpy,
# Pillow and tokenizers, the fp32 bundle is asked from there, too (scripts/check-onnx.py). Exits with 1 where a figure differs.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
out=${1:-runs/export-quickstart}
mkdir -p "$out"
started=$SECONDS

. scripts/quickstart-stage.sh

stage 'a small CLIP' '2 min 30 s' train recipes/clip/quickstart.yaml output.dir="$out/run"
for precision in fp32 fp16 int8; do
  stage "bundle in $precision" '20 s' export "$out/run" --to onnx --precision $precision --out "$out/$precision" --replace
done

# The last zero-shot evaluation of the log, and the field of verification.json.
logged=$(grep '"eval":"tiles"' "$out/run/log.jsonl" | tail -n 1 | sed 's/.*"zero_shot_top1":\([0-9.eE-]*\).*/\1/') || true
graph() { sed -n 's/.*"zero_shot_top1_graph" *: *\([0-9.eE-]*\).*/\1/p' "$out/$1/verification.json"; }
missed=0
mark() { # what, value, what it should be, largest difference
  awk -v what="$1" -v value="$2" -v wanted="$3" -v most="$4" 'BEGIN {
    apart = value - wanted; if (apart < 0) apart = -apart; good = value != "" && wanted != "" && apart <= most
    printf "%-44s %7.4f   logged %7.4f, at most %s apart   %s\n", what, value, wanted, most, good ? "reached" : "MISSED"; exit !good }' || missed=1
}
printf '\n== zero-shot top-1 by onnxruntime on 512 held-out tiles (%d s in all)\n' $((SECONDS - started))
mark 'fp32' "$(graph fp32)" "$logged" 0
mark 'fp16' "$(graph fp16)" "$logged" 0.005
mark 'int8' "$(graph int8)" "$logged" 0.01

if python3 -c 'import numpy, onnxruntime, PIL, tokenizers' 2> /dev/null; then
  [ -d "$out/tiles" ] || ./eosin data export recipes/clip/quickstart.yaml --split validation --out "$out/tiles"
  mark 'fp32, from Python' "$(python3 scripts/check-onnx.py "$out/fp32" "$out/tiles")" "$logged" 0
else
  echo 'python3 has not all of numpy, onnxruntime, Pillow and tokenizers: the bundle was asked from Java alone'
fi
exit $missed
