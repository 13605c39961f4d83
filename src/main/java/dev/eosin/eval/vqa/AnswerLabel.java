package dev.eosin.eval.vqa;

import dev.eosin.config.Bare;
import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import java.util.List;
import java.util.stream.Stream;

/// A class that answers are read for.
@Doc("A class that answers are read for; a text alone is its name.")
public record AnswerLabel(
    @Doc("Its name in results, and the first text that is looked for.") @Bare String name,
    @Doc("Further texts that mean it, such as [OSCC].") @OrElse("[]") List<String> synonyms) {
  /// @throws IllegalArgumentException for a blank text
  public AnswerLabel {
    synonyms = List.copyOf(synonyms);
    if (name.isBlank() || synonyms.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException(
          "labels: '%s' or one of its synonyms %s is blank; write words that answers have"
              .formatted(name, synonyms));
    }
  }

  /// One without synonyms.
  public AnswerLabel(String name) {
    this(name, List.of());
  }

  /// All that means it.
  Stream<String> texts() {
    return Stream.concat(Stream.of(name), synonyms.stream());
  }
}
