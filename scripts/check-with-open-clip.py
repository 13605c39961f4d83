#!/usr/bin/env python3
"""Scores an Eosin run with open_clip instead: loads DIR/final and classifies exported tiles by their prompts.

    ./eosin data export RECIPE --split validation --out TILES
    python3 scripts/check-with-open-clip.py RUN TILES      # needs torch, open_clip, transformers

Prints open_clip's zero-shot top-1 beside the last one in RUN/log.jsonl, and the largest difference between open_clip's and
transformers' logits on the first tiles. Optional: nothing in Eosin needs Python.
"""
import csv
import json
import sys
from pathlib import Path

import open_clip
import torch
from PIL import Image
from transformers import CLIPModel

run, tiles = Path(sys.argv[1]), Path(sys.argv[2])
model, _, preprocess = open_clip.create_model_and_transforms(f"local-dir:{run / 'final'}")
model.eval()
length = model.context_length
tokenizer = open_clip.SimpleTokenizer(context_length=length)
classes = json.loads((tiles / "prompts.json").read_text())["classes"]
rows = list(csv.DictReader((tiles / "labels.csv").open()))
labels = [c["label"] for c in classes]
with torch.no_grad():
    weights = []
    for c in classes:
        embedded = model.encode_text(tokenizer(c["prompts"]), normalize=True).mean(0)
        weights.append(embedded / embedded.norm())
    weights = torch.stack(weights)
    right = 0
    first = None
    for start in range(0, len(rows), 64):
        part = rows[start : start + 64]
        pixels = torch.stack([preprocess(Image.open(tiles / row["filepath"])) for row in part])
        first = pixels[:8] if first is None else first
        found = (model.encode_image(pixels, normalize=True) @ weights.T).argmax(1)
        right += sum(labels[i] == row["label"] for i, row in zip(found.tolist(), part))
    ids = tokenizer([c["prompts"][0] for c in classes])
    mask = (torch.arange(length)[None] <= ids.argmax(-1)[:, None]).long()
    image, text = model.encode_image(first, normalize=True), model.encode_text(ids, normalize=True)
    ours = model.logit_scale.exp() * image @ text.T
    peer = CLIPModel.from_pretrained(run / "final").eval()
    theirs = peer(input_ids=ids, attention_mask=mask, pixel_values=first).logits_per_image
logged = [json.loads(line) for line in (run / "log.jsonl").open()]
last = [row for row in logged if "zero_shot_top1" in row][-1]
print(f"open_clip zero-shot top-1 {right / len(rows):.4f} on {len(rows)} tiles; logged {last['zero_shot_top1']:.4f}")
print(f"open_clip against transformers: largest logit difference {(ours - theirs).abs().max():.1e}")
