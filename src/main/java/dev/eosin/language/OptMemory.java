package dev.eosin.language;

import dev.eosin.language.spec.OptSpec;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Keys and values of an [Opt]'s tokens, written in place.
final class OptMemory implements RowMemory {
  private final Opt model;
  private final Pass pass;
  private final StepWeights weights;
  private final RememberedColumns remembered;

  private OptMemory(Opt model, Pass pass, RememberedColumns remembered) {
    this.model = model;
    this.pass = pass;
    this.weights = StepWeights.of(model.stack(), pass);
    this.remembered = remembered;
  }

  static OptMemory begin(Opt model, Pass pass, int rows, int most) {
    OptSpec spec = model.spec();
    return new OptMemory(
        model,
        pass,
        new RememberedColumns(
            pass.engine(),
            model.type(pass),
            spec.layers(),
            rows,
            spec.heads(),
            most,
            spec.headWidth()));
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
      return step(tokens);
    }
  }

  private Tensor step(Tensor tokens) {
    int n = Math.toIntExact(tokens.size(1));
    try (Scope scope = new Scope()) {
      Tensor places = scope.own(model.places(pass, remembered.columns(), remembered.at(), n));
      List<Tensor> table = List.of(pass.parameters().get(model.positions()).data());
      List<Tensor> x = new ArrayList<>();
      x.addAll(
          scope.own(pass.engine().kernels().list("positioned", List.of(tokens, places), table)));
      remembered.seen(n, 0, 0).ifPresent(seen -> x.add(scope.own(seen)));
      Tensor last = scope.own(layers(x));
      remembered.advance(n);
      List<Tensor> norm =
          model.norm().stream().map(name -> pass.parameters().get(name).data()).toList();
      Tensor normed =
          scope
              .own(
                  pass.engine()
                      .kernels()
                      .list("layer_norm_of", List.of(last), norm, Opt.NORM_EPSILON))
              .getFirst();
      return model.scored(pass, normed);
    }
  }

  private Tensor layers(List<Tensor> x) {
    return pass.engine()
        .kernels()
        .one(
            "opt_step",
            x,
            weights.tensors(),
            remembered.tensors(),
            weights.counts(),
            remembered.at(),
            model.spec().heads(),
            weights.kinds(),
            weights.scales(),
            Opt.NORM_EPSILON);
  }

  @Override
  public void choose(int[] from) {
    remembered.choose(from);
  }

  @Override
  public void close() {
    remembered.close();
  }
}
