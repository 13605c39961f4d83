package dev.eosin.language.stored;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.language.Decoder;
import dev.eosin.language.Llama;
import dev.eosin.language.Opt;
import dev.eosin.language.generation.GenerationDefaults;
import dev.eosin.language.spec.LanguageConfig;
import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.language.spec.OptSpec;
import dev.eosin.language.spec.T5Spec;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.MappedTensors;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.text.LanguageTokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// A decoder in a folder of Hugging Face's: `config.json`, the weights as safetensors or
/// `pytorch_model.bin`, whole or in shards, and the tokenizer's files.
///
/// @param path the folder
/// @param config what it says of itself
public record LanguageFolder(Path path, LanguageConfig config) {
  /// The file that describes the model.
  public static final String CONFIG = "config.json";

  /// The file that says how it generates.
  public static final String GENERATION = "generation_config.json";

  /// Files of a folder that say how text and answers are made.
  public static final List<String> TEXT_FILES =
      List.of(
          GENERATION,
          "tokenizer.json",
          "tokenizer.model",
          "spiece.model",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "vocab.json",
          "merges.txt",
          "chat_template.jinja");

  /// Where a run leaves its model.
  private static final String FINAL = "final";

  /// A run's folder stands for the model that it left.
  ///
  /// @throws DataException when a run has left none yet
  public static Path of(Path runOrFolder) throws DataException {
    boolean run =
        Files.exists(runOrFolder.resolve("recipe.yaml"))
            && !Files.exists(runOrFolder.resolve(CONFIG));
    if (run && !Files.isDirectory(runOrFolder.resolve(FINAL))) {
      throw new DataException(
          "%s: is a run that has not left its model in %s yet; train it to its end"
              .formatted(runOrFolder, runOrFolder.resolve(FINAL)));
    }
    return run ? runOrFolder.resolve(FINAL) : runOrFolder;
  }

  /// Reads the description alone.
  ///
  /// @throws DataException naming the folder or file and what is wrong with it
  public static LanguageFolder open(Path path) throws DataException {
    if (!Files.isDirectory(path)) {
      throw new DataException(
          path + ": is no folder; a language model is one with config.json, weights and tokenizer");
    }
    if (!Files.isRegularFile(path.resolve(CONFIG))) {
      throw new DataException(
          "%s: has no %s, which says what a model of Hugging Face is; name the folder that holds it"
              .formatted(path, CONFIG));
    }
    return new LanguageFolder(path, LanguageConfig.read(path.resolve(CONFIG)));
  }

  /// The same model, a T5 whose gates compute another GELU than its description says.
  ///
  /// @throws DataException when the model has no such gates
  public LanguageFolder with(T5Gelu gelu) throws DataException {
    if (config.spec() instanceof T5Spec spec && spec.gated().gates()) {
      return new LanguageFolder(path, new LanguageConfig(spec.withGate(gelu.gate()), config.ids()));
    }
    throw new DataException(
        "%s: describes no T5 with gates of GELU, the only ones whose form can be chosen"
            .formatted(path.resolve(CONFIG)));
  }

  /// What the folder says of generation.
  ///
  /// @throws DataException naming what is wrong with it, or not honoured
  public GenerationDefaults generation() throws DataException {
    Path file = path.resolve(GENERATION);
    if (!Files.exists(file)) {
      return GenerationDefaults.NONE;
    }
    GenerationDefaults defaults = GenerationDefaults.read(file);
    int vocabulary = config.spec().vocabulary();
    for (int end : defaults.ends()) {
      if (end >= vocabulary) {
        throw new DataException(
            "%s: eos_token_id %d is none of the %d ids that %s has; is it another model's?"
                .formatted(file, end, vocabulary, CONFIG));
      }
    }
    return defaults;
  }

  /// Compares a tokenizer with the model. Which ids end an answer, `generation_config.json` may say
  /// besides.
  ///
  /// @throws DataException when it is another model's
  public void require(LanguageTokenizer tokenizer) throws DataException {
    String file = path.resolve(CONFIG).toString();
    tokenizer.requireRows(config.spec().vocabulary(), file);
    Set<Integer> ends = new HashSet<>(config.ids().ends());
    OptionalInt end = tokenizer.specialTokens().eos();
    if (!ends.isEmpty() && end.isPresent() && !ends.contains(end.getAsInt())) {
      ends.addAll(generation().ends());
    }
    tokenizer.requireSameEnds(config.ids().begin(), ends, file);
  }

