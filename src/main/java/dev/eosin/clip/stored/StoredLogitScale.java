package dev.eosin.clip.stored;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.Quote;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.clip.Clip;
import dev.eosin.config.DataException;
import java.util.Optional;

/// The logit scale of a stored model, of which CLIP stores the logarithm. Some programs store the
/// scale itself: its exponential is past all use.
final class StoredLogitScale {
  /// No model is trained beyond a scale of 100, whose logarithm is 4.6; SigLIP's reach 118.
  private static final double LARGEST_LOGARITHM = 6;

  private StoredLogitScale() {}

  /// @param layout of the file's names
  /// @return what is wrong with the file's logit scale; empty where nothing is, or it has none
  /// @throws DataException when the scale cannot be read
  static Optional<String> fault(Layout layout, StoredTensors file) throws DataException {
    Optional<String> name =
        layout.rules().stream()
            .filter(rule -> rule.name().equals(Clip.LOGIT_SCALE))
            .map(rule -> rule.foreignNames().getFirst())
            .filter(file.names()::contains)
            .findFirst();
    return name.isPresent() && file.header(name.get()).elements() == 1
        ? fault(name.get(), file.floats(name.get())[0])
        : Optional.empty();
  }

  /// @param stored under `name`
  static Optional<String> fault(String name, double stored) {
    return stored > LARGEST_LOGARITHM
        ? Optional.of(
            "%s is %s, which is no logarithm of a scale that a model is trained to (at most 4.6052, for 100); if it is the scale itself, store its logarithm, %.4f"
                .formatted(Quote.line(name), (float) stored, Math.log(stored)))
        : Optional.empty();
  }
}
