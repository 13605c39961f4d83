#!/usr/bin/env python3
# Tiles a second on one core: OpenSlide reads a region, Pillow resizes it to 256 px.
#   python3 scripts/bench-openslide.py SLIDE MPP_OF_LEVEL_0 MPP SECONDS
# The same grid as `eosin bench slides`; needs openslide-python and Pillow (Debian: python3-openslide).
import sys, time
import openslide
from PIL import Image

path, pixel, mpp, seconds = sys.argv[1], *map(float, sys.argv[2:])
side = 256 * mpp / pixel
done, begun = 0, time.perf_counter()
while time.perf_counter() - begun < seconds:
    with openslide.OpenSlide(path) as slide:
        level = max(i for i, d in enumerate(slide.level_downsamples) if d <= side / 256 * 1.01)
        read = round(side / slide.level_downsamples[level])
        width, height = slide.dimensions
        for row in range(int(height // side)):
            for column in range(int(width // side)):
                tile = slide.read_region((round(column * side), round(row * side)), level, (read, read)).convert("RGB")
                if read != 256:
                    tile = tile.resize((256, 256), Image.BICUBIC)
                done += 1
print("%.1f tiles/s" % (done / (time.perf_counter() - begun)))
