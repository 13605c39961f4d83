"""The classifier of data-prep/openpath/classify.yaml and `nearest` of data-prep/pathlaion, on features of a CLIP: learns from tiles of
LC25000 and cuts out of natural pictures, judged by tiles of other slides and sets and cuts out of other pictures.
Run: python scripts/check-pathology-classifier.py MODEL [OUT] [--shared ../shared] [--eosin ./eosin] [--each 1]
MODEL is a CLIP: a run, a checkpoint or a folder. Everything goes into OUT (runs/pathology-classifier), which is emptied first. Prints
precision, recall, and how many of each set are kept. Needs Pillow."""
import argparse, csv, json, random, shutil, subprocess
from pathlib import Path
from PIL import Image

arguments = argparse.ArgumentParser()
arguments.add_argument("model")
arguments.add_argument("out", nargs="?", default="runs/pathology-classifier")
arguments.add_argument("--shared", default="../shared")
arguments.add_argument("--eosin", default="./eosin")
arguments.add_argument("--each", type=int, default=1)
asked = arguments.parse_args()
out, data, chance = Path(asked.out).resolve(), Path(asked.shared).resolve() / "data", random.Random(7)
FIELDS = ["image", "label", "set", "id", "caption"]


def listed(folder):
    with open(data / folder / "labels.csv", newline="") as table:
        return [(row, str(data / folder / row["filepath"])) for row in csv.DictReader(table)]


def cuts(picture, count):
    """Squares of 96 to 320 px anywhere, as tiles of 224 px."""
    whole = Image.open(picture).convert("RGB")
    for number in range(count):
        side = min(chance.randint(96, 320), *whole.size)
        x, y = chance.randint(0, whole.width - side), chance.randint(0, whole.height - side)
        file = out / "cuts" / f"{picture.stem}_{number}.png"
        whole.crop((x, y, x + side, y + side)).resize((224, 224)).save(file)
        yield str(file)


def tables():
    shutil.rmtree(out, ignore_errors=True)
    (out / "cuts").mkdir(parents=True)
    learnt, judged = [], []
    pictures = sorted(file for file in (data / "non-pathology").iterdir() if file.suffix in (".png", ".jpg"))
    chance.shuffle(pictures)
    first = set(pictures[:7])
    for picture in sorted(pictures):
        rows = learnt if picture in first else judged
        rows += [(file, "natural", picture.stem) for file in cuts(picture, 24 if picture in first else 12)]
    tiles = {side: [(file, "pathology", "LC25000") for row, file in listed("lc25000-5class") if row["split"] == side]
             for side in ("train", "test")}
    queries = chance.sample(tiles["train"], min(200, len(tiles["train"])))
    judged += tiles["test"]
    for folder in ("nct-crc-he-9class", "kather-texture-2016"):
        judged += [(file, "pathology", folder) for _, file in listed(folder)]
    judged += [(file, "pathology", "tile-quality") for row, file in listed("tile-quality") if row["quality"].startswith("tissue")]
    for name, rows in (("examples", learnt + queries), ("queries", queries), ("judged", judged)):
        with open(out / f"{name}.csv", "w", newline="") as table:
            writer = csv.writer(table)
            writer.writerow(FIELDS)
            writer.writerows([*row, number, f"A picture of {row[2]}."] for number, row in enumerate(rows))


def eosin(*command):
    subprocess.run([asked.eosin, *map(str, command)], check=True, stdout=subprocess.DEVNULL)


def measure(name, recipe, step):
    folder = out / name
    eosin("prepare", recipe, f"curate.table={out}/judged.csv", f"curate.images={out}", "curate.columns={key: id}", f"curate.steps=[{step}]",
          f"output.dir={folder}")
    rows = {row["id"]: row for row in csv.DictReader(open(out / "judged.csv", newline=""))}
    kept = set(rows) - {json.loads(line)["key"] for line in open(folder / "rejects.jsonl")}
    right = sum(rows[key]["label"] == "pathology" for key in kept)
    wanted = sum(row["label"] == "pathology" for row in rows.values())
    print(f"{name}: kept {len(kept)} of {len(rows)}, precision {right / max(1, len(kept)):.3f}, recall {right / wanted:.3f}")
    for one in sorted({(row["label"], row["set"]) for row in rows.values()}):
        of = [key for key, row in rows.items() if (row["label"], row["set"]) == one]
        print(f"  {one[0]}, {one[1]}: kept {len(kept.intersection(of))} of {len(of)}")
    print("  " + json.dumps(json.loads((folder / "manifest.json").read_text())["found"]))


tables()
for name in ("examples", "queries", "judged"):
    eosin("embed", "--model", asked.model, "--images", out / f"{name}.csv", "--image-column", "image", "--label-column", "label",
          "--out", out / f"{name}.parquet")
eosin("index", out / "judged.parquet", "--out", out / "index")
measure("classifier", "data-prep/openpath/classify.yaml",
        f"{{type: classifier, features: {out}/judged.parquet, examples: {out}/examples.parquet, keep: [pathology], at-least: 50 %}}")
measure("nearest", "data-prep/pathlaion/curate.yaml",
        f"{{type: nearest, index: {out}/index, queries: {out}/queries.parquet, each: {asked.each}, at-least: 0.8}}")
