package dev.eosin.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// One choice for each option of a training recipe.
///
/// @param choices the chosen level by option
record OptionMix(Map<Option, String> choices) {
  /// An option and its levels; what a level writes into a recipe is in [#overrides].
  enum Option {
    TOWERS("vit-causal", "vit-bert", "timm-causal", "timm-bert"),
    WEIGHTS("random", "run", "average", "final", "other-loss"),
    LOSS("plain", "smooth", "equal", "taught", "taught-equal-smooth", "siglip", "siglip-equal"),
    PRECISION("fp32", "bf16", "fp16"),
    TRAINED(
        "all",
        "lock-image-2",
        "lock-image-0",
        "lock-text-1",
        "lock-both",
        "lora",
        "lora-image-attention",
        "lora-text-mlp"),
    GROUPS("none", "logit-scale", "all", "image"),
    LAYER_DECAY("1.0", "0.7"),
    PATCH_DROPOUT("0", "0.5"),
    EMA("none", "shown", "kept", "exported", "hidden-exported"),
    ACTIVATIONS("keep", "recompute", "recompute every 2 blocks"),
    MICRO("none", "1", "3", "7"),
    CLIP_NORM("none", "1.0", "0.01"),
    SCHEDULE("cosine", "constant", "cool-down"),
    DATA("drawn", "mixture"),
    EVALUATE("pairs", "tiles", "both"),
    SAVED("0", "1", "3"),
    STOP("0", "1", "2", "3"),
    WORKERS("1 then 3", "2 then 1", "3 then 2");

    private final List<String> levels;

    Option(String... levels) {
      this.levels = List.of(levels);
    }
  }

  private record Pair(Option first, String a, Option second, String b) {}

  /// Candidates for each mix; the one with most new pairs is taken.
  private static final int CANDIDATES = 30;

  /// The updates of each run.
  static final int LENGTH = 4;

  /// Allowed mixes, all pairs of levels as early as chance has it; the same for the same seed.
  static List<OptionMix> drawn(long seed, int count) {
    var random = new SplittableRandom(seed);
    List<OptionMix> drawn = new ArrayList<>();
    Set<Pair> seen = new HashSet<>();
    while (drawn.size() < count) {
      OptionMix best = one(random);
      for (int i = 1; i < CANDIDATES; i++) {
        OptionMix other = one(random);
        best = other.news(seen) > best.news(seen) ? other : best;
      }
      if (best.news(seen) == 0) {
        seen.clear();
      }
      seen.addAll(best.pairs());
      drawn.add(best);
    }
    return drawn;
  }

  private static OptionMix one(RandomGenerator random) {
    while (true) {
      Map<Option, String> choices = new TreeMap<>();
      for (Option option : Option.values()) {
        choices.put(option, option.levels.get(random.nextInt(option.levels.size())));
      }
      var mix = new OptionMix(choices);
      if (mix.allowed()) {
        return mix;
      }
    }
  }

  private long news(Set<Pair> seen) {
    return pairs().stream().filter(pair -> !seen.contains(pair)).count();
  }

  private Set<Pair> pairs() {
    Set<Pair> pairs = new HashSet<>();
    for (Option first : Option.values()) {
      for (Option second : Option.values()) {
        if (first.compareTo(second) < 0) {
          pairs.add(new Pair(first, of(first), second, of(second)));
        }
      }
    }
    return pairs;
  }

  /// Mixes that a recipe may not have are not drawn.
  private boolean allowed() {
    boolean timm = is(Option.TOWERS, "timm-causal", "timm-bert");
    boolean imageTrained =
        timm
            ? !is(Option.TRAINED, "lora-text-mlp")
            : !is(Option.TRAINED, "lock-image-0", "lora-text-mlp");
    return !(timm && is(Option.PATCH_DROPOUT, "0.5"))
        && (imageTrained || !is(Option.GROUPS, "image"));
  }

  String of(Option option) {
    return Objects.requireNonNull(choices.get(option));
  }

  boolean is(Option option, String... levels) {
    return Arrays.asList(levels).contains(of(option));
  }

  boolean biased() {
    return of(Option.LOSS).startsWith("siglip");
  }

  boolean adapted() {
    return of(Option.TRAINED).startsWith("lora");
  }

  /// Whether the last evaluation sees what `final/` has.
  boolean exportsWhatIsEvaluated() {
    return !is(Option.EMA, "shown", "hidden-exported");
  }

  /// The average's place in `final/`.
  boolean exportsAverage() {
    return is(Option.EMA, "exported", "hidden-exported");
  }

  @Override
  public String toString() {
    return choices.entrySet().stream()
        .map(choice -> choice.getKey().name().toLowerCase(Locale.ROOT) + "=" + choice.getValue())
        .collect(Collectors.joining(" "));
  }
}
