package dev.eosin.mining;

import dev.eosin.config.DataException;
import dev.eosin.eval.activations.ActivationRow;
import dev.eosin.eval.embeddings.EmbeddingPairs;
import dev.eosin.eval.embeddings.StoredEmbeddings;
import dev.eosin.eval.embeddings.UnitVectors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The texts of one rule.
///
/// @param groups of each text, the group or label of the images that it is of; blank for all
/// @param vectors [m,e] of length 1
@SuppressWarnings("ArrayRecordComponent") // read-only vectors: identity equality is meant
record MinedTexts(PromptSettings settings, List<String> groups, float[][] vectors) {
  /// @throws DataException when they cannot be read, or are of another model than the images
  static MinedTexts open(PromptSettings settings, StoredEmbeddings images) throws IOException {
    try (StoredEmbeddings texts = StoredEmbeddings.open(settings.texts(), settings.textsTable())) {
      EmbeddingPairs.requireOneModel(images, texts);
      List<String> groups =
          texts.rows().stream().map(row -> row.group().orElse("").strip()).toList();
      return new MinedTexts(settings, groups, UnitVectors.of(texts));
    }
  }

  /// Those that are of some images.
  ///
  /// @param rows of the images
  float[][] of(List<ActivationRow> rows) {
    Set<String> names = new HashSet<>();
    names.add("");
    for (ActivationRow row : rows) {
      row.group().ifPresent(names::add);
      row.label().ifPresent(names::add);
    }
    List<float[]> found = new ArrayList<>();
    for (int i = 0; i < vectors.length; i++) {
      if (names.contains(groups.get(i))) {
        found.add(vectors[i]);
      }
    }
    return found.toArray(float[][]::new);
  }
}
