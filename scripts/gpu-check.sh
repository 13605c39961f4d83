#!/usr/bin/env bash
# Everything about a GPU in one command, for anybody who has one:
#   scripts/gpu-check.sh [--ranks N] [OUT]
# info, doctor, every kernel beside the CPU's fp32, two steps with a resume (as they come, and with compute.deterministic), a loss
# trajectory of 20 steps beside the CPU's, peak memory beside the plan, and images/s of three models at several batches. With --ranks N
# also N ranks, a GPU each: their losses beside one process's (scripts/ranks-check.sh), seconds of an update and bytes. OUT (default
# gpu-check) gets each stage's output, results.json, and results.md with tables for docs/results.md.
# A stage that fails or passes its time limit is told and the next one goes on; exit code 1 where one did.
#
#   GPU_CHECK_DEVICE   cuda (default where there is a GPU), cuda:1, or cpu: the same stages at toy size
#   GPU_CHECK_EOSIN    the command to check (default: eosin beside this script)
#   GPU_CHECK_LIMIT    seconds that a stage may take at most (default 600, at toy size 300)
#   GPU_CHECK_STAGES   which stages, of: info doctor kernels resume deterministic losses memory speed ranks
#   PYTHON             a Python with torch, for the stage kernels; on a GPU a torch with CUDA. Without one the stage is left out and told
set -u
ranks=
if [ "${1:-}" = --ranks ]; then
  ranks=${2:-}
  case $ranks in '' | *[!0-9]*) echo "gpu-check: --ranks needs a number" >&2; exit 2 ;; esac
  shift 2
fi
root=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-gpu-check}
eosin=${GPU_CHECK_EOSIN:-$root/eosin}
python=${PYTHON:-python3}
gpu=absent
if ls /dev/nvidia[0-9]* >/dev/null 2>&1 || { [ -e /dev/dxg ] && [ -e /usr/lib/wsl/lib/libcuda.so.1 ]; }; then gpu=present; fi
device=${GPU_CHECK_DEVICE:-$([ $gpu = present ] && echo cuda || echo cpu)}
toy=; [ "$device" = cpu ] && toy=1
limit=${GPU_CHECK_LIMIT:-$([ -n "$toy" ] && echo 300 || echo 600)}
stages=${GPU_CHECK_STAGES:-info doctor kernels resume deterministic losses memory speed${ranks:+ ranks}}
recipe=$root/recipes/clip/quickstart.yaml
mkdir -p "$out" || exit 2
out=$(cd "$out" && pwd)
: >"$out/stages.jsonl"
failed=0

# A text as a JSON string.
quoted() { printf '"%s"' "$(printf '%s' "$1" | tr '\n\t' '  ' | sed 's/[\\"]/\\&/g')"; }

# note STAGE VERDICT SECONDS TEXT [JSON]: one line of the results, and one for who waits.
note() {
  printf '{"stage":%s,"verdict":%s,"seconds":%s,"told":%s%s}\n' "$(quoted "$1")" "$(quoted "$2")" "$3" "$(quoted "$4")" \
    "${5:+,\"result\":$5}" >>"$out/stages.jsonl"
  printf '%-14s %-8s %5s s  %s\n' "$1" "$2" "$3" "$4"
}

# stage NAME COMMAND...: runs it under the limit, its output in OUT/NAME.log; says whether it went well.
stage() {
  name=$1; shift
  begun=$SECONDS
  timeout -k 20 "$limit" "$@" >"$out/$name.log" 2>&1
  code=$?
  took=$((SECONDS - begun))
  [ $code = 0 ] && return
  failed=1
  verdict=failed; [ $code = 124 ] || [ $code = 137 ] && verdict=timeout
  note "$name" $verdict $took "exit code $code: $(tail -n 1 "$out/$name.log")"
  return 1
}

train() {
  "$eosin" train "$recipe" "compute.device=$device" 'evaluate=[]' output.checkpoint-every="20 steps" logging.tensorboard=false "$@"
}
small='data.train.samples=256 data.validation.samples=64 batch.global=8'
export -f train
export eosin recipe device

