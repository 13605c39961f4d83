#!/usr/bin/env python3
# Records the pixels of whole slides as OpenSlide reads them, and makes small slides for the tests.
#   python3 scripts/record-slides.py SLIDES_FOLDER src/test/resources/slide
# Needs openslide-python 1.2 with OpenSlide 3.4.1 and Pillow (Debian: python3-openslide).
# Small slides hold pieces of the real ones byte for byte where these have the kind, and else pieces packed by Pillow.
import hashlib, io, json, struct, sys
from pathlib import Path
import openslide
from PIL import Image

source, target = Path(sys.argv[1]), Path(sys.argv[2])
target.mkdir(parents=True, exist_ok=True)
CMU, TCGA = source / "CMU-1-Small-Region.svs", source / "TCGA-CR-7395-01A-01-TS1.svs"
SIZE = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 13: 4, 16: 8}

def directories(path):
    data = path.read_bytes()
    at, found = struct.unpack("<I", data[4:8])[0], []
    while at:
        count, fields = struct.unpack("<H", data[at:at + 2])[0], {}
        for i in range(count):
            p = at + 2 + 12 * i
            tag, kind, n = struct.unpack("<HHI", data[p:p + 8])
            size = SIZE[kind] * n
            begin = p + 8 if size <= 4 else struct.unpack("<I", data[p + 8:p + 12])[0]
            raw = data[begin:begin + size]
            code = {1: "B", 3: "H", 4: "I", 5: "I"}.get(kind)
            fields[tag] = raw if code is None else struct.unpack("<%d%s" % (n * (2 if kind == 5 else 1), code), raw)
        found.append(fields)
        at = struct.unpack("<I", data[at + 2 + 12 * count:at + 6 + 12 * count])[0]
    return data, found

class Tiff:
    """Writes directories of (tag, type, values) with their pieces; subs are SubIFDs of the first."""
    def __init__(self, big=False, order="<"):
        self.big, self.order, self.out, self.links = big, order, bytearray(), []
        self.out += (b"II" if order == "<" else b"MM") + struct.pack(order + ("HHHQ" if big else "HI"), *((43, 8, 0, 0) if big else (42, 0)))
        self.link = 8 if big else 4
    def add(self, fields, pieces, tiled=True, sub=False):
        fields, offsets = dict(fields), []
        for piece in pieces:
            offsets.append(len(self.out)); self.out += piece
            if len(self.out) % 2: self.out += b"\0"
        word = (16, "Q") if self.big else (4, "I")
        fields[324 if tiled else 273] = (word[0], offsets)
        fields[325 if tiled else 279] = (word[0], [len(p) for p in pieces])
        width, entries = (8 if self.big else 4), b""
        for tag in sorted(fields):
            kind, values = fields[tag]
            raw = values if isinstance(values, bytes) else struct.pack(self.order + "%d%s" % (len(values), {3: "H", 4: "I", 5: "I", 13: "I", 16: "Q"}[kind]), *values)
            count = len(raw) // SIZE[kind]
            if len(raw) > width:
                if len(self.out) % 2: self.out += b"\0"
                at = len(self.out); self.out += raw; raw = struct.pack(self.order + word[1], at)
            entries += struct.pack(self.order + "HH" + word[1], tag, kind, count) + raw.ljust(width, b"\0")
        at = len(self.out)
        self.out += struct.pack(self.order + ("Q" if self.big else "H"), len(fields)) + entries
        if not sub:
            struct.pack_into(self.order + word[1], self.out, self.link, at)
            self.link = len(self.out)
        self.out += b"\0" * width
        return at
    def write(self, name):
        (target / name).write_bytes(self.out)

def base(width, height, packing, photometric, tile=None, rows=None, text=None, sub=0, samples=3, **more):
    fields = {254: (4, [sub]), 256: (4, [width]), 257: (4, [height]), 258: (3, [8] * samples), 259: (3, [packing]), 262: (3, [photometric]), 277: (3, [samples]), 284: (3, [1])}
    if tile: fields |= {322: (3, [tile]), 323: (3, [tile])}
    if rows: fields[278] = (3, [rows])
    if text: fields[270] = (2, text.encode() + b"\0")
    return fields | {int(tag[1:]): value for tag, value in more.items()}

