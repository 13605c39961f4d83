#!/usr/bin/env bash
# Speed and memory beside open_clip: alternating runs, both with the allocator settings that the launcher gives Eosin.
#   PYTHON=<a python with torch and open_clip> scripts/compare-with-open-clip.sh clip-train|clip-encode [ROUNDS [STEPS]]
# MODEL, PEER_MODEL, BATCH and THREADS change what is measured; EOSIN_OPTIONS are more options of `eosin bench`, for example
# "--caption-tokens 32" (open_clip computes 77 for any caption), and PEER_PRECISION is open_clip's, for example amp_bf16.
# Prints both sides' JSON lines and the median ratios. Only ratios of one quiet run mean anything.
set -eu
what=$1 rounds=${2:-3} steps=${3:-3} threads=${THREADS:-$(nproc)} batch=${BATCH:-32}
model=${MODEL:-vit-b-32} peer=${PEER_MODEL:-ViT-B-32} python=${PYTHON:-python3} options=${EOSIN_OPTIONS:-} precision=${PEER_PRECISION:-fp32}
export MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=8589934592 THP_MEM_ALLOC_ENABLE=1
root=$(cd "$(dirname "$0")/.." && pwd)
lines=$(mktemp)
trap 'rm -f "$lines"' EXIT
for _ in $(seq "$rounds"); do
  "$root/eosin" bench "$what" --model "$model" --batch "$batch" --threads "$threads" --steps "$steps" $options | tee -a "$lines"
  OMP_NUM_THREADS=$threads "$python" "$root/scripts/bench-open-clip.py" "$what" "$peer" "$batch" "$steps" "$threads" "$precision" 2>/dev/null | tee -a "$lines"
done
"$python" - "$lines" <<'END'
import json, statistics, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
ours, peer = rows[0::2], rows[1::2]
for key in ("images_per_s", "peak_rss_mib"):
    ratios = [a[key] / b[key] for a, b in zip(ours, peer)]
    print(f"{key}: eosin / open_clip {statistics.median(ratios):.3f} (rounds {', '.join(f'{r:.3f}' for r in ratios)})")
END
