package dev.eosin.image.formats;

import dev.eosin.image.UnreadableImageException;
import java.util.ArrayList;
import java.util.List;

/// What a JPEG file says before its first scan: size, components and the markers that decide how
/// its samples are coloured.
///
/// @param componentIds one per component, as in the frame header
/// @param jfif whether a JFIF marker was seen
/// @param adobeTransform the Adobe marker's transform, or -1 without an Adobe marker
record JpegHeader(
    int width, int height, List<Integer> componentIds, boolean jfif, int adobeTransform) {
  private static final int START_OF_SCAN = 0xDA;
  private static final int END_OF_IMAGE = 0xD9;

  /// @throws UnreadableImageException when there is no frame header or one we cannot decode
  static JpegHeader parse(byte[] bytes) throws UnreadableImageException {
    boolean jfif = false;
    int adobeTransform = -1;
    int position = 2;
    while (true) {
      position = nextMarker(bytes, position);
      int marker = unsigned(bytes, position - 1);
      if (marker == START_OF_SCAN || marker == END_OF_IMAGE) {
        throw new UnreadableImageException("corrupt JPEG: no frame header before the image data");
      }
      if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8)) {
        continue;
      }
      int length = unsigned(bytes, position) << 8 | unsigned(bytes, position + 1);
      int content = position + 2;
      if (isFrameHeader(marker)) {
        return frame(bytes, content, marker, jfif, adobeTransform);
      }
      if (marker == 0xE0 && length >= 16 && hasText(bytes, content, "JFIF\0")) {
        jfif = true;
      } else if (marker == 0xEE && length >= 14 && hasText(bytes, content, "Adobe")) {
        adobeTransform = unsigned(bytes, content + 11);
      }
      position += Math.max(length, 2);
    }
  }

  /// Whether three components are luma and chroma, by libjpeg's rules.
  boolean isLumaChroma() {
    if (jfif) {
      return true;
    }
    if (adobeTransform >= 0) {
      return adobeTransform != 0;
    }
    return !componentIds.equals(List.of((int) 'R', (int) 'G', (int) 'B'));
  }

  /// How libturbojpeg calls the colours: 0 RGB, 1 luma and chroma, 2 grey, -1 anything else.
  int turboColours() {
    return switch (componentIds.size()) {
      case 1 -> 2;
      case 3 -> isLumaChroma() ? 1 : 0;
      default -> -1;
    };
  }

  /// Whether the first three of four components are luma and chroma of the inks.
  boolean isLumaChromaBlack() {
    return adobeTransform > 0;
  }

  /// The position after the next marker's second byte.
  private static int nextMarker(byte[] bytes, int start) throws UnreadableImageException {
    int position = start;
    do {
      while (unsigned(bytes, position) != 0xFF) {
        position++;
      }
      while (unsigned(bytes, position) == 0xFF) {
        position++;
      }
    } while (unsigned(bytes, position++) == 0);
    return position;
  }

  private static boolean isFrameHeader(int marker) {
    boolean tablesOrExtension = marker == 0xC4 || marker == 0xC8 || marker == 0xCC;
    return marker >= 0xC0 && marker <= 0xCF && !tablesOrExtension;
  }

  private static JpegHeader frame(
      byte[] bytes, int content, int marker, boolean jfif, int adobeTransform)
      throws UnreadableImageException {
    if (marker != 0xC0 && marker != 0xC1 && marker != 0xC2) {
      throw new UnreadableImageException(
          "a JPEG of frame type 0x%X; save it as baseline or progressive JPEG".formatted(marker));
    }
    if (unsigned(bytes, content) != 8) {
      throw new UnreadableImageException(
          "a JPEG with %d bits a sample; only 8 are supported".formatted(unsigned(bytes, content)));
    }
    int height = unsigned(bytes, content + 1) << 8 | unsigned(bytes, content + 2);
    int width = unsigned(bytes, content + 3) << 8 | unsigned(bytes, content + 4);
    List<Integer> ids = new ArrayList<>();
    for (int i = 0; i < unsigned(bytes, content + 5); i++) {
      ids.add(unsigned(bytes, content + 6 + 3 * i));
    }
    return new JpegHeader(width, height, List.copyOf(ids), jfif, adobeTransform);
  }

  private static boolean hasText(byte[] bytes, int position, String text)
      throws UnreadableImageException {
    for (int i = 0; i < text.length(); i++) {
      if (unsigned(bytes, position + i) != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static int unsigned(byte[] bytes, int position) throws UnreadableImageException {
    if (position >= bytes.length) {
      throw new UnreadableImageException("truncated JPEG: it ends inside the header");
    }
    return bytes[position] & 0xFF;
  }
}
