package dev.eosin.train;

import dev.eosin.config.Checked;
import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// `type: adamw`, as open_clip uses it.
@Named("adamw")
@Doc("AdamW with decoupled weight decay; gains, biases and the logit scale do not decay.")
public record AdamWSettings(
    @Doc("Peak learning rate.") @Range(above = 0) double lr,
    @Doc("Decay rates of the two moments.") @Range(min = 0, below = 1) List<Double> betas,
    @Doc("Added to the root of the second moment.") @Range(above = 0) double eps,
    @Doc("Decoupled weight decay of matrices and embeddings.") @Range(min = 0) double weightDecay,
    @Doc("Gradients are scaled down to this global L2 norm; without it they are not clipped.")
        @Range(above = 0)
        Optional<Double> clipNorm,
    @Doc("Weights that are updated otherwise; the first group that matches a name counts.")
        @OrElse("[]")
        List<OptimizerGroup> groups,
    @Doc(
            "Factor of the learning rate from a layer to the one below it, in each tower: what is above the last block keeps the rate, embeddings get it times this factor to the power of the number of blocks plus one (BEiT). 1.0 for no difference.")
        @OrElse("1.0")
        @Range(above = 0, max = 1)
        double layerDecay,
    @Doc(
            "When a step's gradients change the weights. together: when all of them are there. early:"
                + " each as soon as it is there, so that a step never holds all of them; to the same"
                + " bits. early needs one process, rows that go through the model at once, no"
                + " clip-norm, fp32 or bf16.")
        @OrElse("together")
        UpdateTiming updates)
    implements OptimizerSettings {
  private static final int NEAREST = 4;

  /// Every weight alike.
  public AdamWSettings(
      double lr, List<Double> betas, double eps, double weightDecay, Optional<Double> clipNorm) {
    this(lr, betas, eps, weightDecay, clipNorm, List.of(), 1, UpdateTiming.TOGETHER);
  }

  /// @throws IllegalArgumentException unless there are two betas, and for early updates with a clip
  public AdamWSettings {
    betas = List.copyOf(betas);
    groups = List.copyOf(groups);
    if (betas.size() != 2) {
      throw new IllegalArgumentException(
          "betas: two numbers are expected, e.g. [0.9, 0.98]; found %d".formatted(betas.size()));
    }
    if (updates == UpdateTiming.EARLY && clipNorm.isPresent()) {
      throw new IllegalArgumentException(
          "updates: early changes weights before the norm of all gradients is known; leave clip-norm or updates out");
    }
  }

  /// Finds groups that would change nothing.
  ///
  /// @param names of the weights that are trained
  public void check(Collection<String> names, Checked.Findings findings) {
    for (int i = 0; i < groups.size(); i++) {
      OptimizerGroup group = groups.get(i);
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
