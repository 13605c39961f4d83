package dev.eosin.recipe.trained;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.data.Source;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.Preparations;
import dev.eosin.data.batches.Tokens;
import dev.eosin.data.opened.DataSets;
import dev.eosin.eval.vqa.AnswerEvaluation;
import dev.eosin.eval.vqa.TokenLossSettings;
import dev.eosin.eval.vqa.VqaSettings;
import dev.eosin.experiment.Experiment;
import dev.eosin.experiment.ModelSummary;
import dev.eosin.experiment.Opened;
import dev.eosin.experiment.Pin;
import dev.eosin.experiment.StepChoice;
import dev.eosin.features.FeatureCacheSettings;
import dev.eosin.features.FeatureDemand;
import dev.eosin.features.TowerFeatures;
import dev.eosin.group.Group;
import dev.eosin.image.transforms.ImageTransforms;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Weight;
import dev.eosin.qformer.InstructLearner;
import dev.eosin.qformer.InstructMemory;
import dev.eosin.qformer.InstructRows;
import dev.eosin.qformer.InstructText;
import dev.eosin.qformer.QFormerFolder;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.QFormerInstructRecipe;
import dev.eosin.recipe.found.AnswerEvaluations;
import dev.eosin.recipe.models.QFormerInstructModels;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.text.LanguageTokenizer;
import dev.eosin.train.machine.MachineCheckup;
import dev.eosin.train.machine.MemoryPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/// `kind: qformer-instruct` as a run sees it.
record QFormerInstructExperiment(QFormerInstructRecipe recipe) implements Experiment {
  /// Rows of a dry run.
  private static final int SHOWN = 3;

  @Override
  public List<String> check(boolean begins) throws IOException {
    try (QFormerInstructModels models = QFormerInstructModels.of(recipe)) {
      return models.check(begins);
    }
  }

  @Override
  public ModelSummary summary() throws IOException {
    try (QFormerInstructModels models = QFormerInstructModels.of(recipe)) {
      List<ModelSummary.Part> parts = new ArrayList<>();
      parts.add(new ModelSummary.Part("image tower", count(models.tower().features().weights())));
      models
          .reader()
          .parts()
          .forEach(part -> parts.add(new ModelSummary.Part(part.title(), count(part.weights()))));
      parts.add(new ModelSummary.Part("language model", count(models.language().weights())));
      long all = parts.stream().mapToLong(ModelSummary.Part::weights).sum();
      return new ModelSummary(all, parts, count(models.trained()));
    }
  }

  private static long count(List<Weight> weights) {
    return weights.stream().mapToLong(Weight::elements).sum();
  }

  @Override
  public MemoryPlan plan(Device device, StepChoice choice) throws IOException {
    try (QFormerInstructModels models = QFormerInstructModels.of(recipe)) {
      DType compute = StepLoads.compute(recipe, device, choice);
      var load =
          StepLoads.of(
              recipe,
              device,
              choice,
              execution(device),
              models.frozen(),
              models.language().bytes());
      return new InstructMemory(models.reader(), models.language().answers(), recipe.text())
          .plan(
              load,
              models.tower().features(),
              models.tower().bytes(models.tower().compute(compute)),
              recipe.data().image().size(),
              choice.own(recipe.batch().global()),
              recipe.ema().isPresent());
    }
  }

  private static BlockExecution execution(Device device) {
    return new BlockExecution(false, device instanceof Device.Cpu, 0);
  }

  @Override
  public DataSets data() throws IOException {
    DataSets data = opened();
    Optional<FeatureDemand> demand = demand(data);
    if (demand.isEmpty()) {
      return data;
    }
    demand.get().requireRoom(QFormerInstructRecipe.CACHE);
    return data.noting("%s: %s".formatted(QFormerInstructRecipe.CACHE, demand.get().line()));
  }

  private DataSets opened() throws IOException {
    try (QFormerInstructModels models = QFormerInstructModels.of(recipe)) {
      InstructText text = models.text();
      ImageTransforms transforms = recipe.data().image().transforms();
      return DataSets.open(
          recipe.data(),
          recipe.data().image().decoder(),
          new Preparations(
              new InstructRows(transforms.training(), text),
              new InstructRows(transforms.evaluation(), text)));
    }
  }

  @Override
  public List<String> stored() throws IOException {
    return recipe.tower().cache().isEmpty()
        ? List.of()
        : demand(opened()).stream()
            .map(demand -> "features on disk, in %s".formatted(demand.line()))
            .toList();
  }

