#!/usr/bin/env bash
# Decoding 1024 px JPEGs to 224 px inputs on one thread, beside Pillow with open_clip's transform: alternating runs.
#   PYTHON=<a python with torch and open_clip> scripts/compare-decoding.sh [ROUNDS [STEPS]]
# Prints every run's JSON line, then the median ratio of each of Eosin's ways to Pillow: by processor time (which other programs
# on the machine disturb little) and by wall time. Above 1 Eosin is faster.
set -eu
rounds=${1:-5} steps=${2:-10} batch=32 python=${PYTHON:-python3}
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/images"
"$python" "$root/scripts/bench-pillow.py" make "$work/images"
ours() {
  "$root/eosin" bench decode --input "$work/images" --threads 1 --batch "$batch" --steps "$steps" "$@" | tee -a "$work/lines"
}
for _ in $(seq "$rounds"); do
  "$python" "$root/scripts/bench-pillow.py" run "$work/images" "$batch" "$steps" 2>/dev/null | tee -a "$work/lines"
  ours
  ours --jpeg-decode fast
  ours --libturbojpeg off
done
"$python" - "$work/lines" <<'END'
import json, statistics, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
for place, name in enumerate(["libturbojpeg, exact", "libturbojpeg, fast", "the JDK's decoder, exact"], 1):
    cpu = [peer["cpu_ms_per_image"] / own["cpu_ms_per_image"] for peer, own in zip(rows[0::4], rows[place::4])]
    wall = [own["images_per_s"] / peer["images_per_s"] for peer, own in zip(rows[0::4], rows[place::4])]
    print(f"{name}: {statistics.median(cpu):.2f} of Pillow by processor time "
          f"({', '.join(f'{r:.2f}' for r in cpu)}), {statistics.median(wall):.2f} by wall time")
END
