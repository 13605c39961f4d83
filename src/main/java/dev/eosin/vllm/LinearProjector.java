package dev.eosin.vllm;

import dev.eosin.nn.InitialValue;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.List;

/// LLaVA's projector: a linear, or some with GELU between them (`mlp2x_gelu` has two).
///
/// Source: LLaVA's `multimodal_projector/builder.py`; first values as torch's `nn.Linear` has them.
///
/// @param prefix of its weights' names
/// @param from width of the features
/// @param width of the language model
/// @param depth number of linears
public record LinearProjector(String prefix, int from, int width, int depth) implements Projector {
  private static final Kernel PROJECT = new Kernel("feature_projector");

  public LinearProjector {
    if (depth < 1) {
      throw new IllegalArgumentException("a projector has a linear at least, not " + depth);
    }
  }

  @Override
  public String title() {
    return "projector";
  }

  @Override
  public List<Weight> weights() {
    List<Weight> weights = new ArrayList<>();
    for (int i = 0; i < depth; i++) {
      long in = i == 0 ? from : width;
      var first = new InitialValue.Uniform(Math.pow(in, -0.5));
      weights.add(new Weight(linear(i) + ".weight", first, false, width, in));
      weights.add(new Weight(linear(i) + ".bias", first, false, width));
    }
    return weights;
  }

  /// What the names of a linear's weights begin with.
  String linear(int index) {
    return prefix + ".linear." + index;
  }

  @Override
  public List<List<String>> lockGroups() {
    return List.of(weights().stream().map(Weight::name).toList());
  }

  /// @param features [b,n,c]; released
  /// @return [b,n,d]
  Value of(Pass pass, Value features) {
    String[] names = weights().stream().map(Weight::name).toArray(String[]::new);
    Value projected = pass.one(PROJECT, List.of(features), pass.named(names));
    pass.release(features);
    return projected;
  }
}
