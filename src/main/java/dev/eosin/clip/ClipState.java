package dev.eosin.clip;

import java.util.HashMap;
import java.util.Map;

/// What the state of a CLIP model's checkpoints says of the model.
public final class ClipState {
  /// Of a run with low-rank adapters: alpha / rank.
  static final String ADAPTER_SCALE = "lora.scale";

  private ClipState() {}

  /// The architecture, and the adapters' scale where there are some.
  public static Map<String, String> described(Clip clip) {
    Map<String, String> described = new HashMap<>();
    described.put(ArchitectureText.KEY, ArchitectureText.of(clip.spec()));
    if (!clip.adapterNames().isEmpty()) {
      described.put(ADAPTER_SCALE, Double.toString(clip.lowRank().scale()));
    }
    return described;
  }
}
