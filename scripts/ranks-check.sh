#!/usr/bin/env bash
# Whether several ranks train as one process does, in one command:
#   scripts/ranks-check.sh RANKS [OUT]
# The quickstarts of clip, qformer-align and vllm, shortened to 20 steps, once in one process, once on RANKS ranks, and once each
# with compute.sharding: optimizer and gradients; the losses have to be equal within 1e-5 at step 1 and 1e-4 at step 20, relative. One line for each, and
# OUT/ranks.jsonl (default OUT ranks-check). Exit code 1 where a run failed or differs.
#
#   RANKS_CHECK_EOSIN    the command to check (default: eosin beside this script)
#   RANKS_CHECK_START    what starts the ranks of a command, such as 'mpirun.mpich -n 3' (default: eosin's own --ranks RANKS)
#   RANKS_CHECK_DEVICE   cpu (default) or cuda; the single process has the same
#   RANKS_CHECK_THREADS  of each rank and of the single process (default 1)
#   RANKS_CHECK_KINDS    which of: clip qformer-align vllm (default: all)
#   RANKS_CHECK_SHARDING which of: none optimizer gradients (default: all)
#   RANKS_CHECK_KEEP     1: what OUT has of a single process from before is not trained again
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
ranks=${1:?"scripts/ranks-check.sh RANKS [OUT]"}
out=${2:-ranks-check}
eosin=${RANKS_CHECK_EOSIN:-$root/eosin}
start=${RANKS_CHECK_START:-}
device=${RANKS_CHECK_DEVICE:-cpu}
kinds=${RANKS_CHECK_KINDS:-clip qformer-align vllm}
sharding=${RANKS_CHECK_SHARDING:-none optimizer gradients}
mkdir -p "$out" || exit 2
out=$(cd "$out" && pwd)
cd "$root" || exit 2
: >"$out/ranks.jsonl"
failed=0

# train NAME RECIPE SETTINGS...: 20 steps in one process
common() {
  printf '%s\n' schedule.length="20 steps" output.checkpoint-every="20 steps" logging.every="1 steps" logging.tensorboard=false \
    "compute.device=$device" "compute.threads=${RANKS_CHECK_THREADS:-1}" 'evaluate=[]'
}
alone() {
  name=$1 recipe=$2; shift 2
  mapfile -t settings < <(common)
  "$eosin" train "$recipe" "${settings[@]}" output.dir="$out/$name" "$@" >"$out/$name.log" 2>&1 && return
  failed=1
  echo "$name: exit code $?: $(tail -n 1 "$out/$name.log")"
  return 1
}
ranked() {
  name=$1 recipe=$2; shift 2
  mapfile -t settings < <(common)
  if [ -n "$start" ]; then
    # shellcheck disable=SC2086 # words
    $start "$eosin" train "$recipe" "${settings[@]}" output.dir="$out/$name" "$@" >"$out/$name.log" 2>&1 && return
  else
    "$eosin" train "$recipe" --ranks "$ranks" "${settings[@]}" output.dir="$out/$name" "$@" >"$out/$name.log" 2>&1 && return
  fi
  failed=1
  echo "$name: exit code $?: $(tail -n 1 "$out/$name.log")"
  return 1
}

losses() { sed -n 's/.*"loss":\([-0-9.eE]*\).*/\1/p' "$out/$1/log.jsonl"; }

# compare NAME ONE: relative distances at the first and at the last step
compare() {
  told=$(paste <(losses "$1") <(losses "$2") | awk '
    function far(a, b) { d = a - b; if (d < 0) d = -d; return b == 0 ? d : d / (b < 0 ? -b : b) }
    NR == 1 { first = far($1, $2) } { last = far($1, $2); n = NR }
    END { printf "%d %.1e %.1e %s", n, first, last, (n == 20 && first <= 1e-5 && last <= 1e-4) ? "ok" : "wrong" }')
  # shellcheck disable=SC2086 # four words
  set -- "$1" $told
  [ "$5" = ok ] || failed=1
  weights=$(grep -c '"weights"' "$out/$1/log.jsonl")
  samples=$(grep -o '"rank_samples":\[[0-9,]*\]' "$out/$1/log.jsonl" | head -n 1)
  printf '%-24s %s  %s losses, %s apart at step 1, %s at the last; %s; weights compared %s times\n' "$1" "$5" "$2" "$3" "$4" "$samples" "$weights"
  printf '{"run":"%s","verdict":"%s","steps":%s,"first":%s,"last":%s,%s}\n' "$1" "$5" "$2" "$3" "$4" "${samples:-\"rank_samples\":[]}" >>"$out/ranks.jsonl"
}

check() {
  kind=$1 recipe=$2; shift 2
  rm -rf "$out/$kind-ranks" "$out/$kind-sharded" "$out/$kind-gradients"
  if [ -z "${RANKS_CHECK_KEEP:-}" ] || [ ! -e "$out/$kind-one/finished.json" ]; then
    rm -rf "$out/$kind-one"
    alone "$kind-one" "$recipe" "$@" || return
  fi
  for each_way in $sharding; do
    case $each_way in
      none) ranked "$kind-ranks" "$recipe" "$@" && compare "$kind-ranks" "$kind-one" ;;
      optimizer) ranked "$kind-sharded" "$recipe" compute.sharding=optimizer "$@" && compare "$kind-sharded" "$kind-one" ;;
      gradients) ranked "$kind-gradients" "$recipe" compute.sharding=gradients "$@" && compare "$kind-gradients" "$kind-one" ;;
      *) echo "ranks-check: no sharding is named $each_way" >&2; exit 2 ;;
    esac
  done
}

# What the others read: a tower of a few steps, and a language model.
tower() { [ -d "$out/tower/final" ] || alone tower recipes/clip/drawn-facts.yaml; }
words() { [ -d "$out/words/final" ] || alone words recipes/language/quickstart.yaml; }

for each in $kinds; do
  case $each in
    clip) check clip recipes/clip/quickstart.yaml ;;
    qformer-align) tower && check qformer-align recipes/qformer/quickstart-align.yaml "tower.from=$out/tower/final" tower.cache=null ;;
    vllm) tower && words && check vllm recipes/vllm/quickstart.yaml "model.tower.from=$out/tower" "model.decoder.path=$out/words" ;;
    *) echo "ranks-check: no kind is named $each" >&2; exit 2 ;;
  esac
done
exit $failed
