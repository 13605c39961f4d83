package dev.eosin.qformer;

import dev.eosin.nn.InitialValue;
import dev.eosin.nn.Part;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Value;
import java.util.List;
import java.util.Optional;

/// From a Q-Former's queries to tokens of a language model.
///
/// @param prefix of its weights' names
/// @param from c, hidden size of the Q-Former
/// @param to d, hidden size of the language model
public record LanguageProjection(String prefix, int from, int to) implements Part {
  private static final Kernel PROJECTED = new Kernel("qformer_projected");

  @Override
  public String title() {
    return "projection to the language model";
  }

  /// As torch begins its linears.
  @Override
  public List<Weight> weights() {
    var first = new InitialValue.Uniform(Math.pow(from, -0.5));
    return List.of(
        new Weight(prefix + ".weight", first, false, to, from),
        new Weight(prefix + ".bias", first, false, to));
  }

  /// [b,q,d]
  ///
  /// @param states [b,n,c], the queries first; not released
  /// @param queries q
  Value projected(Pass pass, Value states, int queries) {
    return pass.one(
        PROJECTED, List.of(states), pass.named(prefix + ".weight", prefix + ".bias"), queries);
  }

  @Override
  public Optional<Transformer> blocks() {
    return Optional.empty();
  }

  @Override
  public List<List<String>> lockGroups() {
    return List.of(weights().stream().map(Weight::name).toList());
  }
}
