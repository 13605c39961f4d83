#!/usr/bin/env bash
# Real tiles end to end: a small CLIP from scratch on 21 tiles of Kather's texture set, judged by 8 tiles of NCT-CRC-HE, of other
# slides and another scanner: zero-shot, probes, few shots, fine-tuning and retrieval both ways, with intervals,
# beside the same architecture with weights that nothing has trained.
#   EOSIN_SHARED=DIR scripts/real-tiles.sh [FOLDER]
# EOSIN_SHARED (../shared) has data/kather-texture-2016 and data/nct-crc-he-9class. Everything goes into FOLDER (runs/real-tiles); the
# same command goes on where it was stopped. The seven classes are those that both sets have. Exits with 1 where zero-shot accuracy
# or retrieval differ from what the training logged at its end.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
shared=$(cd "${EOSIN_SHARED:-$root/../shared}" && pwd)
out=${1:-runs/real-tiles}
cd "$root"
mkdir -p "$out"
out=$(cd "$out" && pwd)

. scripts/quickstart-stage.sh

# Classes of both sets under one name; the slide of an NCT tile is not known, each has its own.
tiles=$out/tiles.csv
{
  echo 'filepath,label,caption,slide,split'
  awk -F, -v at="$shared/data/kather-texture-2016/" 'BEGIN {
      name["01_TUMOR"] = "tumour epithelium"; name["02_STROMA"] = "stroma"; name["04_LYMPHO"] = "immune cells"
      name["05_DEBRIS"] = "debris"; name["06_MUCOSA"] = "normal mucosa"; name["07_ADIPOSE"] = "adipose tissue"
      name["08_EMPTY"] = "background" }
    $2 in name { printf "%s%s,%s,An H&E image of %s.,%s,train\n", at, $1, name[$2], name[$2], $5 }' \
    "$shared/data/kather-texture-2016/labels.csv"
  awk -F, -v at="$shared/data/nct-crc-he-9class/" 'BEGIN {
      name["TUM"] = "tumour epithelium"; name["STR"] = "stroma"; name["LYM"] = "immune cells"; name["DEB"] = "debris"
      name["NORM"] = "normal mucosa"; name["ADI"] = "adipose tissue"; name["BACK"] = "background" }
    $2 in name { printf "%s%s,%s,An H&E image of %s.,%s,test\n", at, $1, name[$2], name[$2], $1 }' \
    "$shared/data/nct-crc-he-9class/labels.csv"
} > "$tiles"
{ head -n 1 "$tiles"; grep ',test$' "$tiles"; } > "$out/judges.csv"

run=$out/run
columns='{image: filepath, label: label, group: slide}'
if [ ! -d "$run/final" ]; then
  stage 'a small CLIP' '60 s' train recipes/clip/lc25000.yaml output.dir="$run" batch.global=16 schedule.length='120 steps' \
    data.train="{type: csv, path: \"$tiles\", columns: $columns, where: {split: train}, templates: [\"An H&E image of {}.\", \"{}.\"]}" \
    data.validation="{type: csv, path: \"$tiles\", columns: $columns, where: {split: test}, templates: [\"An H&E image of {}.\"]}" \
    evaluate='[{type: zero-shot, name: tiles, prompts: ["An H&E image of {}."], every: 60 steps, bootstrap: 1_000}, {type: validation, name: pairs, every: 60 steps}]'
fi
stage 'zero-shot, probes, few shots, fine-tuning' '90 s' evaluate recipes/eval/lc25000-quickstart.yaml features.path="$run" \
  tiles="{path: \"$tiles\", image: filepath, label: label, group: slide, split: split}" prompts='["An H&E image of {}."]' \
  validation='0 %' output.dir="$out/tasks" tasks='[{type: zero-shot}, {type: linear-probe, strengths: [1]},
    {type: sgd-probe, alphas: [1e-3]}, {type: knn, k: [1]}, {type: few-shot, shots: [1, 2]},
    {type: fine-tune, shares: [50 %, 100 %], lrs: [1e-4], batch: 8, epochs: 10, runs: 3}]'
stage 'embeddings of the tiles' '10 s' embed --model "$run" --images "$out/judges.csv" --out "$out/images.parquet"
stage 'embeddings of the captions' '10 s' embed --model "$run" --texts "$out/judges.csv" --text-column caption --out "$out/texts.parquet"
stage 'retrieval' '10 s' evaluate recipes/eval/retrieval.yaml images="$out/images.parquet" texts="$out/texts.parquet" \
  recalls='[1, 5]' output.dir="$out/retrieval"

logged() { # name of the evaluation, figure
  grep "\"eval\":\"$1\"" "$run/log.jsonl" | tail -n 1 | sed -n "s/.*\"$2\":\([0-9.eE-]*\).*/\1/p"
}
measured() { # folder, evaluation, figure
  awk -F, -v task="$2" -v figure="$3" '$1 == task && $2 == figure { print $3 }' "$1/evaluation.csv"
}
missed=0
mark() { # what, value, what it should be
  awk -v what="$1" -v value="$2" -v wanted="$3" 'BEGIN {
    apart = value - wanted; if (apart < 0) apart = -apart; good = value != "" && wanted != "" && apart <= 1e-9
    printf "%-34s %9.6f   logged %9.6f   %s\n", what, value, wanted, good ? "equal" : "DIFFERENT"; exit !good }' || missed=1
}
printf '\n== measured from files against the log of the training\n'
mark 'zero-shot accuracy' "$(measured "$out/tasks" zero-shot accuracy)" "$(logged tiles zero_shot_top1)"
for direction in image_to_text text_to_image; do
  for figure in recall_at_1 recall_at_5 mean_rank median_rank; do
    mark "$direction ${figure//_/ }" "$(measured "$out/retrieval" retrieval "${direction}_$figure")" \
      "$(logged pairs "${direction}_$figure")"
  done
done
printf 'pages: %s\n' "$run/report.html" "$out/tasks/report.html" "$out/retrieval/report.html"
exit $missed
