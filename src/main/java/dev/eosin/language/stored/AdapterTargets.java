package dev.eosin.language.stored;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.Quote;
import dev.eosin.checkpoint.TensorRule;
import dev.eosin.language.AdaptedDecoder;
import dev.eosin.language.Adapters;
import dev.eosin.language.Decoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Which modules of a decoder some settings mean, by peft's rules.
///
/// Source: `check_target_module_exists` and `get_pattern_key` of peft 0.21.0.
///
/// @param modules what the foreign model calls the module of each weight, by Eosin's name
/// @param tokens ids whose rows of the token table are trained by themselves
record AdapterTargets(
    AdapterSettings settings, Decoder decoder, Map<String, String> modules, List<Integer> tokens) {
  private static final int MOST_TOLD = 20;

  static AdapterTargets of(
      AdapterSettings settings, Decoder decoder, Layout names, List<Integer> tokens) {
    Map<String, String> modules = new LinkedHashMap<>();
    for (TensorRule rule : names.rules()) {
      String foreign = rule.foreignNames().getFirst();
      modules.put(rule.name(), foreign.substring(0, foreign.lastIndexOf('.')));
    }
    return new AdapterTargets(settings, decoder, modules, tokens);
  }

  private String module(String weight) {
    String module = modules.get(weight);
    if (module == null) {
      throw new IllegalArgumentException("no foreign name for " + weight);
    }
    return module;
  }

  /// The model with its adapters, and what is trained whole.
  AdaptedDecoder adapted() {
    Map<String, Adapters.Pair> pairs = new LinkedHashMap<>();
    targeted().forEach(weight -> pairs.put(weight, pair(module(weight))));
    return new AdaptedDecoder(
        decoder.with(new Adapters(pairs, settings.dropout(), tokens)), whole());
  }

  private List<String> targeted() {
    return decoder.linears().stream().filter(weight -> isTarget(module(weight))).toList();
  }

  private boolean isTarget(String module) {
    return !isTrainedWhole(module)
        && settings.targets().stream()
            .anyMatch(target -> target.equals(AdapterSettings.ALL) || names(target, module));
  }

  /// peft leaves out what lies in a module that is trained whole.
  private boolean isTrainedWhole(String module) {
    return settings.alsoTrain().stream()
        .anyMatch(name -> ("." + module + ".").contains("." + name + "."));
  }

  private List<String> whole() {
    return decoder.weights().stream()
        .map(weight -> weight.name())
        .filter(name -> settings.alsoTrain().stream().anyMatch(module(name)::endsWith))
        .toList();
  }

  private static boolean names(String target, String module) {
    return AdapterSettings.isPlain(target)
        ? module.equals(target) || module.endsWith("." + target)
        : Pattern.matches(target, module);
  }

  private static boolean endsLike(String pattern, String module) {
    return Pattern.matches("(.*\\.)?(%s)".formatted(pattern), module);
  }

  private Adapters.Pair pair(String module) {
    int rank = first(settings.rankPattern(), module).orElse(settings.rank());
    double alpha = first(settings.alphaPattern(), module).orElse(settings.alpha());
    double scale = alpha / (settings.rankStabilised() ? Math.sqrt(rank) : rank);
    return new Adapters.Pair(rank, scale, settings.magnitudes());
  }

  private static <T> Optional<T> first(Map<String, T> patterns, String module) {
    return patterns.entrySet().stream()
        .filter(pattern -> endsLike(pattern.getKey(), module))
        .findFirst()
        .map(Map.Entry::getValue);
  }

  /// @throws IllegalArgumentException when nothing is adapted, or a target is no linear of a block
  void requireAdaptable() {
    Set<String> linears = Set.copyOf(decoder.linears());
    modules.forEach(
        (weight, module) -> {
          if (!linears.contains(weight) && !isOfLinear(module) && isNamed(module)) {
            throw new IllegalArgumentException(
                "targets: %s is meant too, beside which no adapter is computed; name linears of blocks, and under also-train what is to be trained whole%s"
                    .formatted(Quote.line(module), there()));
          }
        });
    if (!tokens.isEmpty() && whole().contains(decoder.table())) {
      throw new IllegalArgumentException(
          "train-tokens: also-train names the whole token table already; leave one of the two out");
    }
    if (targeted().isEmpty()) {
      throw new IllegalArgumentException(
          "targets: %s %s no linear of this model%s"
              .formatted(
                  Quote.some(settings.targets(), MOST_TOLD),
                  settings.targets().size() == 1 ? "names" : "name",
                  there()));
    }
  }

  private boolean isOfLinear(String module) {
    return decoder.linears().stream().anyMatch(linear -> module(linear).equals(module));
  }

  private boolean isNamed(String module) {
    return !isTrainedWhole(module)
        && settings.targets().stream().anyMatch(target -> names(target, module));
  }

  /// What of the settings changes nothing, each beginning with its key.
  List<String> idle() {
    List<String> linears = decoder.linears().stream().map(this::module).toList();
    List<String> adapted = targeted().stream().map(this::module).toList();
    List<String> idle = new ArrayList<>();
    for (String target : settings.targets()) {
      if (!target.equals(AdapterSettings.ALL)
          && linears.stream().noneMatch(m -> names(target, m))) {
        idle.add("targets: %s names no linear of this model".formatted(Quote.of(target)));
      }
    }
    settings.rankPattern().keySet().forEach(each -> idle("rank-pattern", each, adapted, idle));
    settings.alphaPattern().keySet().forEach(each -> idle("alpha-pattern", each, adapted, idle));
    for (String name : settings.alsoTrain()) {
      if (modules.values().stream().noneMatch(module -> module.endsWith(name))) {
        boolean tied = decoder.head().equals(decoder.table());
        idle.add(
            "also-train: %s names no module with weights%s"
                .formatted(
                    Quote.of(name),
                    tied ? "; the head of this model is its token table, embed_tokens" : ""));
      }
    }
    return idle;
  }

  private static void idle(String key, String pattern, List<String> adapted, List<String> idle) {
    if (adapted.stream().noneMatch(module -> endsLike(pattern, module))) {
      idle.add("%s: %s is the end of no adapted module's name".formatted(key, Quote.of(pattern)));
    }
  }

  /// The linears that there are, one line for those of all layers.
  String there() {
    return decoder.linears().stream()
        .map(weight -> module(weight).replaceAll("\\.\\d+\\.", ".*."))
        .distinct()
        .limit(MOST_TOLD)
        .collect(Collectors.joining("\n  ", "; its linears are:\n  ", ""));
  }
}
