package dev.eosin.eval.probes;

import java.util.List;

/// What publications do with the hidden states of layers. Each value has its source; what is ours
/// is said to be.
public enum LayerProtocol {
  /// peterhan91/Multimodal-Probes 0203182.
  MULTIMODAL_PROBES;

  /// Another one where a value changes.
  public String version() {
    return switch (this) {
      case MULTIMODAL_PROBES -> "multimodal-probes-layers/1";
    };
  }

  /// Where each value is from, one line each.
  public List<String> sources() {
    return switch (this) {
      case MULTIMODAL_PROBES ->
          List.of(
              "of each layer behind the embeddings the state of the prompt's last token"
                  + " (Multimodal-Probes 0203182, activation.py)",
              "one linear layer on the states as they are, cross entropy, Adam 1e-4, no weight decay,"
                  + " batch 512, 80 epochs, the last weights; accuracy, macro F1, area of each class"
                  + " (Multimodal-Probes 0203182, eval_torch_ex.py)",
              "prompts there: general 'Question: What's on this image? Answer:'; of tissue 'Question:"
                  + " What can you seen on this histological picture? Answer:' (activation.py): write"
                  + " what stands between as live.prompt, the model's own template says who asks",
              "ours: layers in the order of their numbers, where its own order is that of names;"
                  + " intervals; no validation rows, so that the figures are the last layer's, and no"
                  + " layer is chosen by the rows that judge");
    };
  }

  /// @param resamples for the intervals
  public LayerProbe.Settings settings(int resamples) {
    return switch (this) {
      case MULTIMODAL_PROBES ->
          new LayerProbe.Settings(new LayerProbe.Batches(1e-4, 512, 80), false, resamples);
    };
  }
}
