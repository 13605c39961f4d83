package dev.eosin.albef;

import dev.eosin.nn.Part;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What judges whether image and text belong together, and the temperature of contrast.
///
/// @param prefix of its weights' names
/// @param textWidth c, hidden size of texts' tokens
/// @param first temperature that training begins with
public record Judgement(String prefix, int textWidth, double first) implements Part {
  private static final Kernel MATCH = new Kernel("alignment_match");
  private static final Kernel SIMILARITIES = new Kernel("albef_similarities");

  @Override
  public String title() {
    return "judgement";
  }

  String match() {
    return prefix + ".match";
  }

  String temperature() {
    return prefix + ".temperature";
  }

  @Override
  public List<Weight> weights() {
    List<Weight> weights = new ArrayList<>(Projections.linear(match(), 2, textWidth));
    weights.add(Weight.scalar(temperature(), first));
    return weights;
  }

  @Override
  public Optional<Transformer> blocks() {
    return Optional.empty();
  }

  @Override
  public List<List<String>> lockGroups() {
    return List.of();
  }

  /// Logits of no and yes, fp32 [b,2].
  ///
  /// @param states of texts that looked at images [b,t,c]
  Value judged(Pass pass, Value states) {
    return pass.one(MATCH, List.of(states), pass.named(match() + ".weight", match() + ".bias"), 1);
  }

  /// How alike own rows and others are, divided by the temperature. [b,n]
  Value similarities(Pass pass, Value own, Value others) {
    return pass.one(SIMILARITIES, List.of(own, others), pass.named(temperature()));
  }
}
