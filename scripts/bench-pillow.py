#!/usr/bin/env python3
"""The peer's side of scripts/compare-decoding.sh: Pillow and open_clip's evaluation transform, one JSON line like `eosin bench decode`'s.

    python3 scripts/bench-pillow.py make DIR               # writes 1024 x 1024 px JPEGs like stained tissue
    python3 scripts/bench-pillow.py run DIR BATCH STEPS    # decodes and transforms them on one thread
"""
import io
import json
import statistics
import sys
import time
from pathlib import Path

import PIL
import torch
from PIL import Image

what, folder = sys.argv[1], Path(sys.argv[2])
torch.set_num_threads(1)
if what == "make":
    torch.manual_seed(0)
    for i in range(8):
        coarse = torch.nn.functional.interpolate(torch.randn(1, 3, 65, 65), size=(1024, 1024), mode="bicubic")[0]
        fine = torch.randn(1, 1024, 1024) * 8
        pixels = coarse * 40 + fine + torch.tensor([190.0, 140.0, 180.0])[:, None, None]
        Image.fromarray(pixels.clamp(0, 255).byte().permute(1, 2, 0).numpy()).save(folder / f"{i}.jpg", quality=90)
    sys.exit()

from open_clip.transform import image_transform  # noqa: E402  (slow to import, not needed above)

batch, steps = map(int, sys.argv[3:5])
files = [file.read_bytes() for file in sorted(folder.iterdir())]
transform = image_transform(224, is_train=False)
rates, cpu = [], []
for step in range(steps + 1):
    wall, processor = time.perf_counter(), time.process_time()
    for i in range(batch):
        transform(Image.open(io.BytesIO(files[i % len(files)])))
    if step:
        rates.append(round(batch / (time.perf_counter() - wall), 3))
        cpu.append((time.process_time() - processor) * 1e3 / batch)
print(json.dumps({
    "what": "decode", "peer": f"Pillow {PIL.__version__}, torch {torch.__version__}", "images_per_s": statistics.median(rates),
    "rates": rates, "cpu_ms_per_image": round(statistics.median(cpu), 3),
}))
