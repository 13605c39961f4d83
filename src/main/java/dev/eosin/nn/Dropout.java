package dev.eosin.nn;

/// Shares of what a training step leaves out at random, what stays being scaled up to make up for
/// it; each at least 0 and less than 1.
///
/// @param hidden of the embeddings and of what attention and MLP add to the tokens
/// @param attention of the attention probabilities
public record Dropout(double hidden, double attention) {
  /// Leaves nothing out.
  public static final Dropout NONE = new Dropout(0, 0);

  /// @throws IllegalArgumentException when a share is not in [0, 1)
  public Dropout {
    if (!(hidden >= 0 && hidden < 1 && attention >= 0 && attention < 1)) {
      throw new IllegalArgumentException(
          "dropout of %s (hidden) and %s (attention) is not in [0, 1)"
              .formatted(hidden, attention));
    }
  }
}
