package dev.eosin.language;

import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.vectors.RememberedKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Keys and values of a [Llama]'s tokens, written in place.
final class LlamaMemory implements RowMemory {
  // With more rows a product takes longer than reading its weights.
  private static final int MOST_VECTOR_ROWS = 16;

  private final Llama model;
  private final Pass pass;
  private final StepWeights weights;
  private final RememberedColumns remembered;
  private final Optional<LlamaVectors> vectors;
  private List<Tensor> known = List.of();
  private List<RememberedKeys> keys = List.of();

  private LlamaMemory(
      Llama model, Pass pass, RememberedColumns remembered, Optional<LlamaVectors> vectors) {
    this.model = model;
    this.pass = pass;
    this.weights = StepWeights.of(model.stack(), pass);
    this.remembered = remembered;
    this.vectors = vectors;
  }

  static LlamaMemory begin(Llama model, Pass pass, int rows, int most) {
    Optional<LlamaVectors> vectors = LlamaVectors.of(model, pass, rows);
    try {
      return begin(model, pass, rows, most, vectors);
    } catch (RuntimeException | Error e) {
      vectors.ifPresent(LlamaVectors::close); // its threads wait for nobody
      throw e;
    }
  }

  /// @param vectors what computes single tokens of few rows; empty where it is libtorch
  static LlamaMemory begin(
      Llama model, Pass pass, int rows, int most, Optional<LlamaVectors> vectors) {
    LlamaSpec spec = model.spec();
    DType type = model.type(pass);
    return new LlamaMemory(
        model,
        pass,
        new RememberedColumns(
            pass.engine(), type, spec.layers(), rows, spec.groups(), most, spec.headWidth()),
        vectors);
  }

  @Override
  public int rows() {
    return remembered.rows();
  }

  @Override
  public int columns() {
    return remembered.at();
  }

  @Override
  public Tensor begin(Tensor tokens, Columns prompts) {
    remembered.begin(prompts);
    return step(tokens);
  }

  @Override
  public Tensor next(long[] ids) {
    try (Tensor tokens = model.looked(pass, ids, ids.length)) {
      return vectors.isPresent() && ids.length <= MOST_VECTOR_ROWS
          ? step(vectors.get(), tokens)
          : step(tokens);
    }
  }

  private Tensor step(LlamaVectors by, Tensor tokens) {
    int at = remembered.at();
    int window = model.spec().window().orElse(0);
    int first = window > 0 ? Math.max(0, at + 1 - window) : 0;
    float[] normed = by.step(tokens.toFloats(), keys(), remembered.columns(), at, first);
    remembered.advance(1);
    long rows = tokens.size(0);
    Optional<float[]> scores = by.scores(normed);
    if (scores.isPresent()) {
      return pass.engine().of(scores.get(), rows, model.spec().vocabulary());
    }
    try (Tensor states = pass.engine().of(normed, rows, model.spec().width())) {
      return model.scored(pass, states);
    }
  }

  /// Rows that are chosen may lie in other tensors than before.
  private List<RememberedKeys> keys() {
    if (known != remembered.tensors()) {
      known = remembered.tensors();
      keys = LlamaVectors.remembered(known);
    }
    return keys;
  }

  private Tensor step(Tensor tokens) {
    int n = Math.toIntExact(tokens.size(1));
    int at = remembered.at();
    Columns columns = remembered.columns();
    int window = model.spec().window().orElse(0);
    // One new token looks no further back than its window; several may each look as far.
    int first = window > 0 && n == 1 ? Math.max(0, at + 1 - window) : 0;
    try (Scope scope = new Scope()) {
      List<Tensor> x = new ArrayList<>();
      x.add(tokens);
      x.addAll(scope.own(model.turns(pass, columns.positions(at, n), columns.starts().length)));
      remembered.seen(n, first, window).ifPresent(seen -> x.add(scope.own(seen)));
      Tensor last = scope.own(layers(x, first));
      remembered.advance(n);
      return logits(last);
    }
  }

  private Tensor layers(List<Tensor> x, int first) {
    LlamaSpec spec = model.spec();
    return pass.engine()
        .kernels()
        .one(
            "llama_step",
            x,
            weights.tensors(),
            remembered.tensors(),
            weights.counts(),
            remembered.at(),
            first,
            spec.heads(),
            spec.groups(),
            spec.biased(),
            weights.kinds(),
            weights.scales(),
            spec.normEpsilon());
  }

  private Tensor logits(Tensor states) {
    List<Tensor> norm = List.of(pass.parameters().get(model.norm()).data());
    double epsilon = model.spec().normEpsilon();
    try (Tensor normed =
        pass.engine().kernels().list("rms_norm", List.of(states), norm, epsilon).getFirst()) {
      return model.scored(pass, normed);
    }
  }

  @Override
  public void choose(int[] from) {
    remembered.choose(from);
  }

  @Override
  public void close() {
    vectors.ifPresent(LlamaVectors::close);
    remembered.close();
  }
}
