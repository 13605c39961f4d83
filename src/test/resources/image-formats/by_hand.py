"""Image files put together byte by byte, of kinds that Pillow reads and does not write; all of W x H pixels where nothing else is said."""
import io
import struct
import zlib
from pathlib import Path

from PIL import Image

FILES = Path(__file__).parent / "files"
W, H = 53, 41


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


def bmp(name, bits, pixels, header=40, palette=None, masks=None, top_down=False, compression=None, names_palette=True):
    """A BMP with any header; `pixels` are rows of indices or of whole pixels."""
    rows = pixels if top_down else pixels[::-1]
    if bits < 8:
        body = b"".join(pack(row, bits) for row in rows)
    else:
        body = b"".join(aligned(b"".join(int(p).to_bytes(bits // 8, "little") for p in row)) for row in rows)
    h, w = len(pixels), len(pixels[0])
    kind = compression if compression is not None else 3 if masks else 0
    if header == 12:
        head = struct.pack("<IHHHH", 12, w, h, 1, bits)
        table = b"".join(bytes(c[::-1]) for c in palette or [])
    else:
        colours = len(palette) if palette and len(palette) < 1 << bits else 0
        head = struct.pack("<IiiHHIIiiII", header, w, -h if top_down else h, 1, bits, kind, 0, 2835, 2835, colours, 0)
        fields = b"".join(struct.pack("<I", m) for m in masks or [])
        head = (head + fields).ljust(header, b"\0") if header > 40 else head + fields
        table = b"".join(bytes(c[::-1]) + b"\0" for c in palette or [])
    start = 14 + len(head) + len(table)
    named = start if names_palette else 14 + header
    (FILES / name).write_bytes(b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, named) + head + table + body)


def aligned(row):
    return row + b"\0" * (-len(row) % 4)


def pack(row, bits):
    text = "".join(format(int(v), f"0{bits}b") for v in row)
    return aligned(bytes(int(text[i:i + 8].ljust(8, "0"), 2) for i in range(0, len(text), 8)))


def gif(name, frame, canvas=None, at=(0, 0), transparent=None, interlaced=False, table=None, local=None):
    """A GIF of one frame of indices, by Pillow's encoder, put together by hand."""
    indices = Image.fromarray(frame)
    indices.putpalette(sum(([i, 255 - i, i // 2] for i in range(256)), []))
    target = io.BytesIO()
    indices.save(target, "GIF", interlace=int(interlaced), optimize=False)
    data = target.getvalue()
    image = data.index(b",\0\0\0\0" + struct.pack("<HH", *indices.size), 13 + 768)
    descriptor, body = data[image:image + 10], data[image + 10:]
    w, h = canvas or indices.size
    flags = 0x80 | (len(table) // 3).bit_length() - 2 if table else 0
    result = b"GIF89a" + struct.pack("<HHBBB", w, h, flags, 0, 0) + (table or b"")
    if transparent is not None:
        result += b"!\xf9\4\1\0\0" + bytes([transparent]) + b"\0"
    own = 0x80 | (len(local) // 3).bit_length() - 2 if local else 0
    result += b"," + struct.pack("<HH", *at) + descriptor[5:9] + bytes([descriptor[9] & 0x40 | own]) + (local or b"") + body
    (FILES / name).write_bytes(result)
