package dev.eosin.curate;

import dev.eosin.caption.Agent;
import dev.eosin.checkpoint.Quote;
import dev.eosin.curate.steps.JudgedStep;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.image.RgbImage;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowFailedException;
import dev.eosin.prepare.RowSteps;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Asks a model about rows.
///
/// @param name of its steps in the ledger
record JudgedRule(JudgedStep step, Agent agent, String name) {
  private static final String FORM = "\nAnswer with one word: yes or no.";
  private static final Pattern NO_LETTERS = Pattern.compile("^\\P{L}+");

  /// @param image that is shown; empty where none is
  /// @return what was found, where the row is left out
  Optional<String> judge(Row row, String caption, Optional<RgbImage> image, RowSteps steps)
      throws RowFailedException, IOException, InterruptedException {
    String asked = step.prompt().replace("{caption}", caption) + FORM;
    String said = "";
    for (int attempt = 1; attempt <= step.attempts(); attempt++) {
      List<RgbImage> shown = image.stream().toList();
      Question question = new Question(row.key(), shown, asked, List.of(), step.mostTokens());
      said = agent.ask(steps, attempt == 1 ? name : name + " " + attempt, question);
      Optional<JudgedStep.Verdict> verdict = verdict(said);
      if (verdict.isPresent()) {
        return verdict.get() == step.keep()
            ? Optional.empty()
            : Optional.of("the model says " + Quote.of(said));
      }
      asked += "\nYour last answer was neither.";
    }
    return Optional.of("no verdict, the model says " + Quote.of(said));
  }

  /// By its first word alone.
  static Optional<JudgedStep.Verdict> verdict(String said) {
    String plain = NO_LETTERS.matcher(said.toLowerCase(Locale.ROOT)).replaceFirst("");
    return switch (plain.split("\\P{L}", 2)[0]) {
      case "yes" -> Optional.of(JudgedStep.Verdict.YES);
      case "no" -> Optional.of(JudgedStep.Verdict.NO);
      default -> Optional.empty();
    };
  }
}
