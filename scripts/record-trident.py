"""Records src/test/resources/slide/trident: coordinates of patches as TRIDENT keeps them, written by h5py.
Run: python scripts/record-trident.py src/test/resources
Check what Eosin writes: python scripts/record-trident.py --check FILE.h5 (prints what differs from TRIDENT's layout)
Needs numpy and h5py 3."""
import sys
from pathlib import Path
import h5py, numpy as np

PLACES = [[0, 0], [512, 0], [1024, 512], [7, 250_000], [123_456, 4]]
NUMBERS = {"patch_size": 256, "patch_size_level0": 512, "level0_magnification": 40, "target_magnification": 20, "overlap": 0,
           "level0_width": 131_072, "level0_height": 262_144}


def record(folder):
    folder.mkdir(exist_ok=True)
    with h5py.File(folder / "slide-a_patches.h5", "w") as file:
        coords = file.create_dataset("coords", data=np.array(PLACES, dtype=np.int64))
        for name, value in NUMBERS.items():
            coords.attrs[name] = value
        coords.attrs["name"] = "slide-a"
        coords.attrs["savetodir"] = "patches"


def check(path):
    with h5py.File(path, "r") as file:
        coords = file["coords"]
        found = {name: coords.attrs[name] for name in coords.attrs}
        print(path, coords.shape, coords.dtype, found)
        wrong = [name for name in NUMBERS if name not in found or np.ndim(found[name]) or int(found[name]) != found[name]]
        wrong += ["name"] * (not isinstance(found.get("name"), str)) + ["coords"] * (coords.dtype != np.int64 or coords.ndim != 2)
        sys.exit("differs: " + ", ".join(wrong) if wrong else 0)


check(sys.argv[2]) if sys.argv[1] == "--check" else record(Path(sys.argv[1]) / "slide" / "trident")
