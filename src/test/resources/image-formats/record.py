#!/usr/bin/env python3
"""Writes files/ and expected.safetensors anew (taken/ stays as it is): small image files of many kinds and the pixels that Pillow reads from them.

    python3 record.py      # needs Pillow, numpy, safetensors; see README.md for the versions that were used
"""
import ctypes
import lzma
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, TiffImagePlugin
from safetensors.numpy import save_file

from by_hand import FILES, H, W, bmp, chunk, gif, interlaced, pack, png, tiff

HERE = Path(__file__).parent
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


def turbo(name, sampling):
    """Chroma samplings that Pillow does not write, by libturbojpeg."""
    try:
        library = ctypes.CDLL("libturbojpeg.so.0")
    except OSError:
        print(name, "stays as it is: no libturbojpeg here")
        return
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


def bmps():
    table = [tuple(int(v) for v in colour) for colour in np.random.default_rng(1).integers(0, 256, (256, 3))]
    greys = np.asarray(grey)
    r, g, b = (rgb[..., c].astype("u4") for c in range(3))
    five = (r >> 3) << 10 | (g >> 3) << 5 | b >> 3
    six = (r >> 3) << 11 | (g >> 2) << 5 | b >> 3
    plain, deep = r << 16 | g << 8 | b, alpha.astype("u4") << 24 | r << 16 | g << 8 | b
    bmp("bmp-1.bmp", 1, greys >> 7, palette=table[:2])
    bmp("bmp-1-two-level.bmp", 1, greys >> 7, palette=[(0, 0, 0), (255, 255, 255)])
    bmp("bmp-1-white-first.bmp", 1, greys >> 7, palette=[(255, 255, 255), (0, 0, 0)])
    bmp("bmp-4.bmp", 4, greys >> 4, palette=table[:16])
    bmp("bmp-4-few-colours.bmp", 4, greys >> 5, palette=table[:8])
    bmp("bmp-8.bmp", 8, greys, palette=table)
    bmp("bmp-8-grey.bmp", 8, greys, palette=[(i, i, i) for i in range(256)])
    bmp("bmp-8-os2.bmp", 8, greys, header=12, palette=table)
    bmp("bmp-8-os2-2.bmp", 8, greys, header=64, palette=table)
    bmp("bmp-8-top-down-v4.bmp", 8, greys, header=108, palette=table, top_down=True)
    bmp("bmp-8-palette-not-counted.bmp", 8, greys, palette=table, names_palette=False)
    bmp("bmp-16.bmp", 16, five)
    bmp("bmp-16-555.bmp", 16, five, masks=[0x7C00, 0x3E0, 0x1F])
    bmp("bmp-16-565-v5.bmp", 16, six, header=124, masks=[0xF800, 0x7E0, 0x1F, 0])
    bmp("bmp-24.bmp", 24, plain)
    bmp("bmp-24-os2-1.bmp", 24, plain, header=12)
    bmp("bmp-24-top-down.bmp", 24, plain, top_down=True)
    bmp("bmp-32.bmp", 32, deep)
    bmp("bmp-32-v2.bmp", 32, deep, header=52, masks=[0xFF0000, 0xFF00, 0xFF])
    bmp("bmp-32-v3-alpha.bmp", 32, deep, header=56, masks=[0xFF0000, 0xFF00, 0xFF, 0xFF000000])
    bmp("bmp-32-v5-alpha.bmp", 32, deep, header=124, masks=[0xFF0000, 0xFF00, 0xFF, 0xFF000000])
    bmp("bmp-32-v4-xbgr.bmp", 32, plain << 8 & 0xFFFFFFFF, header=108, masks=[0xFF000000, 0xFF0000, 0xFF00, 0])
    runs = b""
    for row in greys[::-1] >> 5:
        for start in range(0, W, 10):
            part = row[start:start + 10]
            runs += b"\0" + bytes([len(part)]) + part.tobytes() + b"\0" * (len(part) % 2) if start % 20 else b"".join(bytes([1, v]) for v in part)
        runs += b"\0\0"
    head = struct.pack("<IiiHHIIiiII", 40, W, H, 1, 8, 1, len(runs) + 2, 0, 0, 8, 0)
    colours = b"".join(bytes(c[::-1]) + b"\0" for c in table[:8])
    (FILES / "bmp-8-runs.bmp").write_bytes(b"BM" + struct.pack("<IHHI", 0, 0, 0, 54 + 32) + head + colours + runs + b"\0\1")


def gifs():
    tables = [np.random.default_rng(seed).integers(0, 256, (256, 3)).astype("u1").tobytes() for seed in (2, 3)]
    greys = np.asarray(grey).copy()
    ramp = bytes(v for v in range(256) for _ in range(3))
    gif("gif-plain.gif", greys, table=tables[0])
    gif("gif-interlaced.gif", greys, table=tables[0], interlaced=True)
    gif("gif-transparent.gif", greys, table=tables[0], transparent=100)
    gif("gif-local-palette.gif", greys, table=tables[0], local=tables[1])
    gif("gif-only-local-palette.gif", greys, local=tables[1])
    gif("gif-smaller-frame.gif", greys, canvas=(60, 50), at=(4, 7), table=tables[0])
    gif("gif-smaller-frame-transparent.gif", greys, canvas=(60, 50), at=(4, 7), table=tables[0], transparent=9)
    gif("gif-larger-frame.gif", greys, canvas=(20, 20), at=(3, 2), table=tables[0])
    gif("gif-grey.gif", greys, table=ramp)
    gif("gif-no-palette.gif", greys)
    gif("gif-short-palette.gif", greys, table=tables[0][:96])
    noise = np.random.default_rng(4).integers(0, 256, (90, 80)).astype("u1")
    gif("gif-full-code-table.gif", noise, table=tables[0])


