package dev.eosin.data.synthetic;

import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.SyntheticSettings;
import dev.eosin.image.RgbImage;
import dev.eosin.tensor.RandomKey;
import dev.eosin.tensor.RandomKey.Purpose;
import dev.eosin.tensor.RandomStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Drawn H&E tiles of nine classes with captions, for trying things out without data.
///
/// Tile and captions are pure functions of (seed, split, index); classes take turns, so every
/// stretch of nine samples holds each class once. Train and validation draw from different random
/// streams: no tile of one is a tile of the other, whatever the sizes.
public final class SyntheticSource implements Source {
  /// Changes with the drawing: a resumed run must not continue on other tiles.
  private static final int DRAWING_VERSION = 2;

  private static final int CAPTIONS_PER_TILE = 3;
  private static final List<Tissue> TISSUES = List.of(Tissue.values());

  private final SyntheticSettings settings;
  private final RandomKey key;

  public SyntheticSource(SyntheticSettings settings) {
    this.settings = settings;
    this.key = new RandomKey(settings.seed());
  }

  /// Prompts that zero-shot evaluation can use when a recipe names none; `{}` is the class text.
  public static List<String> defaultPrompts() {
    return List.of("An H&E image of {}.", "This tile shows {}.", "Histopathology of {}.");
  }

  /// The texts of the classes, in their order.
  public static List<String> classNames() {
    return TISSUES.stream().map(Tissue::text).toList();
  }

  @Override
  public long size() {
    return settings.samples();
  }

  @Override
  public Sample get(long index) {
    if (index < 0 || index >= size()) {
      throw new IndexOutOfBoundsException("sample %d of %d".formatted(index, size()));
    }
    String split = settings.split().name().toLowerCase(Locale.ROOT);
    return new Sample(
        "synthetic/%s/%d".formatted(split, index),
        () -> render(index),
        captions(index),
        Optional.of(tissue(index).label()),
        Optional.empty());
  }

  @Override
  public String fingerprint() {
    return "synthetic %d %s".formatted(DRAWING_VERSION, settings);
  }

  @Override
  public Map<String, String> classTexts() {
    Map<String, String> texts = new LinkedHashMap<>();
    TISSUES.forEach(tissue -> texts.put(tissue.label(), tissue.text()));
    return Collections.unmodifiableMap(texts);
  }

  private RgbImage render(long index) {
    RandomStream random = stream(Purpose.SYNTHETIC_TILE, index);
    Appearance look = Appearance.draw(tissue(index), random);
    return TileRenderer.render(look, settings.tile().value(), random);
  }

  private List<String> captions(long index) {
    Appearance look = Appearance.draw(tissue(index), stream(Purpose.SYNTHETIC_TILE, index));
    RandomStream words = stream(Purpose.SYNTHETIC_CAPTION, index);
    List<String> captions = new ArrayList<>();
    for (int i = 0; i < CAPTIONS_PER_TILE; i++) {
      captions.add(CaptionWriter.write(look, words));
    }
    return captions;
  }

  private static Tissue tissue(long index) {
    return TISSUES.get((int) (index % TISSUES.size()));
  }

  private RandomStream stream(Purpose purpose, long index) {
    long split =
        switch (settings.split()) {
          case TRAIN -> 0;
          case VALIDATION -> 1;
        };
    return key.stream(purpose, split, index);
  }
}
