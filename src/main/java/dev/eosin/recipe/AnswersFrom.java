package dev.eosin.recipe;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import java.nio.file.Path;

/// The key `answers`: whose answers are scored; the key `type` chooses.
@Doc("Whose answers are scored.")
public sealed interface AnswersFrom {
  /// Answers that are there.
  @Named("file")
  @Doc("A file of answers, as docs/formats.md has it, of Eosin's or of any other program.")
  record File(@Doc("The file, one JSON object a line.") Path path) implements AnswersFrom {}
}
