package dev.eosin.vllm;

import dev.eosin.checkpoint.FiniteWeights;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.ModelFiles;
import dev.eosin.checkpoint.Quote;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.language.AdaptedDecoder;
import dev.eosin.language.Adapters;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.language.stored.LanguageNames;
import dev.eosin.language.stored.PeftFolder;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What another program left of an earlier stage, taken for the first weights of this one: xtuner's
/// and PA-LLaVA's checkpoint (a `.pth` file, or a folder of DeepSpeed's), their folder with
/// `projector/` and `llm_adapter/`, which Eosin's runs leave as `final/`, too, or LLaVA's
/// `mm_projector.bin`.
///
/// Source: xtuner 0.2 `model/llava.py` (`state_dict`) and `tools/model_converters/pth_to_hf.py`.
///
/// @param path as it was named
/// @param projector under Eosin's names
/// @param adapters under Eosin's names, maybe in the same file
/// @param weights what is taken of both
public record ForeignStage(
    Path path, StoredTensors projector, Optional<StoredTensors> adapters, List<Weight> weights)
    implements AutoCloseable {
  /// Whether a path is one of these, rather than a run.
  public static boolean is(Path path) {
    return Files.isRegularFile(path)
        || ProjectorFolder.is(path)
        || Files.isDirectory(path) && ModelFiles.DEEPSPEED.find(path).isPresent();
  }

  /// Opens it for a model: names and shapes are compared, and numbers looked at.
  ///
  /// @param model with adapters
  /// @param adapters of the model
  /// @throws DataException naming what is missing, too much, or another model's
  public static ForeignStage open(
      Path path, VisionLanguage model, Optional<AdaptedDecoder> adapters) throws DataException {
    Path inner = path.resolve(ProjectorFolder.PROJECTOR);
    StoredTensors file = StoredTensors.open(Files.isDirectory(inner) ? inner : path);
    try {
      requireFinite(file);
      List<Weight> weights = new ArrayList<>(model.projector().weights());
      StoredTensors projector =
          VisionLanguageNames.projector(model.projector(), file)
              .read(file, LanguageFolder.shapes(weights));
      Optional<StoredTensors> beside = adapters(path, file, model, adapters);
      beside.ifPresent(_ -> weights.addAll(adapters.orElseThrow().trained()));
      return new ForeignStage(path, projector, beside, weights);
    } catch (DataException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  private static void requireFinite(StoredTensors file) throws DataException {
    Optional<String> faults = FiniteWeights.of(file).report();
    if (faults.isPresent()) {
      throw new DataException("%s: %s".formatted(file.path(), faults.get()));
    }
  }

  private static Optional<StoredTensors> adapters(
      Path path, StoredTensors file, VisionLanguage model, Optional<AdaptedDecoder> adapters)
      throws DataException {
    Path folder = path.resolve(ProjectorFolder.ADAPTERS);
    boolean within = file.names().stream().anyMatch(VisionLanguageNames::isXtunerAdapter);
    if (!Files.isDirectory(folder) && !within) {
      return Optional.empty();
    }
    AdaptedDecoder ours =
        adapters.orElseThrow(
            () ->
                new DataException(
                    "%s: has adapters of the language model, and the recipe has none; give it lora as they were trained"
                        .formatted(path)));
    return Optional.of(within ? within(file, ours) : folder(folder, model, ours));
  }

  /// What scales the adapters no checkpoint says; the recipe does.
  private static StoredTensors within(StoredTensors file, AdaptedDecoder ours)
      throws DataException {
    List<String> others =
        file.names().stream()
            .filter(name -> !VisionLanguageNames.isXtunerAdapter(name))
            .filter(name -> !VisionLanguageNames.isXtunerProjector(name))
            .toList();
    if (!others.isEmpty()) {
      throw new DataException(
          "%s: holds %d tensors that are neither projector nor adapters of the language model, such as %s; they have no place in this model"
              .formatted(file.path(), others.size(), Quote.of(others.getFirst())));
    }
    StoredTensors plain = VisionLanguageNames.xtunerAdapters(file).read(file, Map.of());
    Layout names = PeftFolder.layout(LanguageNames.of(ours.decoder()), ours);
    return names.read(plain, LanguageFolder.shapes(ours.trained()));
  }

  private static StoredTensors folder(Path folder, VisionLanguage model, AdaptedDecoder ours)
      throws DataException {
    var plain = model.decoder().with(Adapters.NONE);
    PeftFolder peft = PeftFolder.open(folder, plain);
    Adapters theirs = peft.adapted().decoder().adapters();
    boolean same =
        theirs.linears().equals(ours.decoder().adapters().linears())
            && theirs.tokens().equals(ours.decoder().adapters().tokens())
            && peft.adapted().whole().equals(ours.whole());
    if (!same) {
      peft.close();
      throw new DataException(
          "%s: its adapters are %s, the recipe's %s; give lora rank, alpha and targets as they were"
              .formatted(folder, described(peft.adapted()), described(ours)));
    }
    return peft.weights();
  }

  private static String described(AdaptedDecoder adapted) {
    List<Double> scales =
        adapted.decoder().adapters().linears().values().stream()
            .map(Adapters.Pair::scale)
            .distinct()
            .toList();
    return "%s, alpha / rank %s".formatted(adapted.describe(), scales);
  }

  /// Writes its weights into parameters; what it does not hold stays as it is.
  ///
  /// @return a line for the user
  public String fill(ParameterSet parameters) throws DataException {
    for (Weight weight : weights) {
      boolean projects = projector.names().contains(weight.name());
      StoredTensors part = projects ? projector : adapters.orElseThrow();
      try (Tensor values = parameters.engine().of(part.floats(weight.name()), weight.shape())) {
        parameters.assign(weight.name(), values);
      }
    }
    return "the first weights of the projector%s are those of %s"
        .formatted(adapters.isPresent() ? " and the adapters" : "", path);
  }

  @Override
  public void close() {
    projector.close();
    adapters.filter(part -> !part.path().equals(projector.path())).ifPresent(StoredTensors::close);
  }
}
