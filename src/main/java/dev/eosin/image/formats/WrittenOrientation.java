package dev.eosin.image.formats;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Finds the orientation (1 to 8, see [Upright]) that an image file names, where Pillow looks for
/// it: in EXIF; in XMP where EXIF has none.
final class WrittenOrientation {
  private static final int UPRIGHT = 1;
  private static final byte[] EXIF = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] XMP =
      "http://ns.adobe.com/xap/1.0/\0".getBytes(StandardCharsets.US_ASCII);
  private static final Pattern IN_XMP = Pattern.compile("tiff:Orientation(?:=\"|>)([0-9])");

  /// Lines before the digits of ImageMagick's profile: an empty one, its name, its length.
  private static final int PROFILE_HEADER = 3;

  private WrittenOrientation() {}

  /// Of a JPEG file: in its first APP1 segment that holds EXIF, else the last that holds XMP.
  static int ofJpeg(byte[] bytes) {
    Optional<byte[]> exif = Optional.empty();
    Optional<byte[]> xmp = Optional.empty();
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
      if (marker == 0xE1 && exif.isEmpty() && holds(bytes, position + 4, end, EXIF)) {
        exif = Optional.of(Arrays.copyOfRange(bytes, position + 4, end));
      } else if (marker == 0xE1 && holds(bytes, position + 4, end, XMP)) {
        xmp = Optional.of(Arrays.copyOfRange(bytes, position + 4, end));
      }
      position += 2 + Math.max(length, 2);
    }
    return of(exif, xmp);
  }

  /// Of a PNG file: its chunk `eXIf`, else ImageMagick's text `Raw profile type exif`.
  static int ofPng(byte[] bytes) {
    PngTexts texts = new PngTexts(bytes);
    Optional<byte[]> exif =
        texts
            .chunk("eXIf")
            .or(() -> texts.text("Raw profile type exif").flatMap(WrittenOrientation::fromDigits));
    return of(exif, texts.text("XML:com.adobe.xmp"));
  }

  /// Of a WebP file: its chunks `EXIF` and `XMP `.
  static int ofWebp(byte[] bytes) {
    return of(webpChunk(bytes, "EXIF"), webpChunk(bytes, "XMP "));
  }

  /// Of a TIFF file: a field of its own.
  static int ofTiff(TiffTags tags) {
    return of(tags.number(TiffTags.ORIENTATION), tags.bytes(TiffTags.XMP));
  }

  private static int of(Optional<byte[]> exif, Optional<byte[]> xmp) {
    OptionalLong number = OptionalLong.empty();
    if (exif.isPresent()) {
      byte[] block = exif.get();
      int start = holds(block, 0, block.length, EXIF) ? EXIF.length : 0;
      number = new TiffTags(block, start, block.length).number(TiffTags.ORIENTATION);
    }
    return of(number, xmp);
  }

  private static int of(OptionalLong inExif, Optional<byte[]> xmp) {
    long number =
        inExif.isPresent()
            ? inExif.getAsLong()
            : xmp.map(WrittenOrientation::ofXmp).orElse(UPRIGHT);
    return number >= 1 && number <= 8 ? (int) number : UPRIGHT;
  }

  private static int ofXmp(byte[] packet) {
    Matcher matcher = IN_XMP.matcher(new String(packet, StandardCharsets.ISO_8859_1));
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : UPRIGHT;
  }

  private static Optional<byte[]> fromDigits(byte[] profile) {
    String digits =
        new String(profile, StandardCharsets.ISO_8859_1)
            .lines()
            .skip(PROFILE_HEADER)
            .map(String::strip)
            .collect(Collectors.joining());
    try {
      return Optional.of(HexFormat.of().parseHex(digits));
    } catch (IllegalArgumentException notDigits) {
      return Optional.empty();
    }
  }

  private static Optional<byte[]> webpChunk(byte[] bytes, String name) {
    byte[] type = name.getBytes(StandardCharsets.US_ASCII);
    long position = 12;
    while (position + 8 <= bytes.length) {
      int at = (int) position;
      long length = 0;
      for (int i = 3; i >= 0; i--) {
        length = length << 8 | (bytes[at + 4 + i] & 0xFF);
      }
      if (holds(bytes, at, bytes.length, type)) {
        int end = (int) Math.min(position + 8 + length, bytes.length);
        return Optional.of(Arrays.copyOfRange(bytes, at + 8, end));
      }
      position += 8 + length + length % 2;
    }
    return Optional.empty();
  }

  private static boolean holds(byte[] bytes, int start, int end, byte[] text) {
    return start + text.length <= end
        && Arrays.equals(bytes, start, start + text.length, text, 0, text.length);
  }
}
