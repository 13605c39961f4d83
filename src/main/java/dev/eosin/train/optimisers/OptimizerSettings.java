package dev.eosin.train.optimisers;

import dev.eosin.config.Checked;
import dev.eosin.config.Doc;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// The key `optimizer` of a recipe.
@Doc(
    "How gradients change the weights. The memory plan reckons with AdamW's two moments, of which the"
        + " others keep one.")
public sealed interface OptimizerSettings
    permits AdamWSettings, LionSettings, MuonSettings, SgdSettings {
  /// Names that a message shows.
  int NEAREST = 4;

  /// What recipes are told of keys that all optimisers have.
  String LR_DOC = "Peak learning rate.";

  /// As above.
  String CLIP_DOC =
      "Gradients are scaled down to this global L2 norm; without it they are not clipped.";

  /// As above.
  String GROUPS_DOC =
      "Weights that are updated otherwise; the first group that matches a name counts.";

  /// As above.
  String LAYER_DECAY_DOC =
      "Factor of the learning rate from a layer to the one below it, in each tower: what is above the last block keeps the rate, embeddings get it times this factor to the power of the number of blocks plus one (BEiT). 1.0 for no difference.";

  /// As above.
  String UPDATES_DOC =
      "When a step's gradients change the weights. together: when all of them are there. early:"
          + " each as soon as it is there, so that a step never holds all of them; to the same"
          + " bits. early needs one process, rows that go through the model at once, no"
          + " clip-norm, fp32 or bf16.";

  /// As above, of those that lack one.
  String TOGETHER_DOC =
      "When a step's gradients change the weights: together, when all of them are there; early is adamw's alone.";

  /// The learning rate that the schedule scales.
  double lr();

  /// Of matrices and embeddings; gains, biases and the logit scale do not decay.
  double weightDecay();

  /// The global L2 norm that gradients are scaled down to.
  Optional<Double> clipNorm();

  /// Weights that are updated otherwise.
  List<OptimizerGroup> groups();

  /// Factor of the learning rate from a layer to the one below it.
  double layerDecay();

  /// When a step's gradients change the weights.
  UpdateTiming updates();

  /// @throws IllegalArgumentException for early updates with a clip
  static void requireTogether(UpdateTiming updates, Optional<Double> clipNorm) {
    if (updates == UpdateTiming.EARLY && clipNorm.isPresent()) {
      throw new IllegalArgumentException(
          "updates: early changes weights before the norm of all gradients is known; leave clip-norm or updates out");
    }
  }

  /// Only torch's fused AdamW changes a weight without being seen by those that share its bucket,
  /// on which a backward pass under way insists.
  ///
  /// @throws IllegalArgumentException for early updates
  static void refuseEarly(UpdateTiming updates) {
    if (updates == UpdateTiming.EARLY) {
      throw new IllegalArgumentException("updates: early is adamw's alone; leave updates out");
    }
  }

  /// @throws IllegalArgumentException unless there are two
  static List<Double> checkedBetas(List<Double> betas, String example) {
    if (betas.size() != 2) {
      throw new IllegalArgumentException(
          "betas: two numbers are expected, e.g. %s; found %d".formatted(example, betas.size()));
    }
    return List.copyOf(betas);
  }

  /// Finds groups that would change nothing.
  ///
  /// @param names of the weights that are trained
  default void check(Collection<String> names, Checked.Findings findings) {
    for (int i = 0; i < groups().size(); i++) {
      OptimizerGroup group = groups().get(i);
      if (names.stream().noneMatch(group::matches)) {
        String near =
            names.stream()
                .sorted(Comparator.comparingInt((String name) -> -common(name, group.match())))
                .limit(NEAREST)
                .collect(Collectors.joining(", "));
        findings.add(
            "groups.%d.match".formatted(i),
            "'%s' is the name of no trained weight; names near it: %s"
                .formatted(group.match(), near));
      }
    }
  }

  /// Length of the beginning that both have.
  private static int common(String a, String b) {
    int length = 0;
    while (length < Math.min(a.length(), b.length()) && a.charAt(length) == b.charAt(length)) {
      length++;
    }
    return length;
  }
}
