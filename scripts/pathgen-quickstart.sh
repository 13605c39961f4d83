#!/usr/bin/env bash
# PathGen's chain from nothing on the drawn world: a decoder, an image tower, a model that describes tiles, one that revises captions
# with known mistakes, its twin without sight, and an evaluation of what was restored, with every control. No download beyond the
# build's own. 17 min 41 s on 2 cores of a Xeon, on a fresh clone that was built; 20 minutes are meant.
#   scripts/pathgen-quickstart.sh [FOLDER]
# Everything goes into FOLDER (runs/pathgen-quickstart); the same command goes on where it was stopped. FOLDER/evaluation/answers.jsonl
# holds every caption before and after its revision, what it should be, and what was shown. Exits with 1 where a mark is missed.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
out=${1:-runs/pathgen-quickstart}
mkdir -p "$out"
started=$SECONDS

. scripts/quickstart-stage.sh

model=(model.tower.from="$out/tower" model.decoder.path="$out/language")
stage 'decoder that answers from told facts' '2 min 30 s' train recipes/language/quickstart.yaml output.dir="$out/language"
stage 'image tower' '4 min' train recipes/clip/drawn-facts.yaml output.dir="$out/tower"
stage 'model that describes' '2 min 30 s' train recipes/vllm/describe-quickstart.yaml "${model[@]}" output.dir="$out/describe"
stage 'model that revises' '3 min' train recipes/vllm/revise-quickstart.yaml "${model[@]}" \
  initialise-from="$out/describe" output.dir="$out/revise"
stage 'its twin without sight' '2 min 30 s' train recipes/vllm/revise-quickstart-twin.yaml "${model[@]}" \
  initialise-from="$out/describe" output.dir="$out/twin"
stage 'evaluation' '1 min' evaluate recipes/vllm/revise-quickstart-evaluate.yaml \
  answers.path="$out/revise" twin="$out/twin" output.dir="$out/evaluation"


stage 'captions for the comparison' '1 min' evaluate recipes/vllm/revise-quickstart-captions.yaml \
  answers.path="$out/revise" describer="$out/describe" output.dir="$out/captions"
compare() { # what it is called, the file of its captions, then what else differs
  local captions=$1 file=$2
  shift 2
  stage "CLIP on $captions captions" '1 min 30 s' train recipes/clip/revised-captions.yaml \
    data.train.captions="$out/captions/$file" output.dir="$out/clip-$captions" "$@"
}
compare raw answers.jsonl data.train.caption=corrupted
compare described described.jsonl data.train.caption=caption 'data.train.where={}'
compare revised answers.jsonl data.train.caption=answer

printf '\n== CLIP trained on each, on held-out tiles with right captions (95 %%)\n'
# The last line of an evaluation in log.jsonl has its figures at the end.
figure() { # file, evaluation, figure
  grep "\"eval\":\"$2\"" "$1" | tail -n 1 | awk -v name="$3" '
    function value(key, at, rest) { at = index($0, "\"" key "\":"); if (!at) return "?"; rest = substr($0, at + length(key) + 3); sub(/[,}].*/, "", rest); return rest }
    { printf "%.3f (%.3f-%.3f)", value(name), value(name "_low"), value(name "_high") }'
}
printf '%-10s %-24s %-24s %-24s\n' captions 'zero-shot top-1' 'image to text, recall@1' 'text to image, recall@1'
for captions in raw described revised; do
  log="$out/clip-$captions/log.jsonl"
  printf '%-10s %-24s %-24s %-24s\n' "$captions" "$(figure "$log" tissue zero_shot_top1)" \
    "$(figure "$log" pairs image_to_text_recall_at_1)" "$(figure "$log" pairs text_to_image_recall_at_1)"
done

printf '\n== marks (%d s in all)\n' $((SECONDS - started))
# evaluation.json has each field of a score on a line of its own.
awk '
  function field(line) { sub(/^[^:]*: */, "", line); sub(/,? *$/, "", line); gsub(/"/, "", line); return line }
  function mark(what, value, wanted, good) {
    printf "%-44s %7.3f   %-28s %s\n", what, value, wanted, good ? "reached" : "MISSED"
    checked++; if (!good) missed++
  }
  /"(metric|of|operation|value|low|high|rows)" *:/ { match($0, /"[a-z]+"/); name = substr($0, RSTART + 1, RLENGTH - 2); has[name] = field($0) }
  /"(value|low|high)" *:/ { has[name] += 0 } # a number, not its digits, is what is compared
  /}/ {
    key = has["of"] " " has["operation"] " " has["metric"]
    if (key == "none all restored") mark("right value restored", has["value"], "at least 0.75", has["value"] >= 0.75)
    if (key == "none all over_corrected") mark("over-corrected", has["value"], "at most 0.08", has["value"] <= 0.08)
    if (key == "none modify restored" || key == "none add restored" || key == "none delete restored")
      printf "  of %-41s %7.3f\n", has["operation"], has["value"]
    if (key == "twin all j") mark("J of the twin without sight", has["value"], "within 0.05 of 0", has["value"] >= -0.05 && has["value"] <= 0.05)
    if (key == "other-image all restored") { other = has["value"]; low = has["low"]; high = has["high"]; seen = 1 }
    if (key == "other-image all restored_by_chance") { chance = has["value"]; known = 1 }
    delete has
  }
  END {
    if (seen && known) mark("restored, shown another image", other, sprintf("chance %.3f in %.3f to %.3f", chance, low, high), low <= chance && chance <= high)
    if (checked < 4) { print "evaluation.json lacks some of the scores"; exit 1 }
    exit missed > 0
  }
' "$out/evaluation/evaluation.json"
