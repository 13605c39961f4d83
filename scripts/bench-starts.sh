#!/bin/sh
# How long the commands that answer at once take, as a person waits for them: five starts of the
# launcher each, the least and the median in milliseconds, and the processor's time of the median.
# Usage: scripts/bench-starts.sh [RUN_FOLDER]   (a run for inspect and diff; without one they are left out)
set -eu
eosin=$(dirname "$0")/../eosin
run=${1:-}
starts=5
times=$(mktemp)
trap 'rm -f "$times"' EXIT

measure() {
  : >"$times"
  for _ in $(seq "$starts"); do
    python3 - "$@" >>"$times" <<'PYTHON'
import resource, subprocess, sys, time
began = time.perf_counter()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(round(1000 * (time.perf_counter() - began)), round(1000 * (used.ru_utime + used.ru_stime)))
PYTHON
  done
  shift
  sort -n "$times" | {
    read -r least _
    sed -n "$(((starts - 1) / 2))p" | {
      read -r wall processor
      printf '%-28s least %5s ms   median %5s ms   processor %5s ms\n' "$*" "$least" "$wall" "$processor"
    }
  }
}

"$eosin" --help >/dev/null
measure "$eosin" --help
measure "$eosin" schema
[ -z "$run" ] || measure "$eosin" runs "$run"
[ -z "$run" ] || measure "$eosin" diff "$run" "$run"
[ -z "$run" ] || measure "$eosin" inspect "$run"
measure "$eosin" doctor
