package dev.eosin.export;

import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;

/// What a card says that a model reached: in its front matter for programs, and as a table for
/// people.
final class CardScores {
  private CardScores() {}

  /// `model-index` of the front matter: those with an interval; nothing where there is none.
  ///
  /// @param task as hubs call it
  static void results(StringJoiner card, Origin origin, String task) {
    List<Score> told =
        origin.scores().stream().filter(score -> score.interval().isPresent()).toList();
    if (!told.isEmpty()) {
      card.add("model-index:");
      card.add("- name: " + ModelCard.quoted(origin.model()));
      card.add("  results:");
      told.forEach(score -> result(card, score, task));
    }
  }

  private static void result(StringJoiner card, Score score, String task) {
    card.add("  - task: {type: %s}".formatted(task));
    card.add(
        "    dataset: {type: held-out, name: %s}".formatted(ModelCard.quoted(score.evaluation())));
    card.add(
        String.format(
            Locale.ROOT,
            "    metrics: [{type: %s, value: %.4f}]",
            ModelCard.quoted(score.metric()),
            score.value()));
  }

  /// All of them; nothing where there is none.
  static void table(StringJoiner card, Origin origin) {
    if (origin.scores().isEmpty()) {
      return;
    }
    card.add("").add("## What the model reached").add("");
    card.add("Measured in training by Eosin, with 95 % intervals where there are some.").add("");
    card.add("| Evaluation | Metric | Value | After step |").add("|---|---|---|---|");
    for (Score score : origin.scores()) {
      String interval =
          score
              .interval()
              .map(ends -> String.format(Locale.ROOT, " (%.4f-%.4f)", ends.low(), ends.high()))
              .orElse("");
      card.add(
          String.format(
              Locale.ROOT,
              "| %s | %s | %.4f%s | %d |",
              score.evaluation(),
              score.metric(),
              score.value(),
              interval,
              score.step()));
    }
  }
}
