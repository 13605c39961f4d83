package dev.eosin.image;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// What to do with the orientation that a camera or scanner wrote into a file.
///
/// Only the EXIF tag is obeyed, not XMP's; an unreadable block counts as none. TIFF files are
/// turned upright either way: their orientation is a field of the format itself, and Pillow obeys
/// it.
public enum ExifOrientation {
  /// Take the pixels as they are stored, as Pillow and open_clip do when they open a file.
  IGNORE,
  /// Turn and mirror the image so that it stands upright (Pillow's `exif_transpose`).
  APPLY;

  private static final byte[] EXIF = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);
  private static final int UPRIGHT = 1;

  /// The orientation (1 to 8) of a JPEG file: its first APP1 segment that holds EXIF.
  static int ofJpeg(byte[] bytes) {
    int position = 2;
    while (position + 4 <= bytes.length && (bytes[position] & 0xFF) == 0xFF) {
      int marker = bytes[position + 1] & 0xFF;
      if (marker == 0xFF) {
        position++;
        continue;
      }
      if (marker == 0xDA || marker == 0xD9) {
        break;
      }
      int length = (bytes[position + 2] & 0xFF) << 8 | (bytes[position + 3] & 0xFF);
      int end = Math.min(position + 2 + length, bytes.length);
      if (marker == 0xE1 && holds(bytes, position + 4, end, EXIF)) {
        return ofBlock(bytes, position + 4, end);
      }
      position += 2 + Math.max(length, 2);
    }
    return UPRIGHT;
  }

  /// The orientation of a PNG file: its `eXIf` chunk.
  static int ofPng(byte[] bytes) {
    long position = 8;
    while (position + 12 <= bytes.length) {
      int at = (int) position;
      long length = bigEndian(bytes, at);
      if (holds(bytes, at + 4, bytes.length, "eXIf".getBytes(StandardCharsets.US_ASCII))) {
        return ofBlock(bytes, at + 8, (int) Math.min(position + 8 + length, bytes.length));
      }
      position += 12 + length;
    }
    return UPRIGHT;
  }

  /// The orientation of a WebP file: its `EXIF` chunk.
  static int ofWebp(byte[] bytes) {
    long position = 12;
    while (position + 8 <= bytes.length) {
      int at = (int) position;
      long length = Integer.toUnsignedLong(Integer.reverseBytes((int) bigEndian(bytes, at + 4)));
      if (holds(bytes, at, bytes.length, "EXIF".getBytes(StandardCharsets.US_ASCII))) {
        return ofBlock(bytes, at + 8, (int) Math.min(position + 8 + length, bytes.length));
      }
      position += 8 + length + length % 2;
    }
    return UPRIGHT;
  }

  /// The orientation of a TIFF structure, with or without the mark of EXIF before it.
  static int ofBlock(byte[] bytes, int start, int end) {
    int tiff = holds(bytes, start, end, EXIF) ? start + EXIF.length : start;
    long number = new TiffTags(bytes, tiff, end).number(TiffTags.ORIENTATION).orElse(UPRIGHT);
    return number >= 1 && number <= 8 ? (int) number : UPRIGHT;
  }

  private static long bigEndian(byte[] bytes, int position) {
    long value = 0;
    for (int i = 0; i < 4; i++) {
      value = value << 8 | (bytes[position + i] & 0xFF);
    }
    return value;
  }

  private static boolean holds(byte[] bytes, int start, int end, byte[] text) {
    return start + text.length <= end
        && Arrays.equals(bytes, start, start + text.length, text, 0, text.length);
  }
}
