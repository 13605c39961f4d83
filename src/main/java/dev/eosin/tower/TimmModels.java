package dev.eosin.tower;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/// timm's vision transformers by name, as `timm.create_model(name)` makes them.
///
/// Source: timm 1.0.29 `vision_transformer.py`; MahmoodLab/UNI and UNI2-h as their model cards
/// create them.
public final class TimmModels {
  private static final OptionalDouble NO_SCALE = OptionalDouble.empty();
  private static final OptionalDouble SCALE = OptionalDouble.of(1e-5);
  private static final Map<String, TimmImage.Trunk> KNOWN =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("vit_small_patch16_224", trunk(224, 16, 384, 12, 6, NO_SCALE, 0)),
              Map.entry("vit_small_patch32_224", trunk(224, 32, 384, 12, 6, NO_SCALE, 0)),
              Map.entry("vit_base_patch16_224", trunk(224, 16, 768, 12, 12, NO_SCALE, 0)),
              Map.entry("vit_base_patch32_224", trunk(224, 32, 768, 12, 12, NO_SCALE, 0)),
              Map.entry("vit_large_patch16_224", trunk(224, 16, 1024, 24, 16, NO_SCALE, 0)),
              Map.entry("vit_large_patch14_224", trunk(224, 14, 1024, 24, 16, NO_SCALE, 0)),
              Map.entry("vit_small_patch14_dinov2", trunk(518, 14, 384, 12, 6, SCALE, 0)),
              Map.entry("vit_base_patch14_dinov2", trunk(518, 14, 768, 12, 12, SCALE, 0)),
              Map.entry("vit_large_patch14_dinov2", trunk(518, 14, 1024, 24, 16, SCALE, 0)),
              Map.entry("vit_small_patch14_reg4_dinov2", trunk(518, 14, 384, 12, 6, SCALE, 4)),
              Map.entry("vit_base_patch14_reg4_dinov2", trunk(518, 14, 768, 12, 12, SCALE, 4)),
              Map.entry("vit_large_patch14_reg4_dinov2", trunk(518, 14, 1024, 24, 16, SCALE, 4)),
              Map.entry("vit_giant_patch14_reg4_dinov2", gated(518, 40, 4)),
              Map.entry("hf-hub:MahmoodLab/uni", trunk(224, 16, 1024, 24, 16, SCALE, 0)),
              Map.entry("hf-hub:MahmoodLab/UNI", trunk(224, 16, 1024, 24, 16, SCALE, 0)),
              Map.entry("hf-hub:MahmoodLab/UNI2-h", gated(224, 24, 8))));

  private TimmModels() {}

  /// The trunk of a name; what follows a dot names weights (`vit_base_patch16_224.augreg_in21k`).
  public static Optional<TimmImage.Trunk> named(String name) {
    int dot = name.startsWith("hf-hub:") ? -1 : name.indexOf('.');
    return Optional.ofNullable(KNOWN.get(dot < 0 ? name : name.substring(0, dot)));
  }

  /// All of them, for messages.
  public static String names() {
    return String.join(", ", KNOWN.keySet());
  }

  private static TimmImage.Trunk trunk(
      int size,
      int patch,
      int hidden,
      int layers,
      int heads,
      OptionalDouble layerScale,
      int registers) {
    return new TimmImage.Trunk(
        size,
        size,
        patch,
        hidden,
        layers,
        heads,
        4 * hidden,
        false,
        layerScale,
        registers,
        registers > 0);
  }

  /// Width 1536 with SwiGLU, which DINOv2's giant model and UNI2-h share.
  private static TimmImage.Trunk gated(int size, int layers, int registers) {
    return new TimmImage.Trunk(
        size, size, 14, 1536, layers, 24, 4096, true, SCALE, registers, true);
  }
}
