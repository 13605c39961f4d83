package dev.eosin.tower;

/// What of a model's towers decides the names of its tensors.
public record TowerNames(Image image, Text text) {
  /// An image tower.
  public sealed interface Image {
    /// Number of blocks.
    int layers();

    /// The kind, for people.
    String title();
  }

  /// A text tower.
  public sealed interface Text {
    /// Number of blocks.
    int layers();

    /// The kind, for people.
    String title();
  }

  /// CLIP's vision transformer.
  public record Vit(int layers) implements Image {
    @Override
    public String title() {
      return "CLIP's own vision transformer";
    }
  }

  /// CLIP's text transformer.
  public record Causal(int layers) implements Text {
    @Override
    public String title() {
      return "CLIP's own text transformer";
    }
  }

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
      implements Image {
    @Override
    public String title() {
      return "a timm trunk";
    }
  }

  /// transformers' BertModel under `text.transformer`, with open_clip's projection under
  /// `text.proj`.
  ///
  /// @param pooler whether BERT's own pooler is used
  /// @param matrices of the projection: 0, 1 or 2, without biases
  public record Bert(int layers, boolean pooler, int matrices) implements Text {
    @Override
    public String title() {
      return "a BERT text tower";
    }
  }

  /// Whether both towers are CLIP's own, which a CLIPModel has and whose tensors tell their names.
  public boolean areClips() {
    return image instanceof Vit && text instanceof Causal;
  }

  /// Whether the towers are of the same kinds, whatever their sizes.
  public boolean haveKindsOf(TowerNames other) {
    return image.getClass() == other.image.getClass() && text.getClass() == other.text.getClass();
  }

  /// Both kinds, for people.
  public String title() {
    return image.title() + " and " + text.title();
  }
}