def more_tiffs():
    strip = [(254, 4, 0), (256, 3, W), (257, 3, H), (277, 3, 3), (278, 3, H)]
    tiled = [(254, 4, 0), (256, 3, W), (257, 3, H), (262, 3, 2), (277, 3, 3), (322, 3, 32), (323, 3, 32)]
    predictor = TiffImagePlugin.ImageFileDirectory_v2()
    predictor[317] = 2
    for name in ("zstd", "lzma"):
        save(f"tiff-rgb-{name}.tif", picture, "TIFF", compression=name)
        save(f"tiff-rgb-{name}-predictor.tif", picture, "TIFF", compression=name, tiffinfo=predictor)
        save(f"tiff-grey-16-{name}-predictor.tif", grey16, "TIFF", compression=name, tiffinfo=predictor)
        save(f"tiff-palette-{name}.tif", palette, "TIFF", compression=name)
        save(f"tiff-two-level-{name}.tif", two_level, "TIFF", compression=name)
    save("tiff-rgb-big-lzw.tif", picture, "TIFF", compression="tiff_lzw", big_tiff=True)
    save("tiff-rgb-big-zstd.tif", picture, "TIFF", compression="zstd", big_tiff=True)
    save("tiff-grey-16-big.tif", grey16, "TIFF", big_tiff=True)
    save("tiff-palette-big.tif", palette, "TIFF", big_tiff=True)
    save("tiff-rgb-big-jpeg.tif", picture, "TIFF", compression="jpeg", quality=90, big_tiff=True)
    lab = Image.frombytes("LAB", (W, H), rgb.tobytes())
    save("tiff-lab.tif", lab, "TIFF")
    save("tiff-lab-big-lzw.tif", lab, "TIFF", compression="tiff_lzw", big_tiff=True)
    save("tiff-lab-zstd.tif", lab, "TIFF", compression="zstd")
    wide = np.dstack([rgb, alpha])
    for extra, name in ((0, "rgb-and-more"), (1, "rgb-times-alpha")):
        tiff(f"tiff-{name}.tif", strip[:3] + [(262, 3, 2), (277, 3, 4), (278, 3, H), (338, 3, extra)], 8, [wide.tobytes()])
    tiff("tiff-rgb-times-alpha-16.tif", strip[:3] + [(262, 3, 2), (277, 3, 4), (278, 3, H), (338, 3, 1)], 16, [(wide.astype("<u2") * 257).tobytes()])
    xz = [{"id": lzma.FILTER_LZMA2, "preset": 6}]
    padded = np.pad(rgb, ((0, 64 - H), (0, 64 - W), (0, 0)))
    tiles = [padded[y:y + 32, x:x + 32] for y in (0, 32) for x in (0, 32)]
    tiff("tiff-rgb-tiled-lzma.tif", tiled + [(259, 3, 34925)], 8, [lzma.compress(t.tobytes(), lzma.FORMAT_XZ, filters=xz) for t in tiles])
    planes = [np.ascontiguousarray(rgb[..., c]).tobytes() for c in range(3)]
    tiff("tiff-rgb-planar-lzma.tif", strip + [(262, 3, 2), (284, 3, 2), (259, 3, 34925)], 8, [lzma.compress(p, lzma.FORMAT_XZ, filters=xz) for p in planes])


def more_orientations():
    small = picture.crop((0, 0, 24, 16))
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    element = xmp.replace(b'"6"/>', b'"6">').replace(b' tiff:Orientation="6">', b"><tiff:Orientation>8</tiff:Orientation></rdf:Description>")
    save("oriented-6-xmp.jpg", small, "JPEG", quality=90, xmp=xmp)
    save("oriented-8-xmp.webp", small, "WEBP", lossless=True, xmp=element)
    save("oriented-exif-before-xmp.jpg", small, "JPEG", quality=90, xmp=xmp, exif=exif(3))
    digits = exif(7).hex()
    lines = "\nexif\n%8d\n" % (len(digits) // 2) + "\n".join(digits[i:i + 72] for i in range(0, len(digits), 72)) + "\n"
    for name, content in (("tEXt", lines.encode()), ("zTXt", b"\0" + zlib.compress(lines.encode()))):
        pixels = np.asarray(small)
        body = b"".join(b"\0" + row.tobytes() for row in pixels)
        data = chunk(b"IHDR", struct.pack(">IIBBBBB", 24, 16, 8, 2, 0, 0, 0)) + chunk(name.encode(), b"Raw profile type exif\0" + content)
        (FILES / f"oriented-7-{name}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + data + chunk(b"IDAT", zlib.compress(body, 9)) + chunk(b"IEND", b""))
    for name, content in (("plain", b"\0\0\0\0" + xmp), ("packed", b"\1\0\0\0" + zlib.compress(xmp))):
        data = chunk(b"IHDR", struct.pack(">IIBBBBB", 24, 16, 8, 2, 0, 0, 0)) + chunk(b"iTXt", b"XML:com.adobe.xmp\0" + content)
        (FILES / f"oriented-6-iTXt-{name}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + data + chunk(b"IDAT", zlib.compress(body, 9)) + chunk(b"IEND", b""))
    for order in range(1, 9):
        info = TiffImagePlugin.ImageFileDirectory_v2()
        info[0x0112] = order
        save(f"oriented-{order}-zstd.tif", small, "TIFF", tiffinfo=info, compression="zstd", big_tiff=order % 2 == 0)


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
    if old.name not in ("jpeg-440.jpg", "jpeg-411.jpg"):
        old.unlink()
jpegs()
pngs()
tiffs()
webps()
orientations()
bmps()
gifs()
more_tiffs()
more_orientations()
expected()
