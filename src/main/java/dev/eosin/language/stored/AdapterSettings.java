package dev.eosin.language.stored;

import dev.eosin.checkpoint.Layout;
import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.language.AdaptedDecoder;
import dev.eosin.language.Decoder;
import dev.eosin.text.LanguageTokenizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// The key `lora` of a recipe with a language model. Every setting means what it means in peft,
/// with the model's names of Hugging Face, so that settings can be taken from a paper's
/// `LoraConfig`.
///
/// Source: `tuners/lora/config.py` of peft 0.21.0.
@Doc(
    "Trains low-rank adapters (LoRA) instead of the model: an adapted linear gives W x + (alpha / rank) B A x. Everything else stays as it begins. Modules are called what Hugging Face calls them, as for peft.")
public record AdapterSettings(
    @Doc("Rows of A and columns of B.") @Range(min = 1, max = 4096) int rank,
    @Doc("The scale of the adapters, times the rank; often twice the rank.") @Range(above = 0)
        double alpha,
    @Doc(
            "The adapted linears: names such as q_proj, which also mean every module that ends with them; regular expressions that match a whole name, such as '.*self_attn\\.(q|v)_proj'; or all-linear, every linear but the head.")
        @OrElse("[all-linear]")
        List<String> targets,
    @Doc("Whether the scale is alpha / sqrt(rank), which suits high ranks (rsLoRA).")
        @OrElse("false")
        boolean rankStabilised,
    @Doc(
            "Whether each row of an adapted weight has a trained length of its own (DoRA). Takes no dropout.")
        @OrElse("false")
        boolean magnitudes,
    @Doc(
            "Other ranks, by a name or regular expression that the end of a module's name must match; the first that matches counts.")
        @OrElse("{}")
        @Range(min = 1, max = 4096)
        Map<String, Integer> rankPattern,
    @Doc("Other alphas, in the same way.") @OrElse("{}") @Range(above = 0)
        Map<String, Double> alphaPattern,
    @Doc(
            "Modules that are trained whole, without adapters, by the end of their names: lm_head, embed_tokens.")
        @OrElse("[]")
        List<String> alsoTrain,
    @Doc(
            "Tokens, as the tokenizer's files spell them, whose rows of the token table are trained while the others stay; where the head is the table, of the head, too.")
        @OrElse("[]")
        List<String> trainTokens,
    @Doc(
            "The share of the elements entering each adapter that a training step leaves out, drawn anew for each sample. Evaluation leaves nothing out.")
        @OrElse("0")
        @Range(min = 0, below = 1)
        double dropout) {
  /// Stands for every linear but the head.
  static final String ALL = "all-linear";

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_.-]+");

  /// @throws IllegalArgumentException when nothing would be adapted, a pattern is none, or adapters
  ///   with magnitudes are to have dropout
  public AdapterSettings {
    targets = List.copyOf(targets);
    alsoTrain = List.copyOf(alsoTrain);
    trainTokens = List.copyOf(trainTokens);
    rankPattern = Collections.unmodifiableMap(new LinkedHashMap<>(rankPattern));
    alphaPattern = Collections.unmodifiableMap(new LinkedHashMap<>(alphaPattern));
    if (targets.isEmpty()) {
      throw new IllegalArgumentException("targets: names nothing, so nothing would be adapted");
    }
    targets.forEach(target -> requirePattern("targets", target));
    alsoTrain.forEach(module -> requireName("also-train", module));
    rankPattern.keySet().forEach(pattern -> requirePattern("rank-pattern", pattern));
    alphaPattern.keySet().forEach(pattern -> requirePattern("alpha-pattern", pattern));
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("dropout: %s is not in [0, 1)".formatted(dropout));
    }
    if (magnitudes && dropout > 0) {
      throw new IllegalArgumentException("dropout: adapters with magnitudes (DoRA) have none");
    }
  }

  /// All linears, without patterns, magnitudes and dropout.
  public static AdapterSettings of(int rank, double alpha) {
    return new AdapterSettings(
        rank, alpha, List.of(ALL), false, false, Map.of(), Map.of(), List.of(), List.of(), 0);
  }

  private static void requirePattern(String key, String text) {
    requireName(key, text);
    try {
      Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "%s: '%s' is neither a name nor a regular expression: %s"
              .formatted(key, text, e.getDescription()),
          e);
    }
  }

  private static void requireName(String key, String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException(key + ": an empty text is no name of a module");
    }
  }

  /// Whether a target or pattern has nothing of a regular expression but dots, which are dots then.
  static boolean isPlain(String target) {
    return PLAIN.matcher(target).matches();
  }

  /// What these settings mean for a model.
  ///
  /// @param decoder without adapters
  /// @throws IllegalArgumentException beginning with the key, when something that is named is not
  ///   there or cannot have adapters; it says what there is
  public AdaptedDecoder resolve(Decoder decoder) {
    return resolve(decoder, LanguageNames.of(decoder));
  }

  /// As [#resolve(Decoder)], for settings that name tokens.
  ///
  /// @param tokenizer of the model
  public AdaptedDecoder resolve(Decoder decoder, LanguageTokenizer tokenizer) {
    List<Integer> ids = new ArrayList<>();
    for (String token : trainTokens) {
      OptionalInt id = tokenizer.id(token);
      if (id.isEmpty() || id.getAsInt() >= decoder.spec().vocabulary()) {
        throw new IllegalArgumentException(
            "train-tokens: '%s' is no token of %s with a row in the model's table of %d; one has to be spelt as in that file"
                .formatted(token, tokenizer.file(), decoder.spec().vocabulary()));
      }
      ids.add(id.getAsInt());
    }
    return resolve(decoder, LanguageNames.of(decoder), ids);
  }

  /// As [#resolve(Decoder)], where the model is a part of another one.
  ///
  /// @param names what its weights are called there
  public AdaptedDecoder resolve(Decoder decoder, Layout names) {
    if (!trainTokens.isEmpty()) {
      throw new IllegalStateException("tokens need a tokenizer to become ids");
    }
    return resolve(decoder, names, List.of());
  }

  private AdaptedDecoder resolve(Decoder decoder, Layout names, List<Integer> tokens) {
    AdapterTargets targeted = AdapterTargets.of(this, decoder, names, tokens);
    targeted.requireAdaptable();
    List<String> idle = targeted.idle();
    if (!idle.isEmpty()) {
      throw new IllegalArgumentException(idle.getFirst() + targeted.there());
    }
    return targeted.adapted();
  }
}
