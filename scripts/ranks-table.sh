#!/usr/bin/env bash
# Every way to start ranks on this machine beside one process, as one table:
#   scripts/ranks-table.sh [OUT]
# Two, three and four ranks of Open MPI and of MPICH, and eosin's own --ranks 2, each with 20 steps of the quickstarts of clip,
# qformer-align and vllm (scripts/ranks-check.sh). A cell has the relative distances of the losses at steps 1 and 20 and the rows of
# each rank; in all of them the ranks compared digests of their weights, which end a run where they differ. OUT (default ranks-table)
# keeps runs and logs, and has the table in table.md. Exit code 1 where a run failed or differs.
#
#   RANKS_TABLE_STARTS  which of: openmpi-2 openmpi-3 openmpi-4 mpich-2 mpich-3 mpich-4 ranks-2 (default: all)
#   RANKS_CHECK_EOSIN, RANKS_CHECK_KINDS, RANKS_CHECK_THREADS as there
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-ranks-table}
starts=${RANKS_TABLE_STARTS:-openmpi-2 openmpi-3 openmpi-4 mpich-2 mpich-3 mpich-4 ranks-2}
kinds=${RANKS_CHECK_KINDS:-clip qformer-align vllm}
mkdir -p "$out" || exit 2
out=$(cd "$out" && pwd)
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 RANKS_CHECK_KEEP=1 RANKS_CHECK_SHARDING=none
failed=0
for each in $starts; do
  ranks=${each##*-}
  case $each in
    openmpi-*) start="mpirun.openmpi -n $ranks --oversubscribe --bind-to none" ;;
    mpich-*) start="mpirun.mpich -n $ranks" ;;
    ranks-*) start= ;;
    *) echo "ranks-table: no start is named $each" >&2; exit 2 ;;
  esac
  echo "$each"
  RANKS_CHECK_START=$start "$root/scripts/ranks-check.sh" "$ranks" "$out" || failed=1
  mv "$out/ranks.jsonl" "$out/$each.jsonl"
done

# cell KIND START: "first, last; rows of each rank", or why there is none
cell() {
  [ -e "$out/$2.jsonl" ] || { printf 'not run'; return; }
  line=$(grep "\"run\":\"$1-ranks\"" "$out/$2.jsonl") || { printf 'failed'; return; }
  printf '%s' "$line" | sed 's/.*"verdict":"\([a-z]*\)".*"first":\([^,]*\),"last":\([^,]*\),"rank_samples":\[\(.*\)\].*/\2, \3; \4 (\1)/; s/ (ok)//'
}
{
  printf '| |'; for kind in $kinds; do printf ' %s |' "$kind"; done
  printf '\n|---|'; for kind in $kinds; do printf -- '---|'; done; printf '\n'
  for each in openmpi-2 openmpi-3 openmpi-4 mpich-2 mpich-3 mpich-4 ranks-2; do
    [ -e "$out/$each.jsonl" ] || continue
    case $each in
      openmpi-*) name="Open MPI, ${each##*-} ranks" ;;
      mpich-*) name="MPICH, ${each##*-} ranks" ;;
      *) name="\`--ranks ${each##*-}\`" ;;
    esac
    printf '| %s |' "$name"
    for kind in $kinds; do printf ' %s |' "$(cell "$kind" "$each")"; done
    printf '\n'
  done
} >"$out/table.md"
cat "$out/table.md"
exit $failed
