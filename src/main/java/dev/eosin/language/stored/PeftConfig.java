package dev.eosin.language.stored;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.language.spec.ConfigFields;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// peft's `adapter_config.json`.
///
/// Source: `tuners/lora/config.py` of peft 0.21.0.
///
/// @param settings what it says of the adapters
/// @param base what it says that they were made for
/// @param tokens ids whose rows of the token table were trained by themselves
/// @param notes what in it counts for nothing here, for the user
record PeftConfig(
    AdapterSettings settings, Optional<String> base, List<Integer> tokens, List<String> notes) {
  private static final String TOKENS = "trainable_token_indices";

  /// How adapters were begun, trained with or are chosen, or what peft prints: nothing of it
  /// changes what trained ones compute.
  private static final Set<String> NEUTRAL =
      Set.of(
          "auto_mapping",
          "base_model_name_or_path",
          "eva_config",
          "inference_mode",
          "megatron_core",
          "peft_version",
          "qalora_group_size",
          "revision",
          "task_type");

  private static final List<String> ABSENT =
      List.of(
          "alora_invocation_tokens",
          "arrow_config",
          "corda_config",
          "exclude_modules",
          "kasa_config",
          "layer_replication",
          "layers_pattern",
          "layers_to_transform",
          "lora_ga_config",
          "megatron_config",
          "monteclora_config",
          "runtime_config",
          "target_parameters",
          "use_bdlora",
          "velora_config");

  private static final List<String> OFF =
      List.of("ensure_weight_tying", "fan_in_fan_out", "lora_bias", "use_qalora");

  /// First values that leave the base as it is; others change it when adapters are loaded.
  private static final Set<String> BEGINNINGS = Set.of("eva", "gaussian", "orthogonal");

  /// @param file `adapter_config.json`
  /// @throws DataException naming the file and the option that is missing, wrong or not computed
  ///   here
  static PeftConfig read(Path file) throws DataException {
    ConfigFields fields = ConfigFields.open(file);
    if (!fields.text("peft_type").equals("LORA")) {
      throw fields.wrong("peft_type", "LORA, the only kind that is computed here");
    }
    Optional<String> base =
        fields.has("base_model_name_or_path")
            ? Optional.of(fields.text("base_model_name_or_path"))
            : Optional.empty();
    requireKnown(fields);
    boolean magnitudes = fields.flag("use_dora", false);
    double dropout = fields.numberOr("lora_dropout", 0);
    boolean undropped = magnitudes && dropout > 0;
    List<String> notes =
        undropped
            ? List.of(
                "lora_dropout %s is left out: adapters with magnitudes have none here"
                    .formatted(dropout))
            : List.of();
    try {
      var settings =
          new AdapterSettings(
              fields.sizeOr("r", 8),
              fields.numberOr("lora_alpha", 8),
              targets(fields),
              fields.flag("use_rslora", false),
              magnitudes,
              ranks(fields),
              alphas(fields),
              fields.texts("modules_to_save"),
              List.of(),
              undropped ? 0 : dropout);
      List<Integer> tokens = tokens(fields);
      fields.requireNothingElse();
      return new PeftConfig(settings, base, tokens, notes);
    } catch (IllegalArgumentException e) {
      throw new DataException("%s: %s".formatted(file, inTheirWords(e)), e);
    }
  }

  private static void requireKnown(ConfigFields fields) throws DataException {
    fields.ignore(NEUTRAL);
    fields.requireOnly("bias", "none");
    fields.requireOnly("loftq_config", "{}");
    for (String field : ABSENT) {
      fields.requireOnly(field, "null");
    }
    for (String field : OFF) {
      fields.requireOnly(field, "false");
    }
    if (!fields.isText("init_lora_weights")) {
      fields.flag("init_lora_weights", true);
    } else if (!BEGINNINGS.contains(fields.text("init_lora_weights"))) {
      throw fields.wrong(
          "init_lora_weights",
          "true, false, gaussian, orthogonal or eva; others change the base weights, save the adapter with peft's path_initial_model_for_weight_conversion");
    }
  }

  /// A string is a regular expression or all-linear, a list has names.
  private static List<String> targets(ConfigFields fields) throws DataException {
    if (fields.isText("target_modules")) {
      String text = fields.text("target_modules");
      return List.of(
          text.toLowerCase(Locale.ROOT).equals(AdapterSettings.ALL) ? AdapterSettings.ALL : text);
    }
    List<String> targets = fields.texts("target_modules");
    if (targets.isEmpty() || !targets.stream().allMatch(AdapterSettings::isPlain)) {
      throw fields.wrong("target_modules", "names of modules, or one string that is a pattern");
    }
    return targets;
  }

  /// Ids of the token table, alone or under its name.
  private static List<Integer> tokens(ConfigFields fields) throws DataException {
    if (!fields.isObject(TOKENS)) {
      return fields.ids(TOKENS);
    }
    ConfigFields tables = fields.object(TOKENS).orElseThrow();
    List<String> names = tables.names();
    if (names.size() != 1 || !names.getFirst().endsWith("embed_tokens")) {
      throw fields.wrong(
          TOKENS, "ids of embed_tokens, the only table of which rows are trained here");
    }
    return tables.ids(names.getFirst());
  }

  private static Map<String, Integer> ranks(ConfigFields fields) throws DataException {
    Map<String, Integer> ranks = new LinkedHashMap<>();
    Optional<ConfigFields> pattern = fields.object("rank_pattern");
    if (pattern.isPresent()) {
      for (String name : pattern.get().names()) {
        ranks.put(name, pattern.get().size(name));
      }
    }
    return ranks;
  }

  private static Map<String, Double> alphas(ConfigFields fields) throws DataException {
    Map<String, Double> alphas = new LinkedHashMap<>();
    Optional<ConfigFields> pattern = fields.object("alpha_pattern");
    if (pattern.isPresent()) {
      for (String name : pattern.get().names()) {
        alphas.put(name, pattern.get().number(name));
      }
    }
    return alphas;
  }

  /// A complaint about settings, with peft's names of them.
  static String inTheirWords(IllegalArgumentException complaint) {
    return inTheirWords(String.valueOf(complaint.getMessage()));
  }

  static String inTheirWords(String message) {
    return message
        .replaceFirst("^dropout:", "lora_dropout:")
        .replaceFirst("^targets:", "target_modules:")
        .replaceFirst("^rank-pattern:", "rank_pattern:")
        .replaceFirst("^alpha-pattern:", "alpha_pattern:")
        .replaceFirst("^train-tokens: also-train", TOKENS + ": modules_to_save")
        .replaceFirst("^also-train:", "modules_to_save:");
  }

  /// The file's text.
  ///
  /// @param modules the adapted ones, as the foreign model calls them
  String text(List<String> modules) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    var alphas = json.putObject("alpha_pattern");
    settings.alphaPattern().forEach((name, alpha) -> putNumber(alphas, name, alpha));
    json.put("base_model_name_or_path", base.orElse(null));
    json.put("bias", "none");
    json.put("fan_in_fan_out", false);
    json.put("inference_mode", true);
    json.put("init_lora_weights", true);
    putNumber(json, "lora_alpha", settings.alpha());
    json.put("lora_dropout", settings.dropout());
    if (settings.alsoTrain().isEmpty()) {
      json.putNull("modules_to_save");
    } else {
      settings.alsoTrain().forEach(json.putArray("modules_to_save")::add);
    }
    json.put("peft_type", "LORA");
    json.put("r", settings.rank());
    settings.rankPattern().forEach(json.putObject("rank_pattern")::put);
    putTargets(json, modules);
    json.put("task_type", "CAUSAL_LM");
    if (!tokens.isEmpty()) {
      tokens.forEach(json.putArray(TOKENS)::add);
    }
    json.put("use_dora", settings.magnitudes());
    json.put("use_rslora", settings.rankStabilised());
    return json.toPrettyString() + "\n";
  }

  private void putTargets(ObjectNode json, List<String> modules) {
    List<String> targets = settings.targets();
    boolean plain =
        targets.stream()
            .allMatch(each -> AdapterSettings.isPlain(each) && !each.equals(AdapterSettings.ALL));
    if (targets.size() == 1 && !AdapterSettings.isPlain(targets.getFirst())) {
      json.put("target_modules", targets.getFirst());
    } else {
      var array = json.putArray("target_modules");
      (plain ? targets : modules).stream().sorted().forEach(array::add);
    }
  }

  /// A whole number as peft has it, without a point.
  private static void putNumber(ObjectNode json, String name, double value) {
    if (value == Math.rint(value) && Math.abs(value) < Integer.MAX_VALUE) {
      json.put(name, (int) value);
    } else {
      json.put(name, value);
    }
  }
}
