#!/usr/bin/env bash
# Whether two builds of Eosin give the same, to the byte: for a change that may change no result, such as code that moves.
#   scripts/compare-builds.sh OLD_CHECKOUT NEW_CHECKOUT [WORK_FOLDER]
# Each checkout's own ./eosin trains every recipe of scripts/compare-builds; the new one also goes on, to the end, with what
# the old one had saved half-way. Compared are all files of the run folders (checkpoints, final/, adapter/, log, resolved
# recipe), and what train, --dry-run, --plan, --smoke, overfit and lr-find say and write, exit codes included. Left out is what
# clocks and the machine's memory say: the log's images_per_s and data_wait, a progress line from its speed on, the manifests'
# "created", seconds and peaks of --smoke, free memory in --plan; and run.lock. Prints a line for each recipe; exits 1 on a
# difference. All stays in WORK_FOLDER (else a temporary one) to be looked at, and the old build's part is taken again next time.
# RECIPES='micro lora' takes only these; second-stage and distil need the runs of bf16 and lora.
set -eu
data=$(cd "$(dirname "$0")/compare-builds" && pwd)
old=$(cd "$1" && pwd) new=$(cd "$2" && pwd)
if [ $# -gt 2 ]; then mkdir -p "$3" && work=$(cd "$3" && pwd); else work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT; fi
# Half of so short a run is its start: the first compiler alone takes a third less.
export EOSIN_JAVA_OPTS="${EOSIN_JAVA_OPTS:--XX:TieredStopAtLevel=1}"
recipes=${RECIPES:-micro ema-fp16 bf16 lora lora-image lock groups siglip towers towers-locked second-stage distil}

prepare() { # a folder
  rm -rf "${work:?}/$1" && mkdir -p "$work/$1/told" && cp -R "$data/." "$work/$1"
  cp "$old/src/test/resources/parity/tokenizer-bert/tokenizer.json" "$work/$1"
}
run() { # a folder, a checkout, a recipe, what to call it, then the command
  local place=$work/$1 eosin=$2/eosin told=$work/$1/told/$3/$4.txt code=0
  mkdir -p "${told%/*}" && shift 4
  (cd "$place" && "$eosin" "$@") >"$told" 2>&1 || code=$?
  echo "exit code $code" >>"$told"
}
everything() { # a folder, a checkout, a recipe
  run "$@" train train "$3.yaml" "output.dir=runs/$3"
  run "$@" dry-run train --dry-run "$3.yaml" "output.dir=told/$3"
  run "$@" plan train --plan "$3.yaml"
  case $3 in micro | towers) ;; *) return 0 ;; esac
  run "$@" smoke train --smoke "$3.yaml"
  run "$@" overfit overfit --steps 20 "$3.yaml"
  run "$@" lr-find lr-find --steps 20 --out "told/$3/curve.csv" "$3.yaml"
}
resumed() { # a recipe: the old build's run folder as it was when half of the run was saved
  mkdir -p "$work/resumed/runs" && cp -R "$work/old/runs/$1" "$work/resumed/runs/$1"
  rm -rf "$work/resumed/runs/$1"/{checkpoints/step-00000006,final,adapter}
  run resumed "$new" "$1" train train "$1.yaml" "output.dir=runs/$1"
}
timeless() { # a file
  case $1 in
    *.txt) sed -E 's:[0-9.]+ images/s.*::; s/[0-9.]+ s  peak [0-9.]+ GiB//; s/[0-9.]+ [KMGT]iB are free//' "$1" ;;
    */log.jsonl) sed -E 's/"(images_per_s|data_wait)":[^,}]*,//g' "$1" ;;
    */manifest.json) sed '/"created"/d' "$1" ;;
    *) cat "$1" ;;
  esac
}
sums() { # a folder, then paths in it
  cd "$work/$1" && shift && find "$@" -type f ! -name run.lock ! -name starts.jsonl | LC_ALL=C sort |
    while IFS= read -r file; do echo "$file $(timeless "$file" | sha256sum)"; done
}
differences() { # another folder, then paths
  diff <(sums old "${@:2}") <(sums "$1" "${@:2}") | sed -n "s:^[<>] \([^ ]*\) .*:$1/\1:p" | sort -u
}
succeeded() { [ "$(tail -n 1 "$1")" = 'exit code 0' ] || { echo "the old build fails, see $1" && exit 2; }; }

for checkout in "$old" "$new"; do "$checkout/eosin" schema >"$work/schema.json"; done # builds, where it has to
version=$(cd "$old" && find eosin pom.xml src/main "$data" -type f -print0 | LC_ALL=C sort -z | xargs -0 cat | sha256sum)
[ "$(cat "$work/old/version" 2>/dev/null)" = "$version" ] || { prepare old && echo "$version" >"$work/old/version"; }
prepare new && prepare resumed
code=0
for recipe in $recipes; do
  everything new "$new" "$recipe" &
  [ -f "$work/old/told/$recipe.done" ] || everything old "$old" "$recipe"
  wait
  succeeded "$work/old/told/$recipe/train.txt" && touch "$work/old/told/$recipe.done"
  resumed "$recipe"
  grep -q '^resuming after step 3$' "$work/resumed/told/$recipe/train.txt" || found=resumed/told/$recipe/train.txt
  found="${found:-} $(differences new "runs/$recipe" "told/$recipe"; differences resumed "runs/$recipe")"
  case $found in *[a-z]*) code=1 && echo "$recipe: differs in" $found ;; *) echo "$recipe: same" ;; esac
  found=
done
exit $code