def crop(fields, data, columns, rows, left, top):
    across = -(-fields[256][0] // fields[322][0])
    return [data[fields[324][i]:fields[324][i] + fields[325][i]] for y in range(top, top + rows) for x in range(left, left + columns) for i in [y * across + x]]

def tiles(image, tile, pack):
    result = []
    for y in range(0, image.height, tile):
        for x in range(0, image.width, tile):
            result.append(pack(image.crop((x, y, x + tile, y + tile))))
    return result

def packed_by_pillow(compression, predictor=False):
    def pack(image):
        stream = io.BytesIO()
        image.save(stream, "TIFF", compression=compression, **({"tiffinfo": {317: 2}} if predictor else {}))
        with Image.open(io.BytesIO(stream.getvalue())) as read:
            at, length = read.tag_v2[273], read.tag_v2[279]
            assert len(at) == 1, "one strip"
            return stream.getvalue()[at[0]:at[0] + length[0]]
    return pack

def j2k(image):
    stream = io.BytesIO()
    image.convert("YCbCr").save(stream, "JPEG2000", no_jp2=True, mct=0, irreversible=True, quality_mode="rates", quality_layers=[8])
    return stream.getvalue()

slide = openslide.OpenSlide(str(CMU))
picture = slide.read_region((900, 1200), 0, (300, 260)).convert("RGB")
half = picture.resize((150, 130), Image.BOX)
data, found = directories(CMU)
first, thumbnail = found[0], found[1]
t = Tiff()
text = "Aperio Image Library v11.2.1 \r\n450x460 (240x240) JPEG/RGB Q=30|AppMag = 20|MPP = 0.4990|Filename = small"
t.add(base(450, 460, 7, 2, tile=240, text=text, t347=(7, first[347]), t530=(3, [2, 2])), crop(first, data, 2, 2, 4, 5))
t.add(base(574, 48, 7, 2, rows=16, text="Aperio Image Library v11.2.1 \n thumbnail", t347=(7, thumbnail[347]), t530=(3, [2, 2])),
      [data[thumbnail[273][i]:thumbnail[273][i] + thumbnail[279][i]] for i in range(20, 23)], tiled=False)
label = found[2]
t.add(base(387, 21, 5, 2, rows=7, text="Aperio Image Library v11.2.1 \nlabel 387x21", sub=1, t317=(3, [2])),
      [data[label[273][i]:label[273][i] + label[279][i]] for i in range(3)], tiled=False)
t.write("aperio-jpeg.svs")
data, found = directories(TCGA)
t = Tiff()
text = "Aperio Image Library v11.0.37\r\n500x250 (256x256) J2K/KDU Q=70|Filename = small"
t.add(base(500, 250, 33005, 2, tile=256, text=text), crop(found[0], data, 2, 1, 7, 6))
t.write("aperio-j2k-rgb.svs")
t = Tiff()
text = "Aperio Image Library v10\r\n300x260 (128x128) J2K/YUV16 Q=50|AppMag = 40|MPP = 0.2500"
t.add(base(300, 260, 33003, 2, tile=128, text=text), tiles(picture, 128, j2k))
t.add(base(150, 130, 33003, 2, tile=128, text="Aperio"), tiles(half, 128, j2k))
t.write("aperio-j2k-ycbcr.svs")
resolution = {"t282": (5, [20000, 1]), "t283": (5, [20000, 1]), "t296": (3, [3])}
t = Tiff(big=True)
t.add(base(300, 260, 5, 2, tile=128, t317=(3, [2]), **resolution), tiles(picture, 128, packed_by_pillow("tiff_lzw", True)))
t.add(base(150, 130, 5, 2, tile=128, sub=1, t317=(3, [2])), tiles(half, 128, packed_by_pillow("tiff_lzw", True)))
t.write("big-lzw.tif")
t = Tiff(order=">")
t.add(base(300, 260, 8, 2, tile=64), tiles(picture, 64, packed_by_pillow("tiff_adobe_deflate")))
t.add(base(150, 130, 8, 2, tile=64, sub=1), tiles(half, 64, packed_by_pillow("tiff_adobe_deflate")))
t.write("big-endian-deflate.tif")
xml = '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Instrument><Objective NominalMagnification="20"/></Instrument><Image><Pixels PhysicalSizeX="500" PhysicalSizeXUnit="nm" PhysicalSizeY="0.51" SizeX="300"/></Image></OME>'
t = Tiff()
sub = t.add(base(150, 130, 5, 2, tile=64, sub=1), tiles(half, 64, packed_by_pillow("tiff_lzw")), sub=True)
t.add(base(300, 260, 5, 2, tile=64, text=xml, t330=(13, [sub])), tiles(picture, 64, packed_by_pillow("tiff_lzw")))
t.write("subifds.ome.tif")
t = Tiff()
strips = [picture.crop((0, y, 300, min(y + 50, 260))).tobytes() for y in range(0, 260, 50)]
t.add(base(300, 260, 1, 2, rows=50, text="MPP=0.5"), strips, tiled=False)
t.write("strips.tif")
t = Tiff()
planes = [band for band in picture.split()]
fields = base(300, 260, 5, 2, tile=128) | {284: (3, [2])}
t.add(fields, [piece for band in planes for piece in tiles(band, 128, packed_by_pillow("tiff_lzw"))])
t.write("planar.tif")

def digest(image):
    return hashlib.sha256(image.convert("RGB").tobytes()).hexdigest()

record = {"openslide": openslide.__library_version__, "slides": {}}
names = {path.name: path for path in sorted(source.glob("*.[st]*")) + sorted(target.glob("*.svs")) + sorted(target.glob("*.tif"))}
for name, path in names.items():
    entry = {"levels": [], "associated": {}, "regions": []}
    try:
        with openslide.OpenSlide(str(path)) as s:
            for level, size in enumerate(s.level_dimensions):
                entry["levels"].append({"size": size, "downsample": s.level_downsamples[level], "sha256": digest(s.read_region((0, 0), level, size))})
            entry["associated"] = {key: {"size": value.size, "sha256": digest(value)} for key, value in s.associated_images.items()}
            width, height = s.dimensions
            for left, top, wide, high in [(width // 3, height // 4, 100, 90), (1, 1, width // 2, 7), (width - 65, height - 33, 65, 33)]:
                entry["regions"].append({"level": 0, "at": [left, top], "size": [wide, high], "sha256": digest(s.read_region((left, top), 0, (wide, high)))})
            entry["by"] = "OpenSlide"
    except openslide.OpenSlideError as e:
        entry["openslide-says"] = str(e)
    if "by" not in entry or "subifds" in name:
        levels = [picture] if name in ("strips.tif", "planar.tif") else [picture, half]
        entry = {"by": "Pillow", "levels": [{"size": i.size, "downsample": (picture.width / i.width + picture.height / i.height) / 2, "sha256": digest(i)} for i in levels], "associated": {}, "regions": []}
    record["slides"][name] = entry
(target / "recorded.json").write_text(json.dumps(record, indent=1) + "\n")
