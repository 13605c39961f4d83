#!/usr/bin/env python3
"""The peer's side of scripts/compare-embed.sh: what open_clip makes of a folder of image files, and what both sides need.

    bench-open-clip-embed.py make TILES COUNT DIR    # DIR/images: 1024 px JPEGs of tiles; DIR/model: a drawn ViT-B-32 of open_clip's
    bench-open-clip-embed.py embed DIR OUT BATCH WORKERS THREADS   # one JSON line; OUT.npy has the embeddings in order of names
    bench-open-clip-embed.py compare ONE.npy OTHER.npy             # the largest difference
"""
import json
import resource
import sys
import time
from pathlib import Path

import numpy as np


def open_clip():
    import torch

    # Without torchvision's operators the registration of their shapes fails, which nothing here needs.
    register = torch.library.register_fake

    def registered(*args, **kwargs):
        wrap = register(*args, **kwargs)

        def apply(function):
            try:
                return wrap(function)
            except RuntimeError:
                return function

        return apply

    torch.library.register_fake = registered
    import open_clip as module

    return module, torch


def make(tiles, count, folder):
    from PIL import Image

    (folder / "images").mkdir(parents=True, exist_ok=True)
    names = sorted(p for p in tiles.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png", ".tif"))
    for i in range(count):
        image = Image.open(names[i % len(names)]).convert("RGB")
        # Another part of the tile each time around, so that no two files are alike.
        cut = 8 * (i // len(names))
        image = image.crop((cut, cut, image.width, image.height)).resize((1024, 1024), Image.LANCZOS)
        image.save(folder / "images" / f"{i:04d}.jpg", quality=90)
    module, torch = open_clip()
    from safetensors.torch import save_file

    torch.manual_seed(0)
    model = module.create_model("ViT-B-32", pretrained=None)
    (folder / "model").mkdir(exist_ok=True)
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, folder / "model" / "open_clip_model.safetensors")
    config = {"model_cfg": module.get_model_config("ViT-B-32"),
              "preprocess_cfg": module.get_model_preprocess_cfg(model)}
    (folder / "model" / "open_clip_config.json").write_text(json.dumps(config, indent=2))


class Files:
    def __init__(self, folder, preprocess):
        self.files, self.preprocess = sorted((folder / "images").iterdir()), preprocess

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        from PIL import Image

        return self.preprocess(Image.open(self.files[index]))


def embed(folder, out, batch, workers, threads):
    module, torch = open_clip()
    torch.set_num_threads(threads)
    model, _, preprocess = module.create_model_and_transforms(f"local-dir:{folder / 'model'}")
    model.eval()
    started, taken = time.perf_counter(), []
    loader = torch.utils.data.DataLoader(Files(folder, preprocess), batch_size=batch, num_workers=workers)
    with torch.inference_mode():
        for pixels in loader:
            taken.append(model.encode_image(pixels, normalize=True))
    seconds = time.perf_counter() - started
    np.save(out, torch.cat(taken).numpy())
    print(json.dumps({"peer": f"open_clip {module.__version__}, torch {torch.__version__}", "workers": workers,
                      "images_per_s": round(len(torch.cat(taken)) / seconds, 3),
                      "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))


what, args = sys.argv[1], sys.argv[2:]
if what == "make":
    make(Path(args[0]), int(args[1]), Path(args[2]))
elif what == "embed":
    embed(Path(args[0]), args[1], *map(int, args[2:5]))
else:
    one, other = np.load(args[0]), np.load(args[1])
    print(f"{one.shape[0]} embeddings of {one.shape[1]}: largest difference {np.abs(one - other).max():.2g}")
