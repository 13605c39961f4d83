package dev.eosin.recipe;

import dev.eosin.data.Batch;
import dev.eosin.data.BatchLoader;
import dev.eosin.data.DataSets;
import dev.eosin.eval.Answerer;
import dev.eosin.eval.asking.ToldFacts;
import dev.eosin.eval.vqa.AnswerEvaluation;
import dev.eosin.eval.vqa.TokenLossSettings;
import dev.eosin.eval.vqa.VqaEvaluation;
import dev.eosin.eval.vqa.VqaSettings;
import dev.eosin.experiment.Extent;
import dev.eosin.experiment.Opened;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.model.LayerDecay;
import dev.eosin.random.RandomKey;
import dev.eosin.train.Cadence;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.Learner;
import dev.eosin.train.Scheduled;
import dev.eosin.vllm.ConversationRows;
import dev.eosin.vllm.VisionLanguageAnswerer;
import dev.eosin.vllm.VisionLanguageLearner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// A model of images and text on an engine.
record OpenedVisionLanguage(
    VisionLanguageRecipe recipe,
    VisionLanguageModels models,
    DataSets data,
    VisionLanguageLearner model)
    implements Opened {
  @Override
  public Learner learner() {
    return model;
  }

  @Override
  public Map<String, Double> rateScales() {
    return LayerDecay.scales(models.model().parts(), models.adamW().layerDecay());
  }

  @Override
  public List<String> begin() throws IOException {
    return models.begin(model.parameters());
  }

  /// The questions of an evaluation.
  static VqaEvaluation asking(VisionLanguageRecipe recipe, VqaSettings settings, DataSets data)
      throws IOException {
    return VqaEvaluation.of(
        settings,
        data.validation().orElseThrow(),
        Optional.of(data.train()),
        ToldFacts::said,
        new RandomKey(recipe.seed()));
  }

  @Override
  public List<Scheduled> evaluations(Extent extent, BooleanSupplier stop) throws IOException {
    List<Scheduled> scheduled = new ArrayList<>();
    for (AnswerEvaluation evaluation : recipe.evaluate()) {
      scheduled.add(
          switch (evaluation) {
            case TokenLossSettings loss ->
                new Scheduled(
                    step -> loss(step, loss.name(), extent, stop),
                    new Cadence(loss.every(), recipe.schedule().length()),
                    Optional.empty());
            case VqaSettings vqa ->
                asking(recipe, vqa, data)
                    .scheduled(recipe.schedule().length(), this::answerer, stop);
          });
    }
    return scheduled;
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

  private Optional<EvaluationReport> loss(
      long step, String name, Extent extent, BooleanSupplier stop) throws IOException {
    double sum = 0;
    double weight = 0;
    int rows = 0;
    try (BatchLoader batches =
        data.evaluationBatches(data.validation().orElseThrow(), recipe.batch().global())) {
      while (batches.hasNext() && rows < extent.evaluatedSamples()) {
        if (stop.getAsBoolean()) {
          return Optional.empty();
        }
        Batch batch = batches.next();
        sum += model.sum(batch);
        weight += model.weight(batch);
        rows += batch.size();
      }
    }
    double loss = sum / Math.max(1, weight);
    return Optional.of(
        new EvaluationReport(step, name, Map.of("loss", loss, "perplexity", Math.exp(loss))));
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
