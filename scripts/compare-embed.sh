#!/usr/bin/env bash
# `eosin embed` beside open_clip: a folder of 1024 px JPEGs through ViT-B-32, decoding included, alternating runs.
#   PYTHON=<a python with torch and open_clip> scripts/compare-embed.sh TILES [ROUNDS [IMAGES]]
# TILES is a folder of any images, which are made larger; FOLDER keeps these and the model for another call. BATCH, WORKERS (processes of the peer's DataLoader) and THREADS
# change the run. Prints images/s of both sides (behind the loading of the model), seconds of the whole process, and how far the
# embeddings are from each other. Only ratios of one quiet run mean anything.
set -eu
tiles=$1 rounds=${2:-3} images=${3:-192} batch=${BATCH:-32} workers=${WORKERS:-$(nproc)} threads=${THREADS:-$(nproc)} python=${PYTHON:-python3}
export MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=8589934592 THP_MEM_ALLOC_ENABLE=1
root=$(cd "$(dirname "$0")/.." && pwd)
work=${FOLDER:-$(mktemp -d)}
[ -n "${FOLDER:-}" ] || trap 'rm -rf "$work"' EXIT
peer=$root/scripts/bench-open-clip-embed.py
[ -d "$work/model" ] || "$python" "$peer" make "$tiles" "$images" "$work"
for round in $(seq "$rounds"); do
  rm -f "$work"/ours.npy*
  started=$(date +%s.%N)
  "${EOSIN:-$root/eosin}" embed --model "$work/model" --images "$work/images" --out "$work/ours.npy" --batch "$batch" \
    --threads "$threads" --device cpu --no-cache 2>&1 | tr '\r' '\n' | grep -o '[0-9.]* rows/s' | tail -1 >"$work/rate"
  ended=$(date +%s.%N)
  OMP_NUM_THREADS=$threads "$python" "$peer" embed "$work" "$work/theirs.npy" "$batch" "$workers" "$threads" 2>/dev/null >"$work/line"
  "$python" - "$work" "$started" "$ended" "$(date +%s.%N)" "$round" <<'END'
import json, pathlib, sys
work, started, ended, last, number = pathlib.Path(sys.argv[1]), *map(float, sys.argv[2:])
ours, line = float((work / "rate").read_text().split()[0]), json.loads((work / "line").read_text())
print(f"round {number:.0f}: eosin {ours:.2f} images/s ({ended - started:.1f} s in all), {line['peer']} {line['images_per_s']:.2f}"
      f" ({last - ended:.1f} s): {ours / line['images_per_s']:.3f}x, of the whole {(last - ended) / (ended - started):.3f}x")
END
done
"$python" "$peer" compare "$work/ours.npy" "$work/theirs.npy"
