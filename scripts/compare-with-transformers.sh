#!/usr/bin/env bash
# Speed and memory of language models beside transformers and peft: alternating runs, both with the launcher's allocator settings.
#   PYTHON=<a python with torch, transformers and peft> scripts/compare-with-transformers.sh WHAT [ROUNDS [STEPS]]
# WHAT: generate-1 generate-8 beams prefill train lora qformer-align qformer-instruct vllm-projector vllm-lora, as docs/results.md names
# them. PRECISION is fp32 or bf16 (not for Q-Formers), EOSIN the command, EOSIN_OPTIONS more options of it, for example "--recompute-every 2".
# Prints both sides' JSON lines and the median ratios. Only ratios of one quiet run mean anything; on a busy machine processor time
# (of a Q-Former's steps and of those that see images) says more than rates, and memory is what it is.
set -euo pipefail
what=$1 rounds=${2:-3} steps=${3:-3} threads=${THREADS:-$(nproc)} python=${PYTHON:-python3} precision=${PRECISION:-fp32}
root=$(cd "$(dirname "$0")/.." && pwd)
eosin=${EOSIN:-$root/eosin}
job=generate batch=1 tokens=128 new=64 beams=1 lora=0 options=
case $what in
  generate-1) ;;
  generate-8) batch=8 ;;
  beams) beams=5 ;;
  prefill) job=prefill tokens=512 ;;
  train) job=train batch=4 tokens=256 ;;
  lora) job=train batch=4 tokens=256 lora=16 options="--lora 16" ;;
  qformer-align) job=align batch=8 tokens=32 ;;
  qformer-instruct) job=instruct batch=4 tokens=128 ;;
  vllm-projector) job=train-projector batch=4 tokens=256 lora=16 ;;
  vllm-lora) job=train-lora batch=4 tokens=256 lora=16 ;;
  *)
    echo "$what: not one of generate-1, generate-8, beams, prefill, train, lora, qformer-align, qformer-instruct, vllm-projector, vllm-lora" >&2
    exit 2 ;;
esac
export MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=33554432 MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=8589934592 THP_MEM_ALLOC_ENABLE=1
lines=$(mktemp) said=$(mktemp)
trap 'rm -f "$lines" "$said"' EXIT
ours() {
  case $what in
    qformer-*) "$eosin" bench qformer "$job" --batch $batch --tokens $tokens --threads "$threads" --steps "$steps" ${EOSIN_OPTIONS:-} ;;
    vllm-*)
      "$eosin" bench vllm "$job" --batch $batch --tokens $tokens --lora $lora --precision "$precision" --threads "$threads" --steps "$steps" ${EOSIN_OPTIONS:-} ;;
    *)
      "$eosin" bench language "$job" --batch $batch --tokens $tokens --new $new --beams $beams --precision "$precision" \
        --threads "$threads" --steps "$steps" $options ${EOSIN_OPTIONS:-} ;;
  esac
}
peer() {
  case $what in
    qformer-*) "$python" "$root/scripts/bench-transformers-qformer.py" $job $batch $tokens "$steps" "$threads" ;;
    vllm-*) "$python" "$root/scripts/bench-transformers-vllm.py" $job $batch $tokens $lora "$steps" "$threads" "$precision" ;;
    *) "$python" "$root/scripts/bench-transformers.py" $job $batch $tokens $new $beams $lora "$precision" "$steps" "$threads" ;;
  esac
}
for _ in $(seq "$rounds"); do
  ours | tee -a "$lines"
  peer 2>"$said" | tee -a "$lines" || { tail -n 5 "$said" >&2; exit 1; }
done
"$python" - "$lines" <<'END'
import json, statistics, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
ours, peer = rows[0::2], rows[1::2]
for key in ("tokens_per_s", "rows_per_s", "cpu_s_per_step", "peak_rss_mib"):
    if key in ours[0] and key in peer[0]:
        ratios = [a[key] / b[key] for a, b in zip(ours, peer)]
        print(f"{key}: eosin / transformers {statistics.median(ratios):.3f} (rounds {', '.join(f'{r:.3f}' for r in ratios)})")
END
