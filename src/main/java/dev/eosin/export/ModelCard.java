package dev.eosin.export;

import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.onnx.GraphPrecision;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/// `README.md` of a bundle, as model hubs read it: front matter for programs, then the same for
/// people.
///
/// @param stem of the graphs' files
record ModelCard(Origin origin, ClipSpec spec, GraphPrecision precision, int opset, String stem) {
  static final String UNKNOWN = "unknown";

  /// @param agreement with the model, as it was measured
  /// @param heldOut on which
  /// @param notes what could not be carried over
  String text(Agreement agreement, HeldOut heldOut, List<String> notes) {
    StringJoiner card = new StringJoiner("\n", "", "\n");
    frontMatter(card);
    card.add("").add("# CLIP model, as graphs of ONNX").add("");
    card.add(origin.exported());
    files(card);
    proof(card, agreement, heldOut);
    CardScores.table(card, origin);
    data(card);
    card.add("").add("## Licence").add("").add(origin.licensed());
    if (!notes.isEmpty()) {
      card.add("").add("## To know").add("");
      notes.forEach(note -> card.add("- " + note));
    }
    return card.toString();
  }

  private void frontMatter(StringJoiner card) {
    card.add("---");
    card.add("library_name: onnx");
    card.add("pipeline_tag: zero-shot-image-classification");
    card.add("license: " + origin.licence().map(ModelCard::quoted).orElse(UNKNOWN));
    card.add("tags: [pathology, clip, onnx, eosin]");
    CardScores.results(card, origin, "zero-shot-image-classification");
    card.add("---");
  }

  static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  private void files(StringJoiner card) {
    card.add("").add("## Files").add("");
    card.add("| File | Takes | Gives |").add("|---|---|---|");
    card.add(
        "| `onnx/%s.onnx` | `input_ids`, `pixel_values`, `attention_mask` | `logits_per_image`, `logits_per_text`, `text_embeds`, `image_embeds` |"
            .formatted(stem));
    card.add("| `onnx/vision_%s.onnx` | `pixel_values` | `image_embeds` |".formatted(stem));
    card.add(
        "| `onnx/text_%s.onnx` | `input_ids`, `attention_mask` | `text_embeds` |".formatted(stem));
    card.add("");
    card.add(
        "Opset %d, %s. Images are %d x %d px (height x width), prepared as `preprocessor_config.json` says; captions have at most %d ids of `tokenizer.json`. Embeddings are unit vectors of %d numbers. `triton/` is a model repository of Triton, `examples/` shows the use from Python and Java, `SHA256SUMS` holds the digests (`sha256sum -c SHA256SUMS`)."
            .formatted(
                opset,
                numbers(),
                spec.image().height(),
                spec.image().width(),
                spec.text().context(),
                spec.embedSize()));
  }

  private String numbers() {
    return switch (precision) {
      case FP32 -> "fp32";
      case FP16 -> "products in fp16, norms, softmax and sums in fp32";
      case INT8 -> "linears in 8 bits, quantised when the graph is run, everything else in fp32";
    };
  }

  private static void proof(StringJoiner card, Agreement agreement, HeldOut heldOut) {
    card.add("").add("## How equal the graphs are").add("");
    card.add(
        "onnxruntime against Eosin in fp32, on %s: %s."
            .formatted(heldOut.title(), agreement.text()));
  }

  private void data(StringJoiner card) {
    if (origin.fingerprints().isEmpty() && origin.base().isEmpty()) {
      return;
    }
    card.add("").add("## What it was made of").add("");
    origin.base().ifPresent(base -> card.add("- training started from: `%s`".formatted(base)));
    for (Map.Entry<String, String> each : origin.fingerprints().entrySet()) {
      card.add("- %s: `%s`".formatted(each.getKey(), each.getValue()));
    }
  }
}
