"""Records src/test/resources/parity/lavis-randaugment: what LAVIS's own functions make of small pictures, the ten
operations of blip_image_train at several levels and both signs, and Pillow's auto contrast.
Run: python scripts/record-randaugment.py RANDAUGMENT.PY src/test/resources/parity
RANDAUGMENT.PY is lavis/processors/randaugment.py of salesforce/LAVIS (sha256 98d697bb...0069b3); it is not in this
repository. Needs numpy below 2, OpenCV 4 (LAVIS wants 4.5.5; OpenCV 5 warps otherwise), Pillow and safetensors."""
import hashlib, importlib.util, json, sys, types
from pathlib import Path
import cv2, numpy as np
from PIL import Image, ImageOps
from safetensors.numpy import save_file

OPERATIONS = ["Identity", "AutoContrast", "Brightness", "Sharpness", "Equalize", "ShearX", "ShearY", "TranslateX",
              "TranslateY", "Rotate"]
SIGNED = ["ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate"]
WITHOUT_LEVEL = ["Identity", "AutoContrast", "Equalize"]
LEVELS = [0, 2.5, 5, 7, 10]
assert cv2.__version__.startswith("4."), cv2.__version__

def pictures():
    generator = np.random.default_rng(11)
    def smooth(height, width, low, high):
        coarse = generator.integers(low, high, (height // 6 + 2, width // 6 + 2, 3), dtype=np.uint8)
        return np.array(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))
    tile = smooth(24, 28, 60, 250)
    dark = smooth(17, 23, 0, 256)
    dark[0, 0] = 0
    flat = np.full((9, 12, 3), 200, np.uint8)
    flat[4, 5, 1] = 90
    return dict(tile=tile, dark=dark, flat=flat, noise=generator.integers(0, 256, (12, 11, 3), dtype=np.uint8))

def lavis(path):
    sys.modules["torch"] = types.ModuleType("torch")  # used for videos alone
    spec = importlib.util.spec_from_file_location("randaugment", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

def args(module, name, level, sign):
    """The arguments of an operation; the sign that LAVIS draws is put in its place."""
    given = module.arg_dict[name](level)
    return (abs(given[0]) * sign, *given[1:]) if name in SIGNED else given

peer = lavis(sys.argv[1])
inputs, expected, cases = pictures(), {}, []
for picture, pixels in inputs.items():
    for name in OPERATIONS:
        for level in LEVELS[:1] if name in WITHOUT_LEVEL else LEVELS:
            for sign in (1, -1) if name in SIGNED else (1,):
                case = f"{picture}.{name}.{level}.{sign}"
                expected[case] = np.ascontiguousarray(peer.func_dict[name](pixels, *args(peer, name, level, sign)))
                cases.append(dict(case=case, picture=picture, operation=name, level=level, backwards=sign < 0))
    expected[f"{picture}.pillow"] = np.array(ImageOps.autocontrast(Image.fromarray(pixels)))
    both = peer.func_dict["Equalize"](peer.func_dict["Rotate"](pixels, *args(peer, "Rotate", 5, -1)))
    expected[f"{picture}.RotateEqualize"] = both
folder = Path(sys.argv[2]) / "lavis-randaugment"
folder.mkdir(exist_ok=True)
save_file(inputs, folder / "inputs.safetensors")
save_file(expected, folder / "expected.safetensors")
made = dict(randaugment_sha256=hashlib.sha256(Path(sys.argv[1]).read_bytes()).hexdigest(), opencv=cv2.__version__,
            numpy=np.__version__, cases=cases)
(folder / "cases.json").write_text(json.dumps(made, indent=0) + "\n")
