package dev.eosin.language.spec;

/// What a T5's MLP does between its matrices.
///
/// Its text is part of checkpoints: `false` and `true` are from when there were only two.
public enum T5Gate {
  /// ReLU of one product, as v1.0 has it.
  NONE("false"),
  /// GELU's tanh form of one product, times another: v1.1, FlanT5.
  TANH("true"),
  /// GELU itself of one product, times another: FlanT5 as LAVIS, BLIP-2 and InstructBLIP use it.
  EXACT("exact");

  private final String text;

  T5Gate(String text) {
    this.text = text;
  }

  /// Whether two products are multiplied.
  public boolean gates() {
    return this != NONE;
  }

  public boolean exact() {
    return this == EXACT;
  }

  /// As transformers calls what the product goes through, `dense_act_fn`.
  public String activation() {
    return switch (this) {
      case NONE -> "relu";
      case TANH -> "gelu_new";
      case EXACT -> "gelu";
    };
  }

  @Override
  public String toString() {
    return text;
  }
}
