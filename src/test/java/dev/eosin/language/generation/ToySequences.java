package dev.eosin.language.generation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Sequences of a toy model; they refuse what the port does not allow.
final class ToySequences implements GrowingSequences {
  /// Scores after the ids of a row.
  @FunctionalInterface
  interface Scorer {
    float[] after(List<Integer> ids);
  }

  private enum Did {
    APPEND,
    SCORES,
    SPREAD,
    KEEP,
    CHOOSE
  }

  private final Engine engine;
  private final int vocabulary;
  private final Scorer scorer;
  private List<List<Integer>> rows;
  private int group = 1;
  private Did last = Did.APPEND;
  private @Nullable Tensor scores;
  private int computedRows;

  ToySequences(Engine engine, int vocabulary, Scorer scorer, List<List<Integer>> prompts) {
    this.engine = engine;
    this.vocabulary = vocabulary;
    this.scorer = scorer;
    this.rows = List.copyOf(prompts);
  }

  /// Rows that scores were asked of, all steps together.
  int computedRows() {
    return computedRows;
  }

  @Override
  public int rows() {
    return rows.size();
  }

  @Override
  public int vocabulary() {
    return vocabulary;
  }

  @Override
  public Tensor scores() {
    assertThat(last).isEqualTo(Did.APPEND);
    last = Did.SCORES;
    computedRows += rows.size();
    float[] all = new float[rows.size() * vocabulary];
    for (int row = 0; row < rows.size(); row++) {
      System.arraycopy(scorer.after(rows.get(row)), 0, all, row * vocabulary, vocabulary);
    }
    scores = engine.of(all, rows.size(), vocabulary);
    return scores;
  }

  private void does(Did what) {
    assertThat(what).isGreaterThan(last);
    last = what;
    close();
  }

  @Override
  public void append(int[] tokens) {
    assertThat(last).isNotEqualTo(Did.APPEND);
    assertThat(tokens).hasSize(rows.size());
    assertThat(IntStream.of(tokens)).allMatch(token -> token >= 0 && token < vocabulary);
    close();
    last = Did.APPEND;
    List<List<Integer>> longer = new ArrayList<>();
    for (int row = 0; row < tokens.length; row++) {
      List<Integer> ids = new ArrayList<>(rows.get(row));
      ids.add(tokens[row]);
      longer.add(ids);
    }
    rows = longer;
  }

  @Override
  public void spread(int copies) {
    does(Did.SPREAD);
    group *= copies;
    rows = rows.stream().flatMap(row -> Collections.nCopies(copies, row).stream()).toList();
  }

  @Override
  public void choose(int[] from) {
    does(Did.CHOOSE);
    assertThat(from).hasSize(rows.size());
    for (int row = 0; row < from.length; row++) {
      assertThat(from[row] / group).isEqualTo(row / group);
    }
    rows = IntStream.of(from).mapToObj(rows::get).toList();
  }

  @Override
  public void keep(int[] kept) {
    does(Did.KEEP);
    assertThat(kept).isNotEmpty().hasSizeLessThan(rows.size()).isSorted().doesNotHaveDuplicates();
    rows = IntStream.of(kept).mapToObj(rows::get).toList();
  }

  @Override
  public void close() {
    if (scores != null) {
      scores.close();
      scores = null;
    }
  }
}
