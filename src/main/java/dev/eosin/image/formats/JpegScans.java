package dev.eosin.image.formats;

import dev.eosin.image.UnreadableImageException;

/// How many scans a JPEG has. Each scan of a progressive one goes over the whole image, however few
/// bytes it has: a small file of many thousands would keep a decoder at work for hours.
/// libjpeg-turbo gives up after 500, and so do we, whichever library decodes.
final class JpegScans {
  private static final int MOST = 500;
  private static final int START_OF_SCAN = 0xDA;
  private static final int END_OF_IMAGE = 0xD9;

  private JpegScans() {}

  /// @throws UnreadableImageException when it has too many
  static void requireFew(byte[] bytes) throws UnreadableImageException {
    int scans = 0;
    int position = 2;
    while (position + 3 < bytes.length) {
      int marker = bytes[position + 1] & 0xFF;
      if ((bytes[position] & 0xFF) != 0xFF || isAlone(marker)) {
        // Data of a scan, or what stands between its parts.
        position++;
      } else if (marker == END_OF_IMAGE) {
        return;
      } else {
        scans += marker == START_OF_SCAN ? 1 : 0;
        int length = (bytes[position + 2] & 0xFF) << 8 | (bytes[position + 3] & 0xFF);
        position += 2 + Math.max(length, 2);
      }
      if (scans > MOST) {
        throw new UnreadableImageException(
            "a JPEG of more than %d scans; save it again".formatted(MOST));
      }
    }
  }

  /// Whether nothing belongs to it: a stuffed byte, filling, a restart, a start.
  private static boolean isAlone(int marker) {
    return marker <= 0x01 || marker == 0xFF || (marker >= 0xD0 && marker <= 0xD8);
  }
}
