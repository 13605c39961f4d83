#!/usr/bin/env python3
"""The peer's side of scripts/compare-with-open-clip.sh: open_clip on random input, one JSON line like `eosin bench`'s.

    python3 scripts/bench-open-clip.py clip-train|clip-encode MODEL BATCH STEPS THREADS [PRECISION [ACCUM]]

MODEL a name of open_clip's, or a configuration file that ends in .json
PRECISION as in open_clip_train's --precision: fp32 (the default), or amp_bf16
ACCUM parts of a batch as in open_clip_train's --accum-freq: features of all parts without a graph, then each part again against all
"""
import json
import math
import os
import resource
import statistics
import sys
import time

import open_clip
import torch
from open_clip.loss import ClipLoss
from open_clip_train.precision import get_autocast

what, name, batch, steps, threads = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
precision = sys.argv[6] if len(sys.argv) > 6 else "fp32"
accum = int(sys.argv[7]) if len(sys.argv) > 7 else 1
autocast = get_autocast(precision, device_type="cpu")
torch.set_num_threads(threads)
torch.manual_seed(0)
if name.endswith(".json"):
    open_clip.add_model_config(name)
    name = os.path.basename(name).removesuffix(".json")
model = open_clip.create_model(name, pretrained=None)
side = model.visual.image_size[0]
pixels = torch.randn(batch, 3, side, side)
ids = torch.randint(1, 49000, (batch, model.context_length))
ids[:, 0], ids[:, -1] = 49406, 49407
loss = ClipLoss()
still = [p for n, p in model.named_parameters() if p.ndim < 2 or "ln" in n or "bias" in n or "logit_scale" in n]
kept = {id(p) for p in still}
moving = [p for p in model.parameters() if id(p) not in kept]
optimizer = torch.optim.AdamW(
    [{"params": still, "weight_decay": 0.0}, {"params": moving, "weight_decay": 0.2}],
    lr=1e-5, betas=(0.9, 0.98), eps=1e-6,
)


def accumulate():
    optimizer.zero_grad()
    parts = list(zip(pixels.chunk(accum), ids.chunk(accum)))
    with torch.no_grad(), autocast():
        seen = [model(*part)[:2] for part in parts]
    for i, part in enumerate(parts):
        with autocast():
            image, text, scale = model(*part)
            images = torch.cat([image if j == i else other[0] for j, other in enumerate(seen)])
            texts = torch.cat([text if j == i else other[1] for j, other in enumerate(seen)])
            value = loss(images, texts, scale)
        value.backward()
    optimizer.step()
    with torch.no_grad():
        model.logit_scale.clamp_(0, math.log(100))


def train():
    optimizer.zero_grad()
    with autocast():
        value = loss(*model(pixels, ids))
    value.backward()
    optimizer.step()
    with torch.no_grad():
        model.logit_scale.clamp_(0, math.log(100))


def encode():
    with torch.no_grad(), autocast():
        model.encode_image(pixels, normalize=True)


step = {"clip-train": accumulate if accum > 1 else train, "clip-encode": encode}[what]
model.train(what == "clip-train")
step()
rates = []
for _ in range(steps):
    started = time.perf_counter()
    step()
    rates.append(round(batch / (time.perf_counter() - started), 3))
print(json.dumps({
    "what": what, "peer": f"open_clip {open_clip.__version__}, torch {torch.__version__}", "precision": precision, "accum": accum, "images_per_s": statistics.median(rates),
    "rates": rates, "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
}))
