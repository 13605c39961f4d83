package dev.eosin.eval.embeddings;

import dev.eosin.eval.ImageTextEmbedder;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Rows to be embedded, of one kind.
sealed interface EmbeddingFeed permits ImageFeed, TextFeed {
  /// Number of rows.
  long size();

  /// Changes whenever the rows or their order change; what is in image files does not count.
  String fingerprint();

  /// What a user should know, one line each.
  List<String> notes();

  /// Reads a row and makes it ready; called by several threads.
  ///
  /// @throws IOException when no row can be read any more, not only this one
  Embedded read(long index) throws IOException;

  /// SHA-256 of what a row is made of, where it is a file that can be read; called by several
  /// threads.
  Optional<String> digest(long index) throws IOException;

  /// Whether an embedding depends, in its last digits, on the others of its batch: then a pass goes
  /// on where a batch begins.
  boolean dependsOnBatch();

  /// Embeds rows that [#read] gave.
  ///
  /// @param batch rows that go through the model together
  /// @return [b,e]
  float[][] embed(ImageTextEmbedder model, List<Embedded> rows, int batch);

  /// Keeps what was computed.
  void keep(Embedded row, float[] vector) throws IOException;

  /// Makes durable what is kept.
  void flush() throws IOException;
}
