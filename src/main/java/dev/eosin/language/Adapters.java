package dev.eosin.language;

import dev.eosin.nn.InitialValue;
import dev.eosin.nn.Weight;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Low-rank adapters of a language model, by the name of the weight that each stands beside.
///
/// Source: LoRA (Hu et al. 2021, arXiv 2106.09685), DoRA (Liu et al. 2024, arXiv 2402.09353); first
/// values and scales are peft's.
///
/// @param linears in no particular order
/// @param dropout the share of what enters each pair that a training step leaves out
/// @param tokens ids whose rows of the token table are trained while the others stay, in the order
///   of those rows (peft's `trainable_token_indices`)
public record Adapters(Map<String, Pair> linears, double dropout, List<Integer> tokens) {
  /// No adapters.
  public static final Adapters NONE = new Adapters(Map.of(), 0);

  private static final String ROWS = ".trained-rows";

  /// Beside linears alone.
  public Adapters(Map<String, Pair> linears, double dropout) {
    this(linears, dropout, List.of());
  }

  /// One adapter: scale x B A beside a weight.
  ///
  /// @param rank r of A [r,in] and B [out,r]
  /// @param scale alpha / r, or alpha / sqrt(r) where ranks are stabilised
  /// @param magnitude whether the sum's rows get lengths of their own, which are trained (DoRA)
  public record Pair(int rank, double scale, boolean magnitude) {
    public Pair {
      if (rank < 1) {
        throw new IllegalArgumentException("an adapter of rank %d adapts nothing".formatted(rank));
      }
    }
  }

  public Adapters {
    linears = Collections.unmodifiableMap(new LinkedHashMap<>(linears));
    tokens = List.copyOf(tokens);
    if (Set.copyOf(tokens).size() < tokens.size()) {
      throw new IllegalArgumentException("a token is named twice among those that are trained");
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("dropout of %s is not in [0, 1)".formatted(dropout));
    }
    if (dropout > 0 && linears.values().stream().anyMatch(Pair::magnitude)) {
      throw new IllegalArgumentException("adapters with magnitudes (DoRA) have no dropout");
    }
  }

  public boolean isEmpty() {
    return linears.isEmpty() && tokens.isEmpty();
  }

  /// As the kernels take it for one linear: 0 none, 1 a pair, 2 a pair with magnitudes.
  long kind(String weight) {
    Pair pair = linears.get(weight);
    return pair == null ? 0 : pair.magnitude ? 2 : 1;
  }

  /// What the kernels multiply the pair's product by.
  ///
  /// @param dropping whether a part of the inputs is left out, so that the rest counts for it
  double scale(String weight, boolean dropping) {
    Pair pair = linears.get(weight);
    return pair == null ? 0 : dropping ? pair.scale / (1 - dropout) : pair.scale;
  }

  /// The names of an adapter's own weights, in the kernels' order; none where there is no adapter.
  List<String> names(String weight) {
    Pair pair = linears.get(weight);
    if (pair == null) {
      return List.of();
    }
    return pair.magnitude
        ? List.of(down(weight), up(weight), magnitude(weight))
        : List.of(down(weight), up(weight));
  }

  /// The adapter's own weights for a linear: A uniform within 1 / sqrt of its inputs, B zero, so
  /// that nothing changes at first. Magnitudes begin as the lengths of the weight's rows, which
  /// whoever fills in first values writes.
  List<Weight> weights(Weight linear) {
    Pair pair = linears.get(linear.name());
    if (pair == null) {
      return List.of();
    }
    long out = linear.shape()[0];
    long in = linear.shape()[1];
    var first = new InitialValue.Uniform(Math.pow(in, -0.5));
    List<Weight> weights = new ArrayList<>();
    weights.add(new Weight(down(linear.name()), first, false, pair.rank, in));
    weights.add(Weight.zeros(up(linear.name()), out, pair.rank));
    if (pair.magnitude) {
      weights.add(Weight.ones(magnitude(linear.name()), out));
    }
    return weights;
  }

  /// The trained rows of a token table; none where no token is trained by itself.
  List<Weight> rows(String table, long width) {
    return tokens.isEmpty()
        ? List.of()
        : List.of(Weight.normal(rows(table), Math.pow(width, -0.5), tokens.size(), width));
  }

  /// The name of the trained rows of a token table.
  public static String rows(String table) {
    return stem(table) + ROWS;
  }

  /// The name of an adapter's A.
  public static String down(String weight) {
    return stem(weight) + ".lora-a";
  }

  /// The name of an adapter's B.
  public static String up(String weight) {
    return stem(weight) + ".lora-b";
  }

  /// The name of an adapter's magnitudes.
  public static String magnitude(String weight) {
    return stem(weight) + ".lora-magnitude";
  }

  /// Whether a weight of this name belongs to an adapter.
  public static boolean isAdapter(String name) {
    return name.endsWith(".lora-a")
        || name.endsWith(".lora-b")
        || name.endsWith(".lora-magnitude")
        || name.endsWith(ROWS);
  }

  private static String stem(String weight) {
    return weight.substring(0, weight.length() - ".weight".length());
  }
}
