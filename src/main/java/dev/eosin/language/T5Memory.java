package dev.eosin.language;

import dev.eosin.language.spec.T5Spec;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// What a [T5Decoder] remembers: keys and values of what the encoder read, computed once, and those
/// of its own tokens, written in place.
final class T5Memory implements RowMemory {
  private final T5Decoder model;
  private final Pass pass;
  private final RememberedColumns own;
  // The biases of distances, then every block's weights.
  private final List<Tensor> weights = new ArrayList<>();
  // Keys and values [b,h,n,d] of each layer.
  private List<Tensor> read;
  // Additive [b,1,1,n], or nothing where all rows are whole.
  private List<Tensor> hidden;

  private T5Memory(
      T5Decoder model, Pass pass, RememberedColumns own, List<Tensor> read, List<Tensor> hidden) {
    this.model = model;
    this.pass = pass;
    this.own = own;
    this.read = read;
    this.hidden = hidden;
    weights.add(pass.parameters().get(model.distances()).data());
    for (int layer = 0; layer < model.spec().layers(); layer++) {
      model.names(layer).forEach(name -> weights.add(pass.parameters().get(name).data()));
    }
  }

  static T5Memory begin(T5Decoder model, Pass pass, Tensor states, TokenMask mask, int most) {
    T5Spec spec = model.spec();
    List<Tensor> looking = new ArrayList<>();
    for (int layer = 0; layer < spec.layers(); layer++) {
      // Keys and values of the attention to what was read.
      for (String name : model.names(layer).subList(7, 9)) {
        looking.add(pass.parameters().get(name).data());
      }
    }
    List<Tensor> read = pass.engine().kernels().list("t5_read", states, looking, spec.heads());
    List<Tensor> hidden = mask.additive(pass.engine()).map(List::of).orElseGet(List::of);
    var own =
        new RememberedColumns(
            pass.engine(),
            model.type(pass),
            spec.layers(),
            mask.rows(),
            spec.heads(),
            most,
            spec.headWidth());
    return new T5Memory(model, pass, own, read, hidden);
  }

  @Override
  public int rows() {
    return own.rows();
  }

  @Override
  public int columns() {
    return own.at();
  }

  /// @throws IllegalArgumentException when rows do not all begin in the first column
  @Override
  public Tensor begin(Tensor tokens, Columns columns) {
    if (columns.padded()) {
      throw new IllegalArgumentException("T5's answers all begin in the first column: " + columns);
    }
    own.begin(columns);
    return step(tokens);
  }

  @Override
  public Tensor next(long[] ids) {
    try (Tensor tokens = model.looked(pass, ids, ids.length)) {
      return step(tokens);
    }
  }

  private Tensor step(Tensor tokens) {
    T5Spec spec = model.spec();
    List<Tensor> norm = List.of(pass.parameters().get(model.norm()).data());
    try (Tensor last =
            pass.engine()
                .kernels()
                .one(
                    "t5_step",
                    tokens,
                    weights,
                    own.tensors(),
                    read,
                    hidden,
                    own.at(),
                    T5Blocks.span(spec, false),
                    spec.gated().gates(),
                    spec.gated().exact(),
                    spec.normEpsilon());
        Tensor normed =
            pass.engine()
                .kernels()
                .list("t5_norm", List.of(last), norm, model.factor(), spec.normEpsilon())
                .getFirst()) {
      own.advance(Math.toIntExact(tokens.size(1)));
      return model.scored(pass, normed);
    }
  }

  @Override
  public void choose(int[] from) {
    if (own.choose(from)) {
      return;
    }
    try (Tensor chosen = own.places(from)) {
      int width = Math.toIntExact(read.getFirst().size(2));
      read = own.chosen(read, chosen, width);
      hidden = hidden.isEmpty() ? hidden : own.chosen(hidden, chosen, 1);
    }
  }

  @Override
  public void close() {
    own.close();
    read.forEach(Tensor::close);
    hidden.forEach(Tensor::close);
  }
}