info() {
  stage info "$eosin" info && note info ok $took "$(grep -E '^(libtorch|cuda device|cpu) ' "$out/info.log" | tr -s ' ' | paste -sd ';' -)"
}

doctor() {
  stage doctor "$eosin" doctor --dir "$out" && note doctor ok $took "$(tail -n 1 "$out/doctor.log")"
}

# The kernels' script says which torch and which device; its JSON has the distance of each kernel.
kernels() {
  if ! "$python" -c 'import torch' >/dev/null 2>&1; then
    note kernels skipped 0 "$python has no torch; name one that has with PYTHON"
    return
  fi
  stage kernels "$python" "$root/scripts/check-cuda-kernels.py" --device "$device" --json "$out/kernels.json"
  went=$?
  [ $went = 0 ] && note kernels ok $took "$(tail -n 1 "$out/kernels.log")"
}

# Two steps, a checkpoint, the second step once more.
smoke() {
  name=$1; shift
  # shellcheck disable=SC2086 # settings are words
  stage "$name" bash -c 'train --smoke "$@"' train output.dir="$out/$name-run" $small "$@" &&
    note "$name" ok $took "$(grep -E 'bit for bit|step.s length' "$out/$name.log" | tail -n 1 | tr -s ' ')"
}

resume() { smoke resume precision="$narrow"; }

deterministic() { smoke deterministic precision="$narrow" compute.deterministic=true; }

