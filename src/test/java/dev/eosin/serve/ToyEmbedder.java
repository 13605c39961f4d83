package dev.eosin.serve;

import dev.eosin.eval.ImageTextEmbedder;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Embeds colours: images by how red, green and blue they are, texts by the names of colours in
/// them. Takes its time for each pass, as a model does.
final class ToyEmbedder implements ImageTextEmbedder {
  static final int SIDE = 8;
  static final int WIDTH = 4;
  private static final List<String> COLOURS = List.of("red", "green", "blue");

  private final long passMillis;
  private final ConcurrentLinkedQueue<Integer> passes = new ConcurrentLinkedQueue<>();

  ToyEmbedder(long passMillis) {
    this.passMillis = passMillis;
  }

  /// Inputs of each pass so far.
  List<Integer> passes() {
    return List.copyOf(passes);
  }

  private void pass(int size) {
    passes.add(size);
    try {
      Thread.sleep(passMillis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public float[][] embedImages(byte[] images, int count) {
    pass(count);
    int plane = SIDE * SIDE;
    float[][] rows = new float[count][];
    for (int i = 0; i < count; i++) {
      float[] row = {0, 0, 0, 0.1f};
      for (int at = 0; at < 3 * plane; at++) {
        row[at / plane] += (images[i * 3 * plane + at] & 0xFF) / (255f * plane);
      }
      rows[i] = unit(row);
    }
    return rows;
  }

  @Override
  public float[][] embedTexts(List<String> texts) {
    pass(texts.size());
    return texts.stream().map(ToyEmbedder::text).toArray(float[][]::new);
  }

  private static float[] text(String text) {
    float[] row = {0, 0, 0, 0.1f};
    for (int i = 0; i < COLOURS.size(); i++) {
      row[i] = text.toLowerCase(Locale.ROOT).contains(COLOURS.get(i)) ? 1 : 0;
    }
    return unit(row);
  }

  private static float[] unit(float[] row) {
    double squares = 0;
    for (float value : row) {
      squares += (double) value * value;
    }
    for (int i = 0; i < row.length; i++) {
      row[i] = (float) (row[i] / Math.sqrt(squares));
    }
    return row;
  }
}
