package dev.eosin.qformer;

import dev.eosin.nn.Part;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Value;
import java.util.List;
import java.util.Optional;

/// The norm between an image tower's tokens and a Q-Former (LAVIS's `ln_vision`): trained even
/// where the tower is frozen.
///
/// @param prefix of its weights' names
/// @param width e, hidden size of the tower
/// @param epsilon added to the variance
public record ImageNorm(String prefix, int width, double epsilon) implements Part {
  private static final Kernel NORM = new Kernel("qformer_image_norm");

  @Override
  public String title() {
    return "norm of image tokens";
  }

  @Override
  public List<Weight> weights() {
    return List.of(Weight.ones(prefix + ".weight", width), Weight.zeros(prefix + ".bias", width));
  }

  /// [b,m,e], in the weights' type.
  ///
  /// @param states [b,m,e], of any type; not released
  public Value normed(Pass pass, Value states) {
    return pass.one(
        NORM, List.of(states), pass.named(prefix + ".weight", prefix + ".bias"), epsilon);
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