# The largest distance of 20 losses from the CPU's, both in fp32.
losses() {
  rm -rf "$out/losses-run" "$out/losses-cpu"
  # shellcheck disable=SC2086 # settings are words
  stage losses bash -c 'train "$@"' train schedule.length="20 steps" precision=fp32 output.dir="$out/losses-run" logging.every="1 steps" $small || return
  here=$took
  # shellcheck disable=SC2086 # settings are words
  stage losses-cpu bash -c 'device=cpu; train "$@"' train schedule.length="20 steps" precision=fp32 output.dir="$out/losses-cpu" logging.every="1 steps" $small || return
  for run in losses-run losses-cpu; do
    sed -n 's/.*"loss":\([-0-9.eE]*\).*/\1/p' "$out/$run/log.jsonl" >"$out/$run.txt"
  done
  told=$(paste "$out/losses-run.txt" "$out/losses-cpu.txt" | awk '
    { d = $1 - $2; if (d < 0) d = -d; if (d > most) most = d; n++ }
    END { printf "%d %.2e %s", n, most, (n == 20 && most < 0.02) ? "ok" : "wrong" }')
  # shellcheck disable=SC2086 # three words
  set -- $told
  [ "$3" = ok ] || failed=1
  note losses "$([ "$3" = ok ] && echo ok || echo failed)" $here "$1 losses, at most $2 from the CPU's fp32 (0.02 is right)" "{\"steps\":$1,\"largest\":$2}"
}

# What the plan says beside what four steps take of the GPU (with whatever else is on it).
memory() {
  # shellcheck disable=SC2086 # settings are words
  stage memory bash -c 'train --plan "$@"' train precision="$narrow" output.dir="$out/memory-run" $small || return
  planned=$(sed -n 's/^total *\([0-9.]* [A-Za-z]*\).*/\1/p' "$out/memory.log" | head -n 1)
  took_planning=$took
  rm -rf "$out/memory-run"
  : >"$out/memory.mib"
  watch "$out/memory.mib" & watcher=$!
  # shellcheck disable=SC2086 # settings are words
  stage memory-run bash -c 'train "$@"' train schedule.length="4 steps" precision="$narrow" output.dir="$out/memory-run" $small
  went=$?
  kill $watcher 2>/dev/null; wait $watcher 2>/dev/null
  [ $went = 0 ] || return
  peak=$(sort -n "$out/memory.mib" | tail -n 1)
  note memory ok $((took_planning + took)) "planned $planned, $([ -n "$peak" ] && echo "$peak MiB of the GPU at most" || echo "not measured without nvidia-smi")"
}

# Peak of the GPU's memory while a command runs; nothing without nvidia-smi.
watch() {
  command -v nvidia-smi >/dev/null || return
  while sleep 1; do nvidia-smi --query-gpu=memory.used --format=csv,noheader,nounits | sort -n | tail -n 1; done >"$1"
}

speed() {
  for model in $models; do
    for batch in $batches; do
      name=speed-$model-$batch
      : >"$out/$name.mib"
      watch "$out/$name.mib" & watcher=$!
      stage "$name" "$eosin" bench clip-train --model "$model" --batch "$batch" --device "$device" --precision "$narrow" --steps "$steps"
      went=$?
      kill $watcher 2>/dev/null; wait $watcher 2>/dev/null
      [ $went = 0 ] || continue
      line=$(grep '^{' "$out/$name.log" | tail -n 1)
      rate=$(printf '%s' "$line" | sed -n 's/.*"images_per_s":\([0-9.]*\).*/\1/p')
      peak=$(sort -n "$out/$name.mib" | tail -n 1)
      note "$name" ok $took "$rate images/s${peak:+, $peak MiB of the GPU at most}" "$line"
      printf '| %s | %s | %s | %s | %s |\n' "$model" "$batch" "$narrow" "$rate" "${peak:--}" >>"$out/speed.rows"
    done
  done
}

# Whether ranks change no result, then what they cost.
ranks() {
  if [ -z "$ranks" ]; then
    note ranks skipped 0 "say --ranks N"
    return
  fi
  stage ranks env RANKS_CHECK_EOSIN="$eosin" RANKS_CHECK_DEVICE="${device%%:*}" RANKS_CHECK_KINDS="${toy:+clip}" \
    "$root/scripts/ranks-check.sh" "$ranks" "$out/ranks" &&
    note ranks ok $took "$(grep -c '"verdict":"ok"' "$out/ranks/ranks.jsonl") runs on $ranks ranks lose as one process does"
  # shellcheck disable=SC2086 # settings are words
  stage ranks-speed "$eosin" bench ranks "$recipe" --ranks "$ranks" "compute.device=${device%%:*}" precision="$narrow" $small || return
  line=$(grep '^{' "$out/ranks-speed.log" | tail -n 1)
  note ranks-speed ok $took "$(printf '%s' "$line" | sed -n 's/.*"step_s":\([0-9.]*\).*"rows_per_s":\([0-9.]*\).*/\1 s an update, \2 rows\/s/p')" "$line"
}

if [ -n "$toy" ]; then
  narrow=fp32 models=tiny batches=4 steps=2
else
  narrow=bf16 models='vit-b-32 vit-b-16 vit-l-14' batches='64 256 1024' steps=10
fi
rm -f "$out/speed.rows"
for each in $stages; do
  case $each in
    info | doctor | kernels | resume | deterministic | losses | memory | speed | ranks) "$each" ;;
    *) echo "gpu-check: no stage is named $each" >&2; exit 2 ;;
  esac
done
{
  printf '{"device":%s,"toy":%s,"date":%s,"stages":[\n' "$(quoted "$device")" "$([ -n "$toy" ] && echo true || echo false)" "$(quoted "$(date -u +%Y-%m-%dT%H:%M:%SZ)")"
  paste -sd ',' "$out/stages.jsonl"
  printf ']}\n'
} >"$out/results.json"
{
  printf '| Stage | Verdict | Seconds | Found |\n|---|---|---|---|\n'
  sed 's/.*"stage":"\([^"]*\)","verdict":"\([^"]*\)","seconds":\([0-9]*\),"told":"\(\([^"\\]\|\\.\)*\)".*/| \1 | \2 | \3 | \4 |/' "$out/stages.jsonl"
  if [ -s "$out/speed.rows" ]; then
    printf '\n| Model | Batch | Precision | images/s | Peak MiB |\n|---|---|---|---|---|\n'
    cat "$out/speed.rows"
  fi
} >"$out/results.md"
printf '%s and %s\n' "$out/results.json" "$out/results.md"
exit $failed
