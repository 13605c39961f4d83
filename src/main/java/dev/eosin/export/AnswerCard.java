package dev.eosin.export;

import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/// `README.md` of a bundle of a model that answers.
record AnswerCard(ExportedFamily family, ClipBundle.Settings settings, Origin origin) {
  /// @param files of graphs
  String text(List<String> files, AnswerAgreement agreement, AskedQuestions asked) {
    StringJoiner card = new StringJoiner("\n", "", "\n");
    card.add("---").add("library_name: onnx").add("pipeline_tag: " + family.task());
    card.add("license: " + origin.licence().map(ModelCard::quoted).orElse(ModelCard.UNKNOWN));
    card.add("tags: [pathology, onnx, eosin]");
    CardScores.results(card, origin, family.task());
    card.add("---").add("");
    card.add("# %s, as graphs of ONNX".formatted(family.title())).add("");
    card.add(origin.exported());
    card.add("").add("## Files").add("");
    files.forEach(file -> card.add("- `%s`".formatted(file)));
    card.add("");
    card.add(
        "Opset %d, %s, in the names of optimum. Adapters are merged. `triton/` is a model repository of Triton. `SHA256SUMS` holds the digests (`sha256sum -c SHA256SUMS`)."
            .formatted(settings.opset().number(), settings.precision()));
    card.add("").add("## How equal the graphs are").add("");
    card.add(
        "onnxruntime against Eosin, on %s (fingerprint `%s`); the logits of %d tokens of each answer, the same before every one."
            .formatted(agreement.text(), asked.fingerprint(), AnswerVerification.TOKENS));
    CardScores.table(card, origin);
    if (!origin.fingerprints().isEmpty()) {
      card.add("").add("## What it was made of").add("");
      for (Map.Entry<String, String> each : origin.fingerprints().entrySet()) {
        card.add("- %s: `%s`".formatted(each.getKey(), each.getValue()));
      }
    }
    card.add("").add("## Licence").add("").add(origin.licensed());
    List<String> notes = family.model().notes();
    if (!notes.isEmpty()) {
      card.add("").add("## To know").add("");
      // Folders above the model's are nobody else's business.
      String path = family.model().path().toString();
      notes.forEach(note -> card.add("- " + note.replace(path, origin.model())));
    }
    return card.toString();
  }
}
