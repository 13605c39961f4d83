package dev.eosin.curate.rules;

import dev.eosin.config.DataException;
import dev.eosin.curate.steps.ClassifierStep;
import dev.eosin.eval.embeddings.EmbeddingPairs;
import dev.eosin.eval.embeddings.StoredEmbeddings;
import dev.eosin.eval.embeddings.UnitVectors;
import dev.eosin.eval.probes.LogisticRegression;
import dev.eosin.eval.probes.LogisticRegression.Rows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Keeps rows whose image a classifier of embeddings says is wanted.
public final class ClassifierRule implements CollectionRule {
  private static final double TOLERANCE = 1e-6;

  /// Every so manyth example is left out to see what the classifier is worth.
  private static final int FOLD = 5;

  private final ClassifierStep step;
  private final NamedVectors rows;
  private final LogisticRegression classifier;
  private final Map<String, String> found = new LinkedHashMap<>();
  private long without;

  /// Learns.
  ///
  /// @param field of a row with its image's name
  /// @throws DataException when files cannot be read, are of two models, or examples are of one
  ///   kind
  ClassifierRule(ClassifierStep step, String field) throws IOException {
    this.step = step;
    try (StoredEmbeddings examples = StoredEmbeddings.open(step.examples(), Optional.empty())) {
      try (StoredEmbeddings images = StoredEmbeddings.open(step.features(), Optional.empty())) {
        EmbeddingPairs.requireOneModel(images, examples);
      }
      float[][] vectors = UnitVectors.of(examples);
      List<Integer> all = new ArrayList<>();
      List<Integer> learnt = new ArrayList<>();
      List<Integer> held = new ArrayList<>();
      int[] classes = new int[vectors.length];
      for (int i = 0; i < vectors.length; i++) {
        classes[i] = wanted(examples, i) ? 1 : 0;
        all.add(i);
        (i % FOLD == FOLD - 1 ? held : learnt).add(i);
      }
      requireBoth(classes, all);
      requireBoth(classes, learnt);
      LogisticRegression part = fit(vectors, classes, learnt);
      long right = held.stream().filter(i -> kept(part, vectors[i]) == (classes[i] == 1)).count();
      found.put("examples", String.valueOf(all.size()));
      found.put("told rightly of those left out", "%d of %d".formatted(right, held.size()));
      classifier = fit(vectors, classes, all);
    }
    rows = NamedVectors.open(step.features(), field);
  }

  private boolean wanted(StoredEmbeddings examples, int row) throws DataException {
    String label =
        examples
            .rows()
            .get(row)
            .label()
            .orElseThrow(
                () ->
                    new DataException(
                        "%s: row %d has no label; embed the examples with --label-column"
                            .formatted(step.examples(), row)));
    return step.keep().contains(label);
  }

  private void requireBoth(int[] classes, List<Integer> of) throws DataException {
    long wanted = of.stream().filter(i -> classes[i] == 1).count();
    if (wanted == 0 || wanted == of.size()) {
      throw new DataException(
          "%s: %d of %d examples have a label of keep; both kinds are needed"
              .formatted(step.examples(), wanted, of.size()));
    }
  }

  private LogisticRegression fit(float[][] vectors, int[] classes, List<Integer> of) {
    double[][] chosen = of.stream().map(i -> doubles(vectors[i])).toArray(double[][]::new);
    int[] their = of.stream().mapToInt(i -> classes[i]).toArray();
    return LogisticRegression.fit(Rows.balanced(chosen, their, 2), step.c(), TOLERANCE);
  }

  private boolean kept(LogisticRegression by, float[] vector) {
    return by.probabilities(doubles(vector))[1] >= step.atLeast().value();
  }

  private static double[] doubles(float[] vector) {
    double[] doubles = new double[vector.length];
    for (int i = 0; i < vector.length; i++) {
      doubles[i] = vector[i];
    }
    return doubles;
  }

  @Override
  public Optional<String> judge(Candidate row) {
    Optional<float[]> vector = rows.of(row.row());
    if (vector.isEmpty()) {
      without++;
      return Optional.of("its image has no embedding");
    }
    double likely = classifier.probabilities(doubles(vector.get()))[1];
    return likely >= step.atLeast().value()
        ? Optional.empty()
        : Optional.of(String.format(Locale.ROOT, "likely by %.3f", likely));
  }

  @Override
  public Map<String, String> found() {
    found.put("rows without an embedding", String.valueOf(without));
    return found;
  }
}
