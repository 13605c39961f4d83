package dev.eosin.image.slides;

import dev.eosin.image.UnreadableImageException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The samples in libopenjp2's `opj_image_t`.
final class ComponentSamples {
  private static final int IMAGE_BYTES = 48;
  private static final int COMPONENT_COUNT = 16;
  private static final int COMPONENTS = 24;
  private static final int COMPONENT_BYTES = 64;
  private static final int WIDTH = 8;
  private static final int HEIGHT = 12;
  private static final int DATA = 48;

  private ComponentSamples() {}

  /// @return [height, width, 3] uint8; a component of fewer samples is repeated, and so is the only
  ///   one
  static byte[] of(MemorySegment address, int width, int height) throws UnreadableImageException {
    MemorySegment image = address.reinterpret(IMAGE_BYTES);
    int count = image.get(ValueLayout.JAVA_INT, COMPONENT_COUNT);
    MemorySegment all =
        image.get(ValueLayout.ADDRESS, COMPONENTS).reinterpret((long) count * COMPONENT_BYTES);
    byte[] samples = new byte[3 * width * height];
    for (int band = 0; band < 3; band++) {
      long at = (long) Math.min(band, count - 1) * COMPONENT_BYTES;
      fill(samples, band, all.asSlice(at, COMPONENT_BYTES), width, height);
    }
    return samples;
  }

  private static void fill(byte[] samples, int band, MemorySegment component, int width, int height)
      throws UnreadableImageException {
    int columns = component.get(ValueLayout.JAVA_INT, WIDTH);
    int rows = component.get(ValueLayout.JAVA_INT, HEIGHT);
    MemorySegment data = component.get(ValueLayout.ADDRESS, DATA);
    if (columns < 1 || rows < 1 || data.equals(MemorySegment.NULL)) {
      throw new UnreadableImageException("corrupt JPEG 2000: a component has no samples");
    }
    int stepX = Math.ceilDiv(width, columns);
    int stepY = Math.ceilDiv(height, rows);
    int[] row = new int[columns];
    MemorySegment content = data.reinterpret((long) columns * rows * Integer.BYTES);
    for (int y = 0; y < height; y++) {
      long from = (long) (y / stepY) * columns * Integer.BYTES;
      MemorySegment.copy(content, ValueLayout.JAVA_INT, from, row, 0, columns);
      for (int x = 0, i = 3 * y * width + band; x < width; x++, i += 3) {
        samples[i] = (byte) Math.max(0, Math.min(row[x / stepX], 255));
      }
    }
  }
}
