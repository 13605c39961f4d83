package dev.eosin.clip.spec;

import dev.eosin.nn.Part;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import java.util.List;
import java.util.Optional;

/// The last weights of a CLIP model: the logarithm of what cosines are multiplied by, and the bias
/// where there is one.
///
/// @param biased whether a bias is added, as SigLIP's loss needs it
public record Logits(boolean biased) implements Part {
  public static final String SCALE = "logit-scale";
  public static final String BIAS = "logit-bias";

  /// ln(1 / 0.07), where CLIP starts.
  private static final double INITIAL_SCALE = Math.log(1 / 0.07);

  /// ln(10), where a model with a logit bias starts (SigLIP, section 3.2).
  public static final double INITIAL_BIASED_SCALE = Math.log(10);

  /// Most pairs do not belong together, and the logits start by saying so (SigLIP, section 3.2).
  public static final double INITIAL_BIAS = -10;

  @Override
  public String prefix() {
    return "logit";
  }

  @Override
  public String title() {
    return "logits";
  }

  @Override
  public List<Weight> weights() {
    return biased
        ? List.of(Weight.scalar(SCALE, INITIAL_BIASED_SCALE), Weight.scalar(BIAS, INITIAL_BIAS))
        : List.of(Weight.scalar(SCALE, INITIAL_SCALE));
  }

  @Override
  public Optional<Transformer> blocks() {
    return Optional.empty();
  }

  /// Always trained.
  @Override
  public List<List<String>> lockGroups() {
    return List.of();
  }
}
