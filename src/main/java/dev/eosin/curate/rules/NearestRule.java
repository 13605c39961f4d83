package dev.eosin.curate.rules;

import dev.eosin.config.DataException;
import dev.eosin.curate.steps.CurationModels;
import dev.eosin.curate.steps.NearestStep;
import dev.eosin.eval.activations.ActivationRow;
import dev.eosin.eval.embeddings.StoredEmbeddings;
import dev.eosin.eval.embeddings.UnitVectors;
import dev.eosin.index.Neighbours;
import dev.eosin.index.VectorIndex;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Keeps rows whose image is among the nearest of some query.
public final class NearestRule implements CollectionRule {
  private final String field;
  private final int queries;
  private final Map<String, Float> near = new HashMap<>();
  private long used;

  /// Searches.
  ///
  /// @param field of a row with its image's name
  /// @throws DataException when index or queries cannot be read, or are of two models
  NearestRule(NearestStep step, String field, CurationModels models) throws IOException {
    this.field = field;
    try (VectorIndex index = VectorIndex.open(step.index());
        StoredEmbeddings stored = StoredEmbeddings.open(step.queries(), Optional.empty())) {
      if (!stored.pins().isEmpty() || stored.width() != index.width()) {
        index.requireSame(stored.path(), stored.pins(), stored.width(), true);
      }
      float[][] wanted = UnitVectors.of(stored);
      queries = wanted.length;
      int each = Math.min(step.each(), index.size());
      Neighbours found =
          index.hasGraph()
              ? index.approximate(wanted, each, Math.max(each, step.breadth()))
              : index.exact(models.engine(), wanted, each);
      Map<Integer, ActivationRow> rows = index.rows(found.rows());
      for (int q = 0; q < queries; q++) {
        for (int i = 0; i < found.rows()[q].length; i++) {
          if (found.cosines()[q][i] >= step.atLeast()) {
            ActivationRow row = Objects.requireNonNull(rows.get(found.rows()[q][i]));
            near.merge(row.path(), found.cosines()[q][i], Math::max);
          }
        }
      }
    }
  }

  @Override
  public Optional<String> judge(Candidate row) {
    if (near.containsKey(row.row().content().path(field).asText("").strip())) {
      used++;
      return Optional.empty();
    }
    return Optional.of("is among the nearest of no query");
  }

  @Override
  public Map<String, String> found() {
    Map<String, String> found = new LinkedHashMap<>();
    found.put("queries", String.valueOf(queries));
    found.put("images near a query", String.valueOf(near.size()));
    found.put("rows with one of them", String.valueOf(used));
    return found;
  }
}