  /// The decoder, with its weights' names under a prefix.
  ///
  /// @throws DataException when the model is not a decoder alone
  public Decoder decoder(String prefix) throws DataException {
    return switch (config.spec()) {
      case LlamaSpec spec -> Llama.of(prefix, spec);
      case OptSpec spec -> Opt.of(prefix, spec);
      case T5Spec spec ->
          throw new DataException(
              path.resolve(CONFIG)
                  + ": describes an encoder with a decoder (T5), where a decoder alone is needed");
    };
  }

  /// The weights' files, opened.
  ///
  /// @throws DataException when some are missing or broken
  public StoredTensors weights() throws DataException {
    return StoredTensors.open(path);
  }

  /// Compares the files' names and shapes with the description, reading no weight.
  ///
  /// @throws DataException naming every tensor that is missing, too many or of another shape
  public void check(Decoder decoder) throws DataException {
    try (StoredTensors file = weights()) {
      LanguageNames.of(decoder).read(file, shapes(decoder));
    }
  }

  /// Opens weights that are only read.
  ///
  /// @param shapes of those that are wanted, by Eosin's names
  /// @param base what becomes of them
  /// @throws DataException as [#check], and where a type is none that kernels compute with
  public MappedTensors frozen(
      Engine engine, Decoder decoder, Map<String, List<Long>> shapes, Base base)
      throws DataException {
    return frozen(engine, names(decoder, shapes), shapes, base, decoder.linears());
  }

  /// As above, of any model.
  ///
  /// @param names what the files call those weights
  /// @param linears of the model, for a base that rounds them
  MappedTensors frozen(
      Engine engine, Layout names, Map<String, List<Long>> shapes, Base base, List<String> linears)
      throws DataException {
    return base.open(engine, weights(), names, shapes, linears);
  }

  /// Of those weights alone: what the files hold of others is passed over.
  private static Layout names(Decoder decoder, Map<String, List<Long>> shapes) {
    Set<String> others = new HashSet<>(shapes(decoder).keySet());
    others.removeAll(shapes.keySet());
    return LanguageNames.of(decoder).without(others);
  }

  /// The bytes of each weight that [#frozen] opens; reads no contents.
  ///
  /// @throws DataException as [#frozen]
  public Map<String, Long> bytes(Decoder decoder, Map<String, List<Long>> shapes, Base base)
      throws DataException {
    try (StoredTensors file = weights()) {
      return base.bytes(file, names(decoder, shapes), shapes, decoder.linears());
    }
  }

  /// What a user should know of the weights that [#frozen] opens; reads no contents.
  ///
  /// @throws DataException as [#frozen]
  public Optional<String> note(Decoder decoder, Map<String, List<Long>> shapes, Base base)
      throws DataException {
    try (StoredTensors file = weights()) {
      return base.note(file, names(decoder, shapes), shapes, decoder.linears());
    }
  }

  /// Copies weights into allocated ones, one after the other; those that are used in place stay.
  ///
  /// @throws DataException as [#check]
  public void load(ParameterSet set, Decoder decoder) throws DataException {
    try (StoredTensors file = weights()) {
      StoredTensors own = LanguageNames.of(decoder).read(file, shapes(decoder));
      for (Weight weight : decoder.weights()) {
        if (!set.get(weight.name()).mapped()) {
          try (Tensor values = set.engine().of(own.floats(weight.name()), weight.shape())) {
            set.assign(weight.name(), values);
          }
        }
      }
    }
  }

  /// Shapes of a decoder's weights by Eosin's names.
  public static Map<String, List<Long>> shapes(Decoder decoder) {
    return shapes(decoder.weights());
  }

  /// Shapes of weights by their names.
  public static Map<String, List<Long>> shapes(List<Weight> weights) {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    for (Weight weight : weights) {
      shapes.put(weight.name(), Arrays.stream(weight.shape()).boxed().toList());
    }
    return shapes;
  }
}
