package dev.eosin.curate.rules;

import dev.eosin.config.DataException;
import dev.eosin.eval.embeddings.StoredEmbeddings;
import dev.eosin.eval.embeddings.UnitVectors;
import dev.eosin.prepare.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Embeddings of images by the images' names, at length 1.
///
/// @param field of a row with its image's name
@SuppressWarnings("ArrayRecordComponent") // read-only vectors: identity equality is meant
public record NamedVectors(float[][] vectors, Map<String, Integer> places, String field) {
  /// @throws DataException when they cannot be read, one is zero, or a name stands twice
  static NamedVectors open(Path file, String field) throws IOException {
    try (StoredEmbeddings stored = StoredEmbeddings.open(file, Optional.empty())) {
      Map<String, Integer> places = new HashMap<>();
      for (int i = 0; i < stored.size(); i++) {
        String name = stored.rows().get(i).path();
        if (places.putIfAbsent(name, i) != null) {
          throw new DataException(
              "%s: has two rows of %s; embed each image once".formatted(file, name));
        }
      }
      return new NamedVectors(UnitVectors.of(stored), places, field);
    }
  }

  /// The embedding of a row's image; empty where there is none.
  Optional<float[]> of(Row row) {
    return Optional.ofNullable(places.get(row.content().path(field).asText("").strip()))
        .map(place -> vectors[place]);
  }
}
