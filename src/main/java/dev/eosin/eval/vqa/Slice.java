package dev.eosin.eval.vqa;

import dev.eosin.eval.answers.AnswerRow;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// Some of the questions.
///
/// @param by what they have in common
/// @param value of it; empty for all of them
public record Slice(By by, String value) {
  /// All questions.
  public static final Slice ALL = new Slice(By.ALL, "");

  /// What questions are broken down by.
  public enum By {
    ALL,
    TYPE,
    FACT,
    GROUP;

    private Optional<String> of(AnswerRow row) {
      return switch (this) {
        case ALL -> Optional.of("");
        case TYPE -> Optional.of(row.type().name().toLowerCase(Locale.ROOT));
        case FACT -> row.fact();
        case GROUP -> row.group();
      };
    }
  }

  /// Those that a question is in.
  static Stream<Slice> of(AnswerRow row) {
    return Stream.of(By.values()).flatMap(by -> by.of(row).map(v -> new Slice(by, v)).stream());
  }

  /// `all`, or `fact=tissue`.
  @Override
  public String toString() {
    return by == By.ALL ? "all" : by.name().toLowerCase(Locale.ROOT) + "=" + value;
  }
}
