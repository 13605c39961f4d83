package dev.eosin.export;

import java.util.Map;
import java.util.StringJoiner;

/// `README.md` of a bundle of a model that draws images and texts together and judges pairs.
record PairCard(ExportedPairs family, ClipBundle.Settings settings, Origin origin) {
  String text(Agreement agreement, HeldOut heldOut) {
    StringJoiner card = new StringJoiner("\n", "", "\n");
    card.add("---").add("library_name: onnx").add("pipeline_tag: feature-extraction");
    card.add("license: " + origin.licence().map(ModelCard::quoted).orElse(ModelCard.UNKNOWN));
    card.add("tags: [pathology, onnx, eosin]");
    CardScores.results(card, origin, "feature-extraction");
    card.add("---").add("");
    card.add("# %s, as graphs of ONNX".formatted(family.title())).add("");
    card.add(origin.exported());
    card.add("").add("## Files").add("");
    card.add("| File | Takes | Gives |").add("|---|---|---|");
    row(
        card,
        ExportedPairs.WHOLE,
        "`pixel_values`, `input_ids`, `attention_mask`",
        "`logits_per_image`, `logits_per_text`, `text_embeds`, `image_embeds`");
    row(card, ExportedPairs.IMAGE, "`pixel_values`", "`image_embeds`");
    row(card, ExportedPairs.TEXT, "`input_ids`, `attention_mask`", "`text_embeds`");
    row(
        card,
        ExportedPairs.MATCH,
        "`pixel_values`, `input_ids`, `attention_mask`",
        "`match_logits`: no and yes");
    card.add("");
    card.add(
        "Opset %d, %s. Embeddings are unit vectors; where an image has several, the one that is most like a text counts, and `logits_per_image` are those cosines. `%s` is given a text for each image. Images are prepared as `preprocessor_config.json` says, texts have at most %d ids. `SHA256SUMS` holds the digests (`sha256sum -c SHA256SUMS`)."
            .formatted(
                settings.opset().number(),
                settings.precision(),
                ExportedPairs.MATCH,
                family.captions().contextLength()));
    card.add("").add("## How equal the graphs are").add("");
    card.add(
        "onnxruntime against Eosin in fp32, on %s: %s."
            .formatted(heldOut.title(), agreement.text()));
    CardScores.table(card, origin);
    if (!origin.fingerprints().isEmpty()) {
      card.add("").add("## What it was made of").add("");
      for (Map.Entry<String, String> each : origin.fingerprints().entrySet()) {
        card.add("- %s: `%s`".formatted(each.getKey(), each.getValue()));
      }
    }
    card.add("").add("## Licence").add("").add(origin.licensed());
    if (!family.notes().isEmpty()) {
      card.add("").add("## To know").add("");
      String path = family.path().toString();
      family.notes().forEach(note -> card.add("- " + note.replace(path, origin.model())));
    }
    return card.toString();
  }

  private void row(StringJoiner card, String graph, String takes, String gives) {
    card.add("| `%s` | %s | %s |".formatted(settings.file(graph), takes, gives));
  }
}
