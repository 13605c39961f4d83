package dev.eosin.recipe.trained;

import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.data.opened.DataSets;
import dev.eosin.experiment.Extent;
import dev.eosin.experiment.Opened;
import dev.eosin.group.Group;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.qformer.FrozenPart;
import dev.eosin.qformer.ImageAnswerer;
import dev.eosin.qformer.InstructLearner;
import dev.eosin.qformer.InstructRows;
import dev.eosin.qformer.QFormerConfig;
import dev.eosin.qformer.QFormerExport;
import dev.eosin.qformer.QFormerKind;
import dev.eosin.recipe.QFormerInstructRecipe;
import dev.eosin.recipe.found.AnswerEvaluations;
import dev.eosin.recipe.models.QFormerInstructModels;
import dev.eosin.tensor.Parameter;
import dev.eosin.train.Learner;
import dev.eosin.train.Scheduled;
import dev.eosin.train.StoredWeights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/// A second stage's model on an engine.
record OpenedQFormerInstruct(
    QFormerInstructRecipe recipe,
    QFormerInstructModels models,
    DataSets data,
    InstructLearner model,
    Group group)
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

  private ImageAnswerer answerer() {
    InstructRows rows = (InstructRows) data.preparations().plain();
    return new ImageAnswerer(
        model.reader(),
        model.answers(),
        model.parameters(),
        model.features(),
        rows.transform(),
        rows.text(),
        most ->
            recipe
                .generation()
                .map(settings -> settings.limited(most))
                .orElseGet(() -> GenerationSettings.greedy(most)));
  }

  /// What was trained; tower and language model stay where they are, and the folder says where.
  @Override
  public List<String> export(Path folder, Path adapters) throws IOException {
    Map<String, PendingTensor> weights = new LinkedHashMap<>();
    for (Parameter parameter : model.parameters().trainable()) {
      weights.put(
          parameter.name(),
          new PendingTensor(
              StoredType.F32,
              StoredWeights.boxed(parameter.data().shape()),
              () -> TensorData.of(parameter.master())));
    }
    var config =
        new QFormerConfig(
            model.reader().instructed() ? QFormerKind.INSTRUCT_BLIP : QFormerKind.BLIP2,
            Optional.empty(),
            model.reader().qformer().spec(),
            OptionalInt.empty(),
            model.reader().norm().epsilon(),
            Optional.of(models.language().folder().config()),
            OptionalInt.empty());
    FrozenPart tower = models.tower().part();
    FrozenPart language = FrozenPart.of(models.language().folder().path(), new TreeMap<>());
    new QFormerExport(config, Optional.of(tower), Optional.of(language), "float32")
        .write(folder, weights, Map.of());
    return List.of(
        "%s holds what was trained; the frozen image tower stays in %s, the language model in %s"
            .formatted(folder.getFileName(), tower.path(), language.path()));
  }

  @Override
  public void close() {
    model.close();
  }
}
