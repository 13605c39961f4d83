package dev.eosin.tower;

/// What stands between a pooled vector and the shared embedding in towers that open_clip takes from
/// timm and transformers.
public enum Projection {
  /// Nothing: the tower's width is the embedding's.
  NONE,
  /// One matrix.
  LINEAR,
  /// Two matrices with GELU between them.
  MLP;

  /// Number of matrices.
  public int matrices() {
    return switch (this) {
      case NONE -> 0;
      case LINEAR -> 1;
      case MLP -> 2;
    };
  }
}
