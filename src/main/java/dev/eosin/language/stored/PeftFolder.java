package dev.eosin.language.stored;

import dev.eosin.checkpoint.FiniteWeights;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFolder;
import dev.eosin.file.FileContent;
import dev.eosin.language.AdaptedDecoder;
import dev.eosin.language.Adapters;
import dev.eosin.language.Decoder;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Adapters in a folder of peft's: `adapter_config.json` beside `adapter_model.safetensors` or
/// `adapter_model.bin`.
///
/// Source: `utils/save_and_load.py` of peft 0.21.0.
///
/// @param settings what the configuration says
/// @param adapted the model with these adapters
/// @param weights of adapters and of what is trained whole, under Eosin's names; closed with this
/// @param notes what of the configuration counts for nothing here, for the user
public record PeftFolder(
    AdapterSettings settings, AdaptedDecoder adapted, StoredTensors weights, List<String> notes)
    implements AutoCloseable {
  /// The file that describes the adapters.
  public static final String CONFIG = "adapter_config.json";

  private static final List<String> WEIGHTS =
      List.of("adapter_model.safetensors", "adapter_model.bin");

  public PeftFolder {
    notes = List.copyOf(notes);
  }

  /// Opens adapters for a model.
  ///
  /// @param decoder without adapters
  /// @throws DataException naming the file and what is missing, not computed here, or made for
  ///   another model
  public static PeftFolder open(Path folder, Decoder decoder) throws DataException {
    return open(folder, decoder, LanguageNames.of(decoder));
  }

  /// As [#open(Path, Decoder)], where the model is a part of another one.
  ///
  /// @param names what its weights are called there
  public static PeftFolder open(Path folder, Decoder decoder, Layout names) throws DataException {
    Path file = folder.resolve(CONFIG);
    PeftConfig config = PeftConfig.read(file);
    requireIds(file, config, decoder);
    AdapterTargets targets = AdapterTargets.of(config.settings(), decoder, names, config.tokens());
    AdaptedDecoder adapted;
    try {
      targets.requireAdaptable();
      adapted = targets.adapted();
    } catch (IllegalArgumentException e) {
      throw new DataException(
          "%s: %s%s".formatted(file, PeftConfig.inTheirWords(e), madeFor(config)), e);
    }
    Optional<String> refusal = refusal(adapted);
    if (refusal.isPresent()) {
      throw new DataException("%s: modules_to_save: %s".formatted(file, refusal.get()));
    }
    List<String> notes = new ArrayList<>(config.notes());
    targets.idle().forEach(idle -> notes.add(PeftConfig.inTheirWords(idle)));
    return new PeftFolder(
        config.settings(), adapted, weights(folder, config, adapted, names), notes);
  }

  private static void requireIds(Path file, PeftConfig config, Decoder decoder)
      throws DataException {
    for (int id : config.tokens()) {
      if (id < 0 || id >= decoder.spec().vocabulary()) {
        throw new DataException(
            "%s: trainable_token_indices has %d, the model's table %d rows%s"
                .formatted(file, id, decoder.spec().vocabulary(), madeFor(config)));
      }
    }
  }

  /// The names of the tensors of a folder, which tell what it was made for.
  ///
  /// @throws DataException naming the folder or file and what is wrong with it
  public static Set<String> names(Path folder) throws DataException {
    try (StoredTensors file = StoredTensors.open(file(folder))) {
      return Set.copyOf(file.names());
    }
  }

  private static Path file(Path folder) throws DataException {
    return WEIGHTS.stream()
        .map(folder::resolve)
        .filter(Files::exists)
        .findFirst()
        .orElseThrow(
            () ->
                new DataException(
                    "%s: the folder has none of %s".formatted(folder, String.join(", ", WEIGHTS))));
  }

  private static StoredTensors weights(
      Path folder, PeftConfig config, AdaptedDecoder adapted, Layout names) throws DataException {
    Path path = file(folder);
    StoredTensors file = StoredTensors.open(path);
    try {
      Optional<String> faults = FiniteWeights.of(file).report();
      if (faults.isPresent()) {
        throw new DataException("%s: %s".formatted(path, faults.get()));
      }
      Map<String, List<Long>> shapes =
          adapted.trained().stream().collect(Collectors.toMap(Weight::name, PeftFolder::shape));
      return layout(names, adapted).read(file, shapes);
    } catch (DataException e) {
      file.close();
      throw new DataException(e.getMessage() + madeFor(config), e);
    }
  }

  private static String madeFor(PeftConfig config) {
    return config
        .base()
        .map("\nits configuration says that it was made for %s"::formatted)
        .orElse("");
  }

  private static List<Long> shape(Weight weight) {
    return Arrays.stream(weight.shape()).boxed().toList();
  }

  /// What peft calls adapters, and what is trained whole beside them.
  ///
  /// @param names what the decoder's weights are called
  public static Layout layout(Layout names, AdaptedDecoder adapted) {
    List<String> tables =
        adapted.decoder().adapters().tokens().isEmpty()
            ? List.of()
            : List.of(adapted.decoder().table());
    return names.adapters(adapted.pairs(), adapted.whole(), Adapters::rows, tables);
  }

  /// Why peft cannot hold what is trained; empty where it can.
  public static Optional<String> refusal(AdaptedDecoder adapted) {
    Decoder decoder = adapted.decoder();
    return decoder.head().equals(decoder.table()) && adapted.whole().contains(decoder.table())
        ? Optional.of(
            "the token table of this model is its head, too; peft would train a copy as one of the two, which is not computed here")
        : Optional.empty();
  }

  /// Writes the weights into a model's parameters.
  ///
  /// @param parameters of at least [AdaptedDecoder#trained()]
  public void assign(ParameterSet parameters) throws DataException {
    for (Weight weight : adapted.trained()) {
      float[] values = weights.floats(weight.name());
      try (Tensor tensor = parameters.engine().of(values, weight.shape())) {
        parameters.assign(weight.name(), tensor);
      }
    }
  }

  /// The weights by Eosin's names, as [MergedAdapters] takes them.
  public Map<String, TensorData> values() throws DataException {
    Map<String, TensorData> values = new LinkedHashMap<>();
    for (String name : weights.names()) {
      values.put(name, weights.entry(name));
    }
    return values;
  }

  /// Writes a model's adapters, and what of it is trained whole, as such a folder, whole or not at
  /// all.
  ///
  /// @param settings that `adapted` was resolved from
  /// @param parameters of the model
  /// @param base what the adapters are made for: a folder, or a name on the hub
  /// @param beside further files, by name; peft passes them over
  /// @return why there is no such folder, where there can be none
  /// @throws DataException when the folder cannot be written; an existing one is then untouched
  public static Optional<String> write(
      Path folder,
      AdapterSettings settings,
      AdaptedDecoder adapted,
      ParameterSet parameters,
      Optional<String> base,
      Map<String, FileContent> beside)
      throws DataException {
    Optional<String> refusal = refusal(adapted);
    if (refusal.isPresent()) {
      return refusal;
    }
    Map<String, FileContent> files =
        new LinkedHashMap<>(files(settings, adapted, parameters, base));
    files.putAll(beside);
    try (AtomicFolder out = AtomicFolder.begin(folder)) {
      for (Map.Entry<String, FileContent> file : files.entrySet()) {
        out.write(file.getKey(), file.getValue());
      }
      out.commit();
    }
    return Optional.empty();
  }

  /// The files of such a folder, by name, for a model that [#refusal] has nothing against.
  ///
  /// @param settings that `adapted` was resolved from
  /// @param parameters of the model, open until the files are written
  /// @param base what the adapters are made for: a folder, or a name on the hub
  public static Map<String, FileContent> files(
      AdapterSettings settings,
      AdaptedDecoder adapted,
      ParameterSet parameters,
      Optional<String> base) {
    Layout names = LanguageNames.of(adapted.decoder());
    Map<String, PendingTensor> tensors = new LinkedHashMap<>();
    for (Weight weight : adapted.trained()) {
      tensors.put(weight.name(), pending(parameters.get(weight.name())));
    }
    String config =
        new PeftConfig(settings, base, adapted.decoder().adapters().tokens(), List.of())
            .text(names.adaptedModules(adapted.pairs()));
    Map<String, FileContent> files = new LinkedHashMap<>();
    files.put(
        WEIGHTS.getFirst(), layout(names, adapted).writePending(tensors, Map.of("format", "pt")));
    files.put(CONFIG, FileContent.text(config));
    return files;
  }

  private static PendingTensor pending(Parameter parameter) {
    List<Long> shape = Arrays.stream(parameter.master().shape()).boxed().toList();
    return new PendingTensor(StoredType.F32, shape, () -> TensorData.of(parameter.master()));
  }

  @Override
  public void close() {
    weights.close();
  }
}
