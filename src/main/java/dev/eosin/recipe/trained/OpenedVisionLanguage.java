package dev.eosin.recipe.trained;

import dev.eosin.data.opened.DataSets;
import dev.eosin.eval.Answerer;
import dev.eosin.experiment.Extent;
import dev.eosin.experiment.Opened;
import dev.eosin.group.Group;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.model.LayerDecay;
import dev.eosin.recipe.VisionLanguageRecipe;
import dev.eosin.recipe.found.AnswerEvaluations;
import dev.eosin.recipe.models.VisionLanguageModels;
import dev.eosin.train.Learner;
import dev.eosin.train.Scheduled;
import dev.eosin.vllm.ConversationRows;
import dev.eosin.vllm.VisionLanguageAnswerer;
import dev.eosin.vllm.VisionLanguageLearner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// A model of images and text on an engine.
record OpenedVisionLanguage(
    VisionLanguageRecipe recipe,
    VisionLanguageModels models,
    DataSets data,
    VisionLanguageLearner model,
    Group group)
    implements Opened {
  @Override
  public Learner learner() {
    return model;
  }

  @Override
  public Map<String, Double> rateScales() {
    return LayerDecay.scales(models.model().parts(), models.optimizer().layerDecay());
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

  private Answerer answerer() {
    var rows = (ConversationRows) data.preparations().plain();
    return new VisionLanguageAnswerer(
        model.model(),
        model.parameters(),
        rows,
        model.input(),
        recipe.template().ends(rows.encoder().tokenizer(), models.folder().config().ids()),
        GenerationSettings::greedy);
  }

  @Override
  public List<String> export(Path folder, Path adapters) throws IOException {
    return new VisionLanguageFiles(recipe, models).write(folder, adapters, model.parameters());
  }

  @Override
  public void close() {
    model.close();
  }
}
