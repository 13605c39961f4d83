package dev.eosin.data.synthetic;

import dev.eosin.image.RgbImage;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// An endless series of drawn tiles with captions: pure functions of (key, series, index).
///
/// Classes take turns, so every stretch of nine tiles holds each class once.
///
/// @param key where all draws come from
/// @param series another number gives other tiles
/// @param size width and height of a tile in pixels
public record SyntheticTiles(RandomKey key, long series, int size) {
  /// Changes with the drawing: a resumed run must not continue on other tiles.
  public static final int DRAWING_VERSION = 3;

  private static final int CAPTIONS_PER_TILE = 3;
  private static final List<Tissue> TISSUES = List.of(Tissue.values());

  /// The text of each class by its label, in the order of the classes.
  public static Map<String, String> classTexts() {
    Map<String, String> texts = new LinkedHashMap<>();
    TISSUES.forEach(tissue -> texts.put(tissue.label(), tissue.text()));
    return Collections.unmodifiableMap(texts);
  }

  /// The class of tile `index`.
  public static String label(long index) {
    return tissue(index).label();
  }

  /// Draws tile `index`.
  public RgbImage draw(long index) {
    RandomStream random = key.stream(Purpose.SYNTHETIC_TILE, series, index);
    Appearance look = Appearance.draw(tissue(index), random);
    return TileRenderer.render(look, size, random);
  }

  /// Captions of tile `index` in different words.
  public List<String> captions(long index) {
    RandomStream random = key.stream(Purpose.SYNTHETIC_TILE, series, index);
    Appearance look = Appearance.draw(tissue(index), random);
    RandomStream words = key.stream(Purpose.SYNTHETIC_CAPTION, series, index);
    List<String> captions = new ArrayList<>();
    for (int i = 0; i < CAPTIONS_PER_TILE; i++) {
      captions.add(CaptionWriter.write(look, words));
    }
    return captions;
  }

  private static Tissue tissue(long index) {
    return TISSUES.get((int) (index % TISSUES.size()));
  }
}
