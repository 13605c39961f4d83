"""Zero-shot top-1 of a bundle on an exported split, by onnxruntime alone; prints one number.

  ./eosin data export RECIPE --split validation --out TILES
  python scripts/check-onnx.py BUNDLE TILES

Reads tiles as the bundle's own example does (examples/zero_shot.py), averages each class's prompts as open_clip does. Needs onnxruntime,
numpy, Pillow and tokenizers.
"""

import csv
import json
import pathlib
import sys

import numpy
import onnxruntime
from PIL import Image
from tokenizers import Tokenizer

bundle, tiles = map(pathlib.Path, sys.argv[1:])
rules = json.loads((bundle / "preprocessor_config.json").read_text())
config = json.loads((bundle / "tokenizer_config.json").read_text())
context = config["model_max_length"]
padding = config["pad_token"]
padding = padding["content"] if isinstance(padding, dict) else padding
tokenizer = Tokenizer.from_file(str(bundle / "tokenizer.json"))
tokenizer.enable_truncation(context)
tokenizer.enable_padding(pad_id=tokenizer.token_to_id(padding), pad_token=padding)
stem = next((bundle / "onnx").glob("text_*.onnx")).stem.removeprefix("text_")
text = onnxruntime.InferenceSession(str(bundle / f"onnx/text_{stem}.onnx"))
vision = onnxruntime.InferenceSession(str(bundle / f"onnx/vision_{stem}.onnx"))


def pixels(path):
    image = Image.open(path).convert("RGB")
    height, width = rules["crop_size"]["height"], rules["crop_size"]["width"]
    if rules["do_center_crop"]:
        ratio = min(image.height / height, image.width / width)
        size = [side * height // min(image.size) if height == width else round(side / ratio) for side in image.size]
        left, top = round((size[0] - width) / 2), round((size[1] - height) / 2)
        image = image.resize(size, rules["resample"]).crop((left, top, left + width, top + height))
    else:
        image = image.resize((width, height), rules["resample"])
    x = (numpy.asarray(image, numpy.float32) / 255 - rules["image_mean"]) / rules["image_std"]
    return x.transpose(2, 0, 1).astype(numpy.float32)


classes = json.loads((tiles / "prompts.json").read_text())["classes"]
directions = []
for each in classes:
    encoded = tokenizer.encode_batch(each["prompts"])
    ids = numpy.array([row.ids for row in encoded], numpy.int64)
    mask = numpy.array([row.attention_mask for row in encoded], numpy.int64)
    mean = text.run(["text_embeds"], {"input_ids": ids, "attention_mask": mask})[0].mean(0)
    directions.append(mean / numpy.linalg.norm(mean))
labels = [each["label"] for each in classes]
rows = list(csv.DictReader((tiles / "labels.csv").open()))
right = 0
for at in range(0, len(rows), 32):
    some = rows[at:at + 32]
    images = numpy.stack([pixels(tiles / row["filepath"]) for row in some])
    embeds = vision.run(["image_embeds"], {"pixel_values": images})[0]
    nearest = (embeds @ numpy.array(directions).T).argmax(1)
    right += sum(labels[i] == row["label"] for i, row in zip(nearest, some))
print(right / len(rows))
