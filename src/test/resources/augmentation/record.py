#!/usr/bin/env python3
"""Writes expected.safetensors anew: what torchvision on Pillow images makes of one tile, with given parameters; see README.md.

    python3 record.py [EOSIN_SHARED]      # needs torch, torchvision, Pillow, numpy, safetensors
"""
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.numpy import save_file
from torchvision.transforms import functional as F
from torchvision.transforms.functional import InterpolationMode

HERE = Path(__file__).parent
W, H = 61, 47
rng = np.random.default_rng(3)
yy, xx = np.mgrid[0:H, 0:W]
base = np.stack([170 + 80 * np.sin(xx / 6 + yy / 9), 110 + 90 * np.cos(yy / 5), 150 + 90 * np.sin((xx - yy) / 7)], -1)
tile = (base + rng.normal(size=(H, W, 3)) * 20).clip(0, 255).astype("u1")
tile[:4, :8] = [[90, 90, 90], [0, 0, 0], [255, 255, 255], [200, 10, 10], [10, 200, 10], [10, 10, 200], [200, 200, 10], [1, 2, 3]]
image = Image.fromarray(tile)
out = {"tile": tile}
for name, change, factors in (
    ("brightness", F.adjust_brightness, (0.5, 0.93, 1.0, 1.37)),
    ("contrast", F.adjust_contrast, (0.4, 0.91, 1.6)),
    ("saturation", F.adjust_saturation, (0.0, 0.7, 1.5)),
    ("hue", F.adjust_hue, (-0.5, -0.07, 0.0, 0.11, 0.5)),
):
    for factor in factors:
        out[f"{name}_{factor}"] = np.asarray(change(image, factor))
out["grey"] = np.asarray(F.rgb_to_grayscale(image, 3))
for i, (angle, dx, dy, scale, shear) in enumerate([(7.3, 4, -3, 0.87, (11.0, -4.0)), (-9.1, 0, 5, 1.19, (-14.2, 13.1)), (0.0, -6, 2, 1.0, (0.0, 0.0)), (0.0, 0, 0, 1.1, (0.0, 0.0))]):
    out[f"affine_{i}"] = np.asarray(F.affine(image, angle, [dx, dy], scale, list(shear), InterpolationMode.BILINEAR, 127))
start = [[0, 0], [W - 1, 0], [W - 1, H - 1], [0, H - 1]]
for i, end in enumerate([[[3, 5], [58, 1], [55, 44], [7, 40]], [[9, 0], [60, 6], [52, 46], [0, 41]]]):
    out[f"perspective_{i}"] = np.asarray(F.perspective(image, start, end, InterpolationMode.BILINEAR, 127))

# Ruifrok and Johnston's stain vectors as scikit-image has them, without its clipping: c = OD M^-1, changed, back.
stains = np.array([[0.65, 0.70, 0.29], [0.07, 0.99, 0.11], [0.27, 0.57, 0.78]])
density = -np.log(np.maximum(tile, 1) / 255.0)
scale, shift = np.array([1.1, 0.93, 1.04]), np.array([0.05, -0.02, 0.01])
changed = (density @ np.linalg.inv(stains) * scale + shift) @ stains
out["stain"] = np.rint(np.exp(-changed) * 255).clip(0, 255).astype("u1")


def macenko(pixels):
    """Macenko et al. 2009 with torchstain's rules (numpy): stain vectors and the 99th percentile of both concentrations."""
    od = -np.log((pixels.reshape(-1, 3).astype(float) + 1) / 240)
    tissue = od[~np.any(od < 0.15, axis=1)]
    vectors = np.linalg.eigh(np.cov(tissue.T))[1][:, 1:3]
    plane = tissue @ vectors
    angle = np.arctan2(plane[:, 1], plane[:, 0])
    low, high = np.percentile(angle, 1), np.percentile(angle, 99)
    a, b = (vectors @ np.array([np.cos(v), np.sin(v)]) for v in (low, high))
    he = np.array([a, b]).T if a[0] > b[0] else np.array([b, a]).T
    concentrations = np.linalg.lstsq(he, od.T, rcond=None)[0]
    return he, concentrations, np.percentile(concentrations, 99, axis=1)


def normalised(pixels, reference):
    he, strongest = reference
    _, concentrations, own = macenko(pixels)
    result = 240 * np.exp(-he @ (concentrations / (own / strongest)[:, None]))
    return np.minimum(result, 255).T.reshape(pixels.shape).astype("u1")


def stained(seed, h, e, size=64):
    """A synthetic tile of two stains."""
    draw = np.random.default_rng(seed)
    y, x = np.mgrid[0:size, 0:size]
    nuclei = (np.sin(x / 3 + seed) * np.cos(y / 4) > 0.3) * draw.uniform(0.5, 1.4, (size, size))
    matrix = 0.3 + 0.5 * np.abs(np.sin(x / 13)) + draw.normal(size=(size, size)) * 0.03
    density = nuclei[..., None] * h + matrix[..., None] * e
    return (240 * np.exp(-density)).clip(0, 255).astype("u1")


source = stained(1, np.array([0.65, 0.70, 0.29]), np.array([0.07, 0.99, 0.11]))
target = stained(2, np.array([0.55, 0.78, 0.31]), np.array([0.15, 0.90, 0.25]))
out |= {"macenko_source": source, "macenko_target": target}
he, _, strongest = macenko(target)
out["macenko_vectors"] = he.astype("f4")
out["macenko_strongest"] = strongest.astype("f4")
out["macenko_normalised"] = normalised(source, (he, strongest))
save_file({name: np.ascontiguousarray(value) for name, value in out.items()}, HERE / "expected.safetensors")

if len(sys.argv) > 1:
    folder = Path(sys.argv[1]) / "data/stain-references"
    real = {n: np.asarray(Image.open(folder / f"torchstain-{n}.png").convert("RGB")) for n in ("source", "target")}
    he, _, strongest = macenko(real["target"])
    result = normalised(real["source"], (he, strongest))
    print("stain-references: vectors", he.round(9).tolist(), "strongest", strongest.round(9).tolist())
    print("mean of the normalised source", result.mean((0, 1)).tolist(), "some pixels", result[::700, ::500].reshape(-1, 3).tolist(), result.shape)
