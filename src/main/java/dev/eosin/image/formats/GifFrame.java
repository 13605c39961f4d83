package dev.eosin.image.formats;

import dev.eosin.image.UnreadableImageException;
import java.util.OptionalInt;

/// Where the first frame of a GIF file lies, and what it is drawn with.
///
/// @param canvasWidth in pixels; as large as the frame needs
/// @param canvasHeight in pixels; as large as the frame needs
/// @param left of the frame on the canvas
/// @param top of the frame on the canvas
/// @param interlaced whether its rows come in four passes
/// @param palette [256, 3] red, green and blue; zeros behind the file's own colours
/// @param grey whether the palette is nothing but the greys that the indices name, or missing
/// @param transparent the index that shows what is behind, where there is one
/// @param data where the codes start: their first size in bits, then blocks
@SuppressWarnings("ArrayRecordComponent") // read once: identity equality is meant
record GifFrame(
    int canvasWidth,
    int canvasHeight,
    int left,
    int top,
    int width,
    int height,
    boolean interlaced,
    byte[] palette,
    boolean grey,
    OptionalInt transparent,
    int data) {
  private static final int SCREEN = 13;
  private static final int EXTENSION = '!';
  private static final int IMAGE = ',';
  private static final int CONTROL = 0xF9;

  private record Palette(byte[] colours, boolean grey, int end) {
    static final int ENTRIES = 256;

    /// @param flags their high bit says whether there is one, the low three how long it is
    static Palette read(LittleEndian file, int at, int flags) throws UnreadableImageException {
      byte[] colours = new byte[3 * ENTRIES];
      boolean grey = true;
      int count = (flags & 0x80) == 0 ? 0 : 2 << (flags & 7);
      for (int i = 0; i < 3 * count; i++) {
        colours[i] = (byte) file.unsignedByte(at + i);
        grey &= (colours[i] & 0xFF) == i / 3;
      }
      return new Palette(colours, grey, at + 3 * count);
    }
  }

  /// @throws UnreadableImageException when the file ends too early or holds no frame
  static GifFrame first(byte[] bytes) throws UnreadableImageException {
    LittleEndian file = new LittleEndian(bytes, "GIF");
    Palette global = Palette.read(file, SCREEN, file.unsignedByte(10));
    OptionalInt transparent = OptionalInt.empty();
    int at = global.end();
    while (true) {
      int kind = file.unsignedByte(at++);
      if (kind == IMAGE) {
        return image(file, at, global, transparent);
      }
      if (kind == EXTENSION) {
        if (file.unsignedByte(at) == CONTROL && (file.unsignedByte(at + 2) & 1) != 0) {
          transparent = OptionalInt.of(file.unsignedByte(at + 5));
        }
        at = behindBlocks(file, at + 1);
      } else if (kind == ';') {
        throw new UnreadableImageException("a GIF without a picture in it");
      }
    }
  }

  private static int behindBlocks(LittleEndian file, int start) throws UnreadableImageException {
    int at = start;
    int length = file.unsignedByte(at);
    while (length > 0) {
      at += length + 1;
      length = file.unsignedByte(at);
    }
    return at + 1;
  }

  private static GifFrame image(LittleEndian file, int at, Palette global, OptionalInt transparent)
      throws UnreadableImageException {
    int left = file.unsignedShort(at);
    int top = file.unsignedShort(at + 2);
    int width = file.unsignedShort(at + 4);
    int height = file.unsignedShort(at + 6);
    int flags = file.unsignedByte(at + 8);
    Palette local = Palette.read(file, at + 9, flags);
    Palette palette = (flags & 0x80) == 0 ? global : local;
    if (width < 1 || height < 1) {
      throw new UnreadableImageException(
          "a GIF whose first picture is %d x %d px".formatted(width, height));
    }
    return new GifFrame(
        Math.max(file.unsignedShort(6), left + width),
        Math.max(file.unsignedShort(8), top + height),
        left,
        top,
        width,
        height,
        (flags & 0x40) != 0,
        palette.colours(),
        palette.grey(),
        transparent,
        local.end());
  }
}
