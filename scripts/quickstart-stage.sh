# shellcheck shell=bash
# Read by the quickstarts: runs ./eosin as a stage. stage NAME BUDGET COMMAND...
stage() {
  local name=$1 budget=$2 begun=$SECONDS
  shift 2
  printf '\n== %s (budget %s)\n' "$name" "$budget"
  ./eosin "$@"
  printf '== %s took %d s\n' "$name" $((SECONDS - begun))
}
