package dev.eosin.language.graphs;

/// What graphs of language models take and give, and the names of their axes: those of optimum,
/// which onnxruntime-genai and transformers.js follow, too.
public final class GraphInputs {
  /// int64 [b,n]
  public static final String IDS = "input_ids";

  /// fp32 [b,n,c], in the place of ids
  public static final String EMBEDDINGS = "inputs_embeds";

  /// int64 [b,past + n]: 1 for tokens, 0 for padding
  public static final String MASK = "attention_mask";

  /// int64 [b,n]: the place of each token in its row, from 0, padding not counted
  public static final String POSITIONS = "position_ids";

  /// fp32 [b,n,v]
  public static final String LOGITS = "logits";

  static final String ROWS = "batch_size";
  static final String TOKENS = "sequence_length";
  static final String PAST = "past_sequence_length";
  static final String KEYS = "past_sequence_length + sequence_length";

  private GraphInputs() {}
}
