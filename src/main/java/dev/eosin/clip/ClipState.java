package dev.eosin.clip;

/// What the state of a CLIP model's checkpoints says of the model, besides `[ArchitectureText]`.
public final class ClipState {
  /// The key of alpha / rank, of a run with low-rank adapters.
  public static final String ADAPTER_SCALE = "lora.scale";

  private ClipState() {}
}
