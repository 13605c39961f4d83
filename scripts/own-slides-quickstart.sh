#!/usr/bin/env bash
# From a folder of whole slides to tiles, shards and 20 training steps of a small CLIP, then the same straight from the slides.
#   scripts/own-slides-quickstart.sh [FOLDER [OUT]]
# FOLDER holds .svs, .tif or .tiff files (../shared/data/wsi). Everything goes into OUT (runs/own-slides); the same command goes on
# where it was stopped. Each slide is captioned by its name and taken for 0.5 micrometres a pixel where the file says nothing:
# a table of your own says it better (data-prep/own-slides/README.md).
set -euo pipefail
slides=$(realpath "${1:-$(dirname "$0")/../../shared/data/wsi}")
[ -d "$slides" ] || { echo "$slides: no such folder; name one that holds slides" >&2; exit 1; }
cd "$(dirname "$0")/.."
out=${2:-runs/own-slides}
mkdir -p "$out"
. scripts/quickstart-stage.sh

if [ ! -f "$out/slides.csv" ]; then
  { echo slide,caption
    find "$slides" -type f \( -iname '*.svs' -o -iname '*.tif' -o -iname '*.tiff' \) | sort |
      awk '{ name = $0; sub(/.*\//, "", name); gsub(/"/, "\"\"", $0); gsub(/"/, "", name); printf "\"%s\",\"A tile of %s.\"\n", $0, name }'
  } >"$out/.slides.csv.partial"
  [ "$(wc -l <"$out/.slides.csv.partial")" -gt 1 ] || { echo "$slides: holds no .svs, .tif or .tiff file" >&2; exit 1; }
  mv "$out/.slides.csv.partial" "$out/slides.csv"
fi
table=(slides.path="$out/slides.csv" slides.columns.caption=caption cut.default-mpp=0.5)
stage tiles '1 min' prepare data-prep/own-slides/tiles.yaml "${table[@]/#/tiles.}" output.dir="$out/tiles"
stage 'training on shards' '1 min' train data-prep/own-slides/train.yaml data.train.path="$out/tiles/shards" output.dir="$out/clip"
stage 'training on slides' '1 min' train data-prep/own-slides/straight.yaml "${table[@]/#/data.train.}" output.dir="$out/straight"
