package dev.eosin.recipe.trained;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.data.Source;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.opened.DataSets;
import dev.eosin.data.quality.GuardedData;
import dev.eosin.eval.training.EmbeddingEvaluations;
import dev.eosin.experiment.Experiment;
import dev.eosin.experiment.ModelSummary;
import dev.eosin.experiment.Opened;
import dev.eosin.experiment.Pin;
import dev.eosin.experiment.StepChoice;
import dev.eosin.features.FeatureCacheSettings;
import dev.eosin.features.FeatureDemand;
import dev.eosin.features.TowerFeatures;
import dev.eosin.group.Group;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Part;
import dev.eosin.nn.Weight;
import dev.eosin.qformer.AlignmentLearner;
import dev.eosin.qformer.AlignmentMemory;
import dev.eosin.qformer.AlignmentStep;
import dev.eosin.qformer.QFormerFolder;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.QFormerAlignRecipe;
import dev.eosin.recipe.models.QFormerAlignModels;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.text.EncodedCaption;
import dev.eosin.train.machine.MachineCheckup;
import dev.eosin.train.machine.MemoryPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// `kind: qformer-align` as a run sees it.
record QFormerAlignExperiment(QFormerAlignRecipe recipe) implements Experiment {
  private static final int SHOWN = 3;

  @Override
  public List<String> check(boolean begins) throws IOException {
    try (QFormerAlignModels models = QFormerAlignModels.of(recipe)) {
      return models.check(begins);
    }
  }

  @Override
  public ModelSummary summary() throws IOException {
    try (QFormerAlignModels models = QFormerAlignModels.of(recipe)) {
      List<ModelSummary.Part> parts = new ArrayList<>();
      parts.add(part(models.tower().features()));
      models.model().parts().forEach(part -> parts.add(part(part)));
      Set<String> locked = models.locked();
      long trained =
          models.weights().stream()
              .filter(weight -> !locked.contains(weight.name()))
              .mapToLong(Weight::elements)
              .sum();
      return new ModelSummary(
          parts.stream().mapToLong(ModelSummary.Part::weights).sum(), parts, trained);
    }
  }

  private static ModelSummary.Part part(Part part) {
    return new ModelSummary.Part(
        part.title(), part.weights().stream().mapToLong(Weight::elements).sum());
  }

  @Override
  public MemoryPlan plan(Device device, StepChoice choice) throws IOException {
    try (QFormerAlignModels models = QFormerAlignModels.of(recipe)) {
      DType compute = StepLoads.compute(recipe, device, choice);
      var load = StepLoads.of(recipe, device, choice, execution(device), models.locked(), Map.of());
      DType tower = models.tower().compute(compute);
      return new AlignmentMemory(
              models.model(), models.tower().features(), recipe.data().text().length())
          .plan(
              load,
              models.tower().bytes(tower),
              tower.bytes(),
              recipe.data().image().size(),
              recipe.batch().global(),
              choice.own(recipe.batch().global()),
              recipe.ema().isPresent());
    }
  }

  private static BlockExecution execution(Device device) {
    return new BlockExecution(false, device instanceof Device.Cpu, 0);
  }

  @Override
  public DataSets data() throws IOException {
    DataSets data = GuardedData.open(recipe.data());
    Optional<FeatureDemand> demand = demand(data);
    if (demand.isEmpty()) {
      return data;
    }
    demand.get().requireRoom(QFormerAlignRecipe.CACHE);
    return data.noting("%s: %s".formatted(QFormerAlignRecipe.CACHE, demand.get().line()));
  }

  @Override
  public List<String> stored() throws IOException {
    return recipe.tower().cache().isEmpty()
        ? List.of()
        : demand(GuardedData.open(recipe.data())).stream()
            .map(demand -> "features on disk, in %s".formatted(demand.line()))
            .toList();
  }

  /// Of the images of both sides.
  private Optional<FeatureDemand> demand(DataSets data) throws IOException {
    if (recipe.tower().cache().isEmpty()) {
      return Optional.empty();
    }
    FeatureCacheSettings cache = recipe.tower().cache().get();
    Device device = recipe.compute().intended(MachineCheckup.Surroundings.inspect().gpuPresent());
    try (QFormerAlignModels models = QFormerAlignModels.of(recipe, data.tokenizer())) {
      DType compute = models.tower().compute(recipe.precision().compute(device));
      long images = data.train().size() + data.validation().map(Source::size).orElse(0L);
      return Optional.of(FeatureDemand.of(cache, models.tower().contents(compute, cache), images));
    }
  }

  /// Captions are compared and judged whole, and told word by word.
  @Override
  public List<String> shown(Batch batch) {
    return batch.rows().stream()
        .limit(SHOWN)
        .map(
            row ->
                "%s: [DEC] >>%s [SEP]<<%s"
                    .formatted(
                        row.key(),
                        row.caption(),
                        row.fit() == EncodedCaption.Fit.WHOLE
                            ? ""
                            : ", cut to %d ids".formatted(recipe.data().text().length())))
        .toList();
  }

  @Override
  public List<String> questions(DataSets data) throws IOException {
    return EmbeddingEvaluations.questions(
        recipe.evaluate(), recipe.data(), data, new RandomKey(recipe.seed()));
  }

  @Override
  public List<Pin> pins(DataSets data) throws IOException {
    try (QFormerAlignModels models = QFormerAlignModels.of(recipe, data.tokenizer())) {
      return List.of(
          DataPin.of(data),
          new Pin(
              "architecture",
              "%s layer %d, %s, embedding %d"
                  .formatted(
                      models.tower().features().tower().spec(),
                      models.tower().features().blockCount(),
                      models.model().qformer().spec(),
                      models.model().heads().embedSize()),
              "tower, qformer or alignment describe another architecture than this run began with"),
          new Pin(
              "tower.sha256",
              models.tower().digest(),
              "tower has other weights than this run began with"));
    }
  }

  @Override
  public Opened open(Engine engine, DataSets data, Group group) throws IOException {
    QFormerAlignModels models = QFormerAlignModels.of(recipe, data.tokenizer());
    DType compute = recipe.precision().compute(engine.device());
    int atOnce = recipe.batch().atOnce();
    TowerFeatures features = models.tower().open(engine, compute, atOnce);
    try {
      ParameterSet parameters = models.allocate(engine, compute);
      var step =
          new AlignmentStep(
              models.model(),
              parameters,
              execution(engine.device()).recomputing(recipe.compute().activations().every()),
              new RandomKey(recipe.seed()),
              group,
              atOnce);
      var learner = new AlignmentLearner(step, features, parameters, compute);
      return new OpenedQFormerAlign(recipe, models, data, learner, group);
    } catch (RuntimeException | Error e) {
      features.close();
      throw e;
    }
  }

  @Override
  public StoredTensors reopen(Path exported) throws IOException {
    return QFormerFolder.open(exported).weights();
  }
}
