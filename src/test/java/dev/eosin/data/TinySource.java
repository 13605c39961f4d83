package dev.eosin.data;

import dev.eosin.config.DataException;
import dev.eosin.data.batches.PairPreparation;
import dev.eosin.data.order.Preparation;
import dev.eosin.image.Raster;
import dev.eosin.image.RgbImage;
import dev.eosin.image.transforms.TileTransform;
import dev.eosin.random.RandomStream;
import dev.eosin.text.CaptionEncoder;
import dev.eosin.text.Tokenizer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Samples in memory whose pixels tell their index; some cannot be read.
public record TinySource(long size, Set<Long> unreadable) implements Source {
  public static final int SIDE = 4;

  @Override
  public Sample get(long index) {
    String key = "tile-" + index;
    return new Sample(
        key,
        () -> image(index),
        Caption.equal(List.of("caption one of " + index, "two of " + index)),
        Optional.of(index % 2 == 0 ? "even" : "odd"),
        Optional.of("group " + index / 4));
  }

  private RgbImage image(long index) throws DataException {
    if (unreadable.contains(index)) {
      throw new DataException("tile-" + index + ": corrupt");
    }
    byte[] pixels = new byte[3 * SIDE * SIDE];
    Arrays.fill(pixels, (byte) index);
    return new RgbImage(SIDE, SIDE, pixels);
  }

  @Override
  public String fingerprint() {
    return "tiny " + size;
  }

  @Override
  public Map<String, String> classTexts() {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("even", "an even number");
    texts.put("odd", "an odd number");
    return texts;
  }

  public static Preparation preparation() {
    return new PairPreparation(new Noise(), CaptionEncoder.truncating(new Letters(), 20));
  }

  /// Adds a draw to each pixel, as an augmentation would.
  public record Noise() implements TileTransform {
    @Override
    public int height() {
      return SIDE;
    }

    @Override
    public int width() {
      return SIDE;
    }

    @Override
    public RgbImage apply(Raster image, RandomStream random) {
      byte[] pixels = image.toRgb().pixels();
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] += (byte) random.nextInt(3);
      }
      return new RgbImage(SIDE, SIDE, pixels);
    }
  }

  /// One id a letter between start 1 and end 2.
  public record Letters() implements Tokenizer {
    @Override
    public int[] encode(String text, int contextLength) {
      int[] ids = new int[Math.min(contextLength, text.length() + 2)];
      ids[0] = 1;
      for (int i = 1; i < ids.length - 1; i++) {
        ids[i] = text.charAt(i - 1);
      }
      ids[ids.length - 1] = 2;
      return ids;
    }

    @Override
    public int untruncatedLength(String text) {
      return text.length() + 2;
    }

    @Override
    public int paddingId() {
      return 7;
    }

    @Override
    public int vocabularySize() {
      return 128;
    }
  }
}
