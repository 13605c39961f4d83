#!/usr/bin/env python3
"""Writes files/ and expected.safetensors anew: small image files of many kinds and the pixels that Pillow reads from them.

    python3 record.py      # needs Pillow, numpy, safetensors; see README.md for the versions that were used
"""
import ctypes
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, TiffImagePlugin
from safetensors.numpy import save_file

HERE = Path(__file__).parent
FILES = HERE / "files"
W, H = 53, 41
rng = np.random.default_rng(14)
yy, xx = np.mgrid[0:H, 0:W]
base = np.stack([128 + 100 * np.sin(xx / 7 + yy / 11), 110 + 90 * np.cos(yy / 5), 140 + 80 * np.sin((xx - yy) / 9)], -1)
rgb = (base + rng.normal(size=(H, W, 3)) * 12).clip(0, 255).astype("u1")
alpha = (xx * 255 // (W - 1)).astype("u1")
picture = Image.fromarray(rgb)
grey = picture.convert("L")
rgba = Image.fromarray(np.dstack([rgb, alpha]))
grey_alpha = Image.merge("LA", [grey, Image.fromarray(alpha)])
palette = picture.quantize(37)
two_level = grey.convert("1")
cmyk = Image.fromarray(np.dstack([255 - rgb, (alpha // 3)]), "CMYK")
grey16 = Image.fromarray((np.asarray(grey).astype("u2") * 3 + 7))
deep = (rgb.astype("u2") << 8) | rng.integers(0, 256, rgb.shape).astype("u2")


def save(name, image, format, **options):
    image.save(FILES / name, format, **options)


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(name, rows, depth, colour_type, *chunks):
    """A PNG of any depth and colour type; `rows` are unfiltered packed rows."""
    body = b"".join(b"\0" + row for row in rows)
    header = struct.pack(">IIBBBBB", W, H, depth, colour_type, 0, 0, 0)
    (FILES / name).write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks) + chunk(b"IDAT", zlib.compress(body, 9)) + chunk(b"IEND", b""))


PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def interlaced(name, pixels, colour_type, *chunks):
    body = b""
    for x, y, dx, dy in PASSES:
        for row in pixels[y::dy, x::dx]:
            if row.size:
                body += b"\0" + row.tobytes()
    header = struct.pack(">IIBBBBB", W, H, 8, colour_type, 0, 0, 1)
    (FILES / name).write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks) + chunk(b"IDAT", zlib.compress(body, 9)) + chunk(b"IEND", b""))


def turbo(name, sampling):
    """Chroma samplings that Pillow does not write, by libturbojpeg."""
    library = ctypes.CDLL("libturbojpeg.so.0")
    library.tjInitCompress.restype = ctypes.c_void_p
    handle = ctypes.c_void_p(library.tjInitCompress())
    pixels = np.ascontiguousarray(rgb)
    target, length = ctypes.c_void_p(), ctypes.c_ulong(0)
    failed = library.tjCompress2(
        handle, pixels.ctypes.data_as(ctypes.c_void_p), W, 0, H, 0, ctypes.byref(target), ctypes.byref(length), sampling, 88, 0)
    assert not failed
    (FILES / name).write_bytes(ctypes.string_at(target, length.value))


def exif(orientation):
    data = Image.Exif()
    data[0x010F] = "a maker"
    data[0x0112] = orientation
    return data.tobytes()


def jpegs():
    for name, sampling in (("444", 0), ("422", 1), ("420", 2)):
        save(f"jpeg-{name}.jpg", picture, "JPEG", quality=88, subsampling=sampling)
        save(f"jpeg-{name}-progressive.jpg", picture, "JPEG", quality=75, subsampling=sampling, progressive=True)
    turbo("jpeg-440.jpg", 4)
    turbo("jpeg-411.jpg", 5)
    save("jpeg-restarts.jpg", picture, "JPEG", quality=88, restart_marker_blocks=3)
    save("jpeg-keep-rgb.jpg", picture, "JPEG", quality=88, keep_rgb=True)
    save("jpeg-grey.jpg", grey, "JPEG", quality=88)
    save("jpeg-cmyk.jpg", cmyk, "JPEG", quality=88)
    # The same file marked as luma and chroma of inks, as Photoshop writes it.
    raw = bytearray((FILES / "jpeg-cmyk.jpg").read_bytes())
    at = raw.index(b"Adobe")
    raw[at + 11] = 2
    (FILES / "jpeg-ycck.jpg").write_bytes(raw)


def pngs():
    save("png-rgb.png", picture, "PNG")
    save("png-rgba.png", rgba, "PNG")
    save("png-grey.png", grey, "PNG")
    save("png-grey-alpha.png", grey_alpha, "PNG")
    save("png-palette.png", palette, "PNG")
    save("png-palette-alpha.png", palette, "PNG", transparency=bytes(range(0, 222, 6)))
    save("png-two-level.png", two_level, "PNG")
    save("png-grey-16.png", grey16, "PNG")
    big = deep.astype(">u2")
    png("png-rgb-16.png", [row.tobytes() for row in big], 16, 2)
    png("png-rgba-16.png", [row.tobytes() for row in np.dstack([big, (alpha.astype("u2") * 257).astype(">u2")]).astype(">u2")], 16, 6)
    png("png-grey-alpha-16.png", [row.tobytes() for row in np.dstack([big[..., 0], big[..., 1]]).astype(">u2")], 16, 4)
    nibbles = np.asarray(grey) >> 4
    nibbles = np.pad(nibbles, ((0, 0), (0, 1)))
    png("png-grey-4.png", [(row[0::2] << 4 | row[1::2]).astype("u1").tobytes() for row in nibbles], 4, 0)
    pairs = np.pad(np.asarray(grey) >> 6, ((0, 0), (0, 3)))
    packed = pairs[:, 0::4] << 6 | pairs[:, 1::4] << 4 | pairs[:, 2::4] << 2 | pairs[:, 3::4]
    png("png-grey-2.png", [row.astype("u1").tobytes() for row in packed], 2, 0)
    table = rng.integers(0, 256, (16, 3)).astype("u1").tobytes()
    png("png-palette-4.png", [(row[0::2] << 4 | row[1::2]).astype("u1").tobytes() for row in nibbles], 4, 3, chunk(b"PLTE", table))
    interlaced("png-rgb-interlaced.png", rgb, 2)
    interlaced("png-grey-interlaced.png", np.asarray(grey), 0)


def tiffs():
    for name in ("raw", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits"):
        plain = name.replace("tiff_", "").replace("_", "-")
        save(f"tiff-rgb-{plain}.tif", picture, "TIFF", compression=name)
    save("tiff-rgb-jpeg.tif", picture, "TIFF", compression="jpeg", quality=90)
    save("tiff-grey-jpeg.tif", grey, "TIFF", compression="jpeg", quality=90)
    predictor = TiffImagePlugin.ImageFileDirectory_v2()
    predictor[317] = 2
    save("tiff-rgb-lzw-predictor.tif", picture, "TIFF", compression="tiff_lzw", tiffinfo=predictor)
    save("tiff-rgb-deflate-predictor.tif", picture, "TIFF", compression="tiff_adobe_deflate", tiffinfo=predictor)
    save("tiff-rgba-lzw.tif", rgba, "TIFF", compression="tiff_lzw")
    save("tiff-grey-alpha.tif", grey_alpha, "TIFF")
    save("tiff-grey-lzw.tif", grey, "TIFF", compression="tiff_lzw")
    save("tiff-palette-lzw.tif", palette, "TIFF", compression="tiff_lzw")
    save("tiff-two-level.tif", two_level, "TIFF")
    save("tiff-two-level-group4.tif", two_level, "TIFF", compression="group4")
    save("tiff-grey-16.tif", grey16, "TIFF")
    save("tiff-grey-16-lzw.tif", grey16, "TIFF", compression="tiff_lzw")
    save("tiff-cmyk.tif", cmyk, "TIFF")
    strip = [(254, 4, 0), (256, 3, W), (257, 3, H), (262, 3, 2), (277, 3, 3), (278, 3, H)]
    tiff("tiff-rgb-planar.tif", strip + [(284, 3, 2)], 8, [np.ascontiguousarray(rgb[..., c]).tobytes() for c in range(3)])
    tiff("tiff-rgb-planar-deflate.tif", strip + [(284, 3, 2), (259, 3, 8)], 8, [zlib.compress(np.ascontiguousarray(rgb[..., c]).tobytes()) for c in range(3)])
    tiff("tiff-rgb-16.tif", strip, 16, [deep.astype("<u2").tobytes()])
    tiff("tiff-rgb-16-deflate.tif", strip + [(259, 3, 8)], 16, [zlib.compress(deep.astype("<u2").tobytes())])
    tiled = [(254, 4, 0), (256, 3, W), (257, 3, H), (262, 3, 2), (277, 3, 3), (322, 3, 32), (323, 3, 32)]
    padded = np.pad(rgb, ((0, 64 - H), (0, 64 - W), (0, 0)))
    tiles = [padded[y:y + 32, x:x + 32] for y in (0, 32) for x in (0, 32)]
    tiff("tiff-rgb-tiled.tif", tiled, 8, [tile.tobytes() for tile in tiles])
    tiff("tiff-rgb-tiled-deflate.tif", tiled + [(259, 3, 8)], 8, [zlib.compress(tile.tobytes()) for tile in tiles])
    nibbles = np.pad(np.asarray(grey) >> 4, ((0, 0), (0, 1)))
    tiff("tiff-grey-4.tif", [(256, 3, W), (257, 3, H), (262, 3, 1), (277, 3, 1), (278, 3, H)], 4, [(nibbles[:, 0::2] << 4 | nibbles[:, 1::2]).astype("u1").tobytes()])
    white_zero = [(256, 3, W), (257, 3, H), (262, 3, 0), (277, 3, 1), (278, 3, H)]
    tiff("tiff-white-is-zero.tif", white_zero, 8, [np.asarray(grey).tobytes()])


def tiff(name, fields, bits, parts):
    """A little-endian TIFF with the strips or tiles given."""
    fields = dict((tag, (kind, value)) for tag, kind, value in fields)
    samples = fields[277][1]
    tiled = 322 in fields
    data = b"II*\0\0\0\0\0"
    offsets = []
    for part in parts:
        offsets.append(len(data))
        data += part + b"\0" * (len(part) % 2)
    lists = {258: (3, [bits] * samples), 324 if tiled else 273: (4, offsets), 325 if tiled else 279: (4, [len(p) for p in parts])}
    fields.setdefault(259, (3, 1))
    entries = {tag: (kind, [value]) for tag, (kind, value) in fields.items()} | lists
    body = b""
    for tag in sorted(entries):
        kind, values = entries[tag]
        packed = struct.pack("<%d%s" % (len(values), {3: "H", 4: "I"}[kind]), *values)
        if len(packed) > 4:
            where = len(data)
            data += packed + b"\0" * (len(packed) % 2)
            packed = struct.pack("<I", where)
        body += struct.pack("<HHI", tag, kind, len(values)) + packed.ljust(4, b"\0")
    start = len(data)
    data = data[:4] + struct.pack("<I", start) + data[8:] + struct.pack("<H", len(entries)) + body + b"\0\0\0\0"
    (FILES / name).write_bytes(data)


def webps():
    save("webp-lossy.webp", picture, "WEBP", quality=80)
    save("webp-lossy-low.webp", picture, "WEBP", quality=10)
    save("webp-lossy-alpha.webp", rgba, "WEBP", quality=70)
    save("webp-lossless.webp", picture, "WEBP", lossless=True)
    save("webp-lossless-alpha.webp", rgba, "WEBP", lossless=True, exact=True)
    save("webp-lossless-palette.webp", palette.convert("RGB"), "WEBP", lossless=True)
    save("webp-lossy-grey.webp", grey.convert("RGB"), "WEBP", quality=80)
    save("webp-lossy-profile.webp", picture, "WEBP", quality=80, icc_profile=b"not a profile, only bytes" * 4)


def orientations():
    small = picture.crop((0, 0, 24, 16))
    for n in range(1, 9):
        save(f"oriented-{n}.jpg", small, "JPEG", quality=90, exif=exif(n))
    save("oriented-6.png", small, "PNG", exif=exif(6))
    save("oriented-7.webp", small, "WEBP", lossless=True, exif=exif(7))
    save("oriented-8-lossy.webp", small, "WEBP", quality=80, exif=exif(8))
    info = TiffImagePlugin.ImageFileDirectory_v2()
    info[0x0112] = 5
    save("oriented-5.tif", small, "TIFF", tiffinfo=info)


def expected():
    from PIL import ImageOps
    tensors = {}
    for file in sorted(FILES.iterdir()):
        image = Image.open(file)
        image.load()
        tensors[file.name + ".rgb"] = np.asarray(image.convert("RGB"))
        tensors[file.name + ".resized"] = np.asarray(image.resize((17, 13), Image.BICUBIC).convert("RGB"))
        print(file.name, image.mode, image.size, file.stat().st_size)
        if file.name.startswith("oriented"):
            tensors[file.name + ".upright"] = np.asarray(ImageOps.exif_transpose(Image.open(file)).convert("RGB"))
    save_file({name: np.ascontiguousarray(value) for name, value in tensors.items()}, HERE / "expected.safetensors")


for old in FILES.iterdir():
    old.unlink()
jpegs()
pngs()
tiffs()
webps()
orientations()
expected()
