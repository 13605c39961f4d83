"""Speed and size of a bundle's fp32 graphs against torch.onnx's of the same open_clip weights, both run by onnxruntime.

  python scripts/bench-onnx.py --new FOLDER               writes a ViT-B-32 with random weights as an open_clip folder
  python scripts/bench-onnx.py OPEN_CLIP_FOLDER BUNDLE    after ./eosin export OPEN_CLIP_FOLDER --to onnx --out BUNDLE --verify TILES

With --theirs FILE torch.onnx's graph is written there, and taken from there where it is. Each round runs both graphs, the one that was second first in the next; medians are printed. Needs torch, open_clip, onnx and onnxruntime.
"""

import argparse
import json
import os
import pathlib
import statistics
import tempfile
import time

import numpy
import onnxruntime
import open_clip
import torch
from safetensors.torch import save_file


class Whole(torch.nn.Module):
    """In the names of optimum."""

    def __init__(self, clip):
        super().__init__()
        self.clip = clip

    def forward(self, input_ids, pixel_values):
        image = self.clip.encode_image(pixel_values, normalize=True)
        text = self.clip.encode_text(input_ids, normalize=True)
        logits = self.clip.logit_scale.exp() * image @ text.T
        return logits, logits.T, text, image


def new(folder):
    torch.manual_seed(1)
    model = open_clip.create_model("ViT-B-32").eval()
    folder.mkdir(parents=True)
    save_file(model.state_dict(), folder / "open_clip_model.safetensors", {"format": "pt"})
    config = {"model_cfg": open_clip.get_model_config("ViT-B-32"),
              "preprocess_cfg": {"mean": [0.48145466, 0.4578275, 0.40821073], "std": [0.26862954, 0.26130258, 0.27577711],
                                 "interpolation": "bicubic", "resize_mode": "shortest"}}
    (folder / "open_clip_config.json").write_text(json.dumps(config, indent=2))


def export(model, ids, pixels, path):
    torch.onnx.export(
        Whole(model), (torch.from_numpy(ids), torch.from_numpy(pixels)), str(path), opset_version=18, dynamo=False,
        input_names=["input_ids", "pixel_values"],
        output_names=["logits_per_image", "logits_per_text", "text_embeds", "image_embeds"],
        dynamic_axes={"input_ids": {0: "text_batch_size"}, "pixel_values": {0: "image_batch_size"}})


def session(path, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--new", type=pathlib.Path)
    arguments.add_argument("--theirs", type=pathlib.Path)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--rounds", type=int, default=15)
    arguments.add_argument("--batch", type=int, default=8)
    arguments.add_argument("folders", type=pathlib.Path, nargs="*")
    chosen = arguments.parse_args()
    if chosen.new:
        new(chosen.new)
        return
    folder, bundle = chosen.folders
    model, _, _ = open_clip.create_model_and_transforms("local-dir:" + str(folder))
    model.eval()
    size = model.visual.image_size
    height, width = size if isinstance(size, (tuple, list)) else (size, size)
    generator = numpy.random.default_rng(1)
    pixels = generator.standard_normal((chosen.batch, 3, height, width)).astype(numpy.float32)
    ids = open_clip.get_tokenizer("ViT-B-32")(["an image of tissue number %d" % i for i in range(chosen.batch)]).numpy()
    with tempfile.TemporaryDirectory() as home:
        theirs = chosen.theirs or pathlib.Path(home) / "model.onnx"
        if not theirs.exists():
            export(model, ids, pixels, theirs)
        ours = bundle / "onnx/model.onnx"
        print("size in MB: torch.onnx %.2f, eosin %.2f" % (os.path.getsize(theirs) / 1e6, os.path.getsize(ours) / 1e6))
        graphs = {"torch.onnx": session(theirs, chosen.threads), "eosin": session(ours, chosen.threads)}
        inputs = {"torch.onnx": {"input_ids": ids, "pixel_values": pixels},
                  "eosin": {"input_ids": ids, "pixel_values": pixels, "attention_mask": numpy.ones_like(ids)}}
        outputs = {name: graph.run(["text_embeds", "image_embeds"], inputs[name]) for name, graph in graphs.items()}
        print("largest difference of embeddings: %.1e" % max(abs(a - b).max() for a, b in zip(*outputs.values())))
        times = {name: [] for name in graphs}
        for round in range(chosen.rounds):
            for name in sorted(graphs, reverse=round % 2 == 0):
                begun = time.perf_counter()
                graphs[name].run(None, inputs[name])
                times[name].append(time.perf_counter() - begun)
        for name, taken in times.items():
            print("%-10s median %.1f ms, least %.1f ms" % (name, 1e3 * statistics.median(taken), 1e3 * min(taken)))


if __name__ == "__main__":
    main()
