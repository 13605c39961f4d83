package dev.eosin.recipe.found;

import dev.eosin.eval.maps.EmbeddingMap;
import dev.eosin.report.Hits;
import dev.eosin.report.Pictures;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// What is measured, opened: a stored model with its data, or what a model left.
public interface OpenedEvaluation extends AutoCloseable {
  /// What is measured: digests of weights and files, fingerprints of data, by name.
  SequencedMap<String, String> inputs();

  /// What a user should know about it, one line each.
  List<String> notes();

  /// The recipe's evaluations, in its order.
  List<Measure> evaluations() throws IOException;

  /// Pictures of embeddings, asked for once all is measured; none where there are no vectors.
  default List<EmbeddingMap> maps() {
    return List.of();
  }

  /// Pictures of samples, asked for once all is measured.
  ///
  /// @throws IOException when they are not there any more
  default Pictures pictures() throws IOException {
    return Pictures.NONE;
  }

  /// What queries found, as examples, asked for once all is measured.
  ///
  /// @throws IOException when embeddings cannot be read
  default List<Hits> hits() throws IOException {
    return List.of();
  }

  /// Told once the results are written: what only a call that goes on needs is removed.
  ///
  /// @throws IOException when it cannot be removed
  default void written() throws IOException {}

  /// Measures one thing.
  @FunctionalInterface
  interface Measure {
    /// @return empty when it was asked to stop; the same evaluation goes on then
    Optional<Measured> run(Watch watch) throws IOException;
  }

  /// Who watches a long measurement.
  ///
  /// @param progress told how far it is, now and then
  /// @param stop whether it is to stop, asked now and then by those that can go on later
  record Watch(Consumer<String> progress, BooleanSupplier stop) {}

  @Override
  void close();
}
