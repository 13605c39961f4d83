package dev.eosin.checkpoint;

/// What of a tower decides the names of its tensors in open_clip's files.
public final class TowerNames {
  private TowerNames() {}

  /// An image tower.
  public sealed interface Image {}

  /// A text tower.
  public sealed interface Text {}

  /// CLIP's vision transformer.
  public record Vit(int layers) implements Image {}

  /// CLIP's text transformer.
  public record Causal(int layers) implements Text {}

  /// timm's vision transformer under `visual.trunk`, with open_clip's projection under
  /// `visual.head`.
  ///
  /// @param normAfterPooling whether the final norm is `fc_norm`
  /// @param matrices of the projection: 0, 1 or 2
  /// @param lastBias whether the last matrix has a bias; the first of two has one
  public record Timm(
      int layers,
      boolean registers,
      boolean layerScale,
      boolean normAfterPooling,
      int matrices,
      boolean lastBias)
      implements Image {}

  /// transformers' BertModel under `text.transformer`, with open_clip's projection under
  /// `text.proj`.
  ///
  /// @param pooler whether BERT's own pooler is used
  /// @param matrices of the projection: 0, 1 or 2, without biases
  public record Bert(int layers, boolean pooler, int matrices) implements Text {}
}