  /// Of the different images of both sides.
  private Optional<FeatureDemand> demand(DataSets data) throws IOException {
    if (recipe.tower().cache().isEmpty()) {
      return Optional.empty();
    }
    FeatureCacheSettings cache = recipe.tower().cache().get();
    Device device = recipe.compute().intended(MachineCheckup.Surroundings.inspect().gpuPresent());
    try (QFormerInstructModels models = QFormerInstructModels.of(recipe)) {
      DType compute = models.tower().compute(recipe.precision().compute(device));
      long all = images(data.train()) + data.validation().map(each -> images(each)).orElse(0L);
      return Optional.of(FeatureDemand.of(cache, models.tower().contents(compute, cache), all));
    }
  }

  private static long images(Source source) {
    return LongStream.range(0, source.size()).map(source::place).distinct().count();
  }

  @Override
  public List<String> questions(DataSets data) throws IOException {
    List<String> questions = new ArrayList<>();
    for (AnswerEvaluation evaluation : recipe.evaluate()) {
      questions.add(
          switch (evaluation) {
            case TokenLossSettings loss ->
                "%s: the loss of %d held-out rows"
                    .formatted(loss.name(), data.validation().orElseThrow().size());
            case VqaSettings vqa -> AnswerEvaluations.asking(recipe, vqa, data).summary();
          });
    }
    return questions;
  }

  /// What the language model reads, by its ids: an image's tokens, the prompt, the answer.
  @Override
  public List<String> shown(Batch batch) throws IOException {
    try (QFormerInstructModels models = QFormerInstructModels.of(recipe);
        LanguageTokenizer tokenizer = recipe.language().tokenizer()) {
      int queries = models.reader().qformer().spec().queries();
      Tokens prompts = batch.tokens(InstructRows.PROMPT);
      Tokens answers = batch.tokens(InstructRows.ANSWER);
      List<String> lines = new ArrayList<>();
      for (int row = 0; row < Math.min(SHOWN, batch.size()); row++) {
        lines.add(
            "%s: <image: %d tokens%s> %s >>%s<< %d supervised of %d ids"
                .formatted(
                    batch.rows().get(row).key(),
                    queries,
                    models.reader().instructed() ? " that read the prompt" : "",
                    tokenizer.decode(ids(prompts, row), false),
                    tokenizer.decode(ids(answers, row), false),
                    answers.supervised(row, row + 1),
                    queries + prompts.lengths()[row] + answers.lengths()[row]));
      }
      return lines;
    }
  }

  private static int[] ids(Tokens tokens, int row) {
    int from = row * tokens.width();
    return Arrays.copyOfRange(tokens.ids(), from, from + tokens.lengths()[row]);
  }

  @Override
  public List<Pin> pins(DataSets data) throws IOException {
    try (QFormerInstructModels models = QFormerInstructModels.of(recipe)) {
      return List.of(
          DataPin.of(data),
          new Pin(
              "architecture",
              "%s %s %s"
                  .formatted(
                      models.tower().features().tower().spec(),
                      models.reader().qformer().spec(),
                      models.language().folder().config().spec()),
              "tower, qformer or language describe another architecture than this run began with"),
          new Pin(
              "tower.sha256",
              models.tower().digest(),
              "tower has other weights than this run began with"),
          new Pin(
              "language.sha256",
              models.language().digest(),
              "language has other weights than this run began with"));
    }
  }

  @Override
  public Opened open(Engine engine, DataSets data, Group group) throws IOException {
    QFormerInstructModels models = QFormerInstructModels.of(recipe);
    DType compute = recipe.precision().compute(engine.device());
    int atOnce = recipe.batch().atOnce();
    TowerFeatures features = models.tower().open(engine, compute, atOnce);
    try {
      ParameterSet parameters = models.allocate(engine, compute);
      var learner =
          new InstructLearner(
              models.reader(),
              models.language().answers(),
              features,
              parameters,
              compute,
              execution(engine.device()).recomputing(recipe.compute().activations().every()),
              new RandomKey(recipe.seed()),
              atOnce);
      return new OpenedQFormerInstruct(recipe, models, data, learner, group);
    } catch (IOException | RuntimeException | Error e) {
      features.close();
      throw e;
    }
  }

  @Override
  public StoredTensors reopen(Path exported) throws IOException {
    return QFormerFolder.open(exported).weights();
  }
}
