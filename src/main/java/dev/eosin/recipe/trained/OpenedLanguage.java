package dev.eosin.recipe.trained;

import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.data.opened.DataSets;
import dev.eosin.experiment.Extent;
import dev.eosin.experiment.Opened;
import dev.eosin.file.FileContent;
import dev.eosin.group.Group;
import dev.eosin.language.AdaptedDecoder;
import dev.eosin.language.Adapters;
import dev.eosin.language.Decoder;
import dev.eosin.language.rows.LanguageLearner;
import dev.eosin.language.rows.TextRows;
import dev.eosin.language.stored.DialogueFile;
import dev.eosin.language.stored.LanguageAnswerer;
import dev.eosin.language.stored.LanguageExport;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.language.stored.LanguageNames;
import dev.eosin.language.stored.MergedAdapters;
import dev.eosin.language.stored.PeftFolder;
import dev.eosin.recipe.LanguageRecipe;
import dev.eosin.recipe.found.AnswerEvaluations;
import dev.eosin.recipe.models.LanguageModels;
import dev.eosin.tensor.Parameter;
import dev.eosin.train.Learner;
import dev.eosin.train.Scheduled;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// A language recipe's model on an engine.
record OpenedLanguage(
    LanguageRecipe recipe, LanguageModels models, DataSets data, LanguageLearner model, Group group)
    implements Opened {
  @Override
  public Learner learner() {
    return model;
  }

  @Override
  public List<String> begin() throws IOException {
    return models.begin(model.parameters());
  }

  @Override
  public List<Scheduled> evaluations(Extent extent, BooleanSupplier stop) throws IOException {
    return new AnswerEvaluations(recipe, data, model::sum, model::weight, this::answerer, group)
        .scheduled(recipe.evaluate(), extent, stop);
  }

  private LanguageAnswerer answerer() {
    return LanguageAnswerer.greedy(model.decoder(), model.parameters(), rows());
  }

  private TextRows rows() {
    return (TextRows) data.preparations().plain();
  }

  @Override
  public List<String> export(Path folder, Path adapters) throws IOException {
    if (models.adapted().isPresent()) {
      return exportAdapted(models.adapted().get(), folder, adapters);
    }
    Map<String, PendingTensor> weights = new LinkedHashMap<>();
    for (Parameter parameter : model.parameters().all()) {
      List<Long> shape = Arrays.stream(parameter.data().shape()).boxed().toList();
      weights.put(
          parameter.name(),
          new PendingTensor(StoredType.F32, shape, () -> TensorData.of(parameter.master())));
    }
    LanguageExport.write(
        folder, models.config(), models.decoder(), weights, "float32", textFiles());
    return List.of();
  }

  /// The adapters alone, and the model with them merged, in the type of its files.
  private List<String> exportAdapted(AdaptedDecoder adapted, Path folder, Path adapters)
      throws IOException {
    LanguageFolder base = models.frozenFolder().orElseThrow();
    Optional<String> refusal =
        PeftFolder.write(
            adapters,
            recipe.lora().orElseThrow(),
            adapted,
            model.parameters(),
            Optional.of(base.path().toString()),
            dialogue());
    Decoder plain = models.decoder().with(Adapters.NONE);
    try (StoredTensors file =
        LanguageNames.of(plain).read(base.weights(), LanguageFolder.shapes(plain))) {
      var merged = MergedAdapters.of(file, adapted, model.parameters());
      LanguageExport.write(
          folder, models.config(), plain, merged.pending(), dtype(file, plain), textFiles());
    }
    return refusal.map(why -> List.of("there is no adapter/ for peft: " + why)).orElse(List.of());
  }

  private static String dtype(StoredTensors file, Decoder decoder) throws DataException {
    return switch (file.header(decoder.table()).type()) {
      case BF16 -> "bfloat16";
      case F16 -> "float16";
      default -> "float32";
    };
  }

  /// The tokenizer's files, and what says how the model answers.
  private Map<String, FileContent> textFiles() throws IOException {
    Map<String, FileContent> files = new LinkedHashMap<>();
    for (Path file : models.textFiles()) {
      files.put(String.valueOf(file.getFileName()), FileContent.copyOf(file));
    }
    files.putAll(dialogue());
    return files;
  }

  /// How questions were put, which whoever asks the model has to know.
  private Map<String, FileContent> dialogue() {
    return Map.of(DialogueFile.NAME, DialogueFile.of(recipe.text().dialogue()));
  }

  @Override
  public void close() {
    model.close();
  }
}
