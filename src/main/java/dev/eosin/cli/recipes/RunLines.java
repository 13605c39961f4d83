package dev.eosin.cli.recipes;

import dev.eosin.cli.terminal.Colours;
import dev.eosin.run.folders.RunOverview;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.logs.FittedText;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/// What people read of a run: a line of it, and one of each evaluation.
///
/// @param columns how wide a line may be
record RunLines(Colours colours, int columns) {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm");
  private static final String GAP = "  ";
  private static final int INDENT = 4;

  /// Reports and `--json` have all of them.
  private static final int FIGURES = 3;

  List<String> of(RunOverview run) {
    List<String> lines = new ArrayList<>();
    lines.add(summary(run));
    for (EvaluationReport report : run.history().newest().values()) {
      String head = " ".repeat(INDENT) + "%s at step %d:".formatted(report.name(), report.step());
      String line = FittedText.wrapped(head + " " + report.text(FIGURES), columns, 2 * INDENT);
      lines.add(begun(line, head, colours.strong(head)));
    }
    return lines;
  }

  private String summary(RunOverview run) {
    String folder = run.folder().toString();
    String state = state(run);
    String line =
        "%s%s%s, %s, step %d of %s%s%s  (%s)"
            .formatted(
                folder,
                GAP,
                state,
                run.model(),
                run.history().steps(),
                run.length().orElse("an unknown length"),
                number(", training loss %.4f", run.history().loss()),
                number(", %.1f images/s", run.history().imagesPerSecond()),
                TIME.format(run.changed().atZone(ZoneId.systemDefault())));
    return begun(
        FittedText.wrapped(line, columns, INDENT),
        folder + GAP + state,
        colours.strong(folder) + GAP + coloured(run.state(), state));
  }

  /// The text with its beginning as it is shown; as it is where a line ends within the beginning.
  private static String begun(String text, String beginning, String shown) {
    return text.startsWith(beginning) ? shown + text.substring(beginning.length()) : text;
  }

  private String coloured(RunOverview.State state, String name) {
    return switch (state) {
      case FINISHED -> colours.good(name);
      case TRAINING -> colours.strong(name);
      case STOPPED -> colours.doubtful(name);
    };
  }

  private static String number(String format, OptionalDouble value) {
    return value.isPresent() ? format.formatted(value.getAsDouble()) : "";
  }

  /// A run's state in a word.
  static String state(RunOverview run) {
    return run.state().name().toLowerCase(Locale.ROOT);
  }
}
