package dev.eosin.clip.spec;

import dev.eosin.nn.Activation;
import dev.eosin.tower.Causal;
import dev.eosin.tower.EndOfText;
import dev.eosin.tower.ImageSpec;
import dev.eosin.tower.TextSpec;
import dev.eosin.tower.Vit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Architectures by name. A name ending in `-quickgelu` is the same with QuickGELU, which OpenAI's
/// weights (and PLIP's and PathGen-CLIP's) need.
///
/// Source: open_clip 3.3.0 `model_configs/ViT-*.json`; the `tiny` one is Eosin's own.
public final class ClipPresets {
  private static final String QUICK = "-quickgelu";
  private static final Map<String, ClipSpec> PRESETS =
      new TreeMap<>(
          Map.of(
              "vit-b-32", spec(512, image(224, 32, 768, 12, 12), text(512, 12, 8)),
              "vit-b-16", spec(512, image(224, 16, 768, 12, 12), text(512, 12, 8)),
              "vit-l-14", spec(768, image(224, 14, 1024, 24, 16), text(768, 12, 12)),
              "vit-l-14-336", spec(768, image(336, 14, 1024, 24, 16), text(768, 12, 12)),
              "vit-s-16", spec(384, image(224, 16, 384, 12, 6), text(384, 12, 6)),
              "vit-s-32", spec(384, image(224, 32, 384, 12, 6), text(384, 12, 6)),
              "tiny", spec(128, image(64, 8, 192, 4, 3), text(128, 2, 2))));

  private ClipPresets() {}

  /// @throws IllegalArgumentException listing the names there are
  public static ClipSpec named(String name) {
    boolean quick = name.endsWith(QUICK);
    ClipSpec plain = PRESETS.get(quick ? name.substring(0, name.length() - QUICK.length()) : name);
    if (plain == null) {
      throw new IllegalArgumentException(
          "no preset is named '%s'; there are %s, each also with %s"
              .formatted(name, String.join(", ", PRESETS.keySet()), QUICK));
    }
    return quick
        ? new ClipSpec(plain.embedSize(), plain.image(), plain.text(), Activation.QUICK_GELU)
        : plain;
  }

  /// The presets whose weights have these sizes; activation and end-of-text rule are not sizes.
  public static List<String> fitting(ClipSizes sizes) {
    return PRESETS.entrySet().stream()
        .filter(preset -> sizes.fit(preset.getValue()))
        .flatMap(preset -> Stream.of(preset.getKey(), preset.getKey() + QUICK))
        .toList();
  }

  private static ClipSpec spec(int embedSize, ImageSpec image, TextSpec text) {
    return new ClipSpec(embedSize, image, text, Activation.GELU);
  }

  private static ImageSpec image(int size, int patch, int hidden, int layers, int heads) {
    return new Vit(size, size, patch, hidden, layers, heads, 4 * hidden);
  }

  private static TextSpec text(int hidden, int layers, int heads) {
    return new Causal(77, 49408, hidden, layers, heads, 4 * hidden, new EndOfText.LargestId());
  }
}
