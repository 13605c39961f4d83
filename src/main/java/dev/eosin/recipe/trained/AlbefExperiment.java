package dev.eosin.recipe.trained;

import dev.eosin.albef.AlbefExport;
import dev.eosin.albef.AlbefLearner;
import dev.eosin.albef.AlbefMemory;
import dev.eosin.albef.AlbefStep;
import dev.eosin.albef.FeatureQueue;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.data.opened.DataSets;
import dev.eosin.data.quality.GuardedData;
import dev.eosin.eval.training.EmbeddingEvaluations;
import dev.eosin.experiment.Experiment;
import dev.eosin.experiment.ModelSummary;
import dev.eosin.experiment.Opened;
import dev.eosin.experiment.Pin;
import dev.eosin.experiment.StepChoice;
import dev.eosin.group.Group;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Weight;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.AlbefRecipe;
import dev.eosin.recipe.models.AlbefModels;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tower.PixelInputs;
import dev.eosin.train.machine.MemoryPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// `kind: albef` as a run sees it.
record AlbefExperiment(AlbefRecipe recipe) implements Experiment {
  @Override
  public List<String> check(boolean begins) throws IOException {
    try (AlbefModels models = AlbefModels.of(recipe)) {
      return models.check(begins);
    }
  }

  @Override
  public ModelSummary summary() throws IOException {
    try (AlbefModels models = AlbefModels.of(recipe)) {
      List<ModelSummary.Part> parts = new ArrayList<>();
      models.model().parts().stream()
          .map(part -> new ModelSummary.Part(part.title(), elements(part.weights())))
          .forEach(parts::add);
      long followers = elements(models.model().momentum().weights());
      parts.add(new ModelSummary.Part("momentum encoder", followers));
      return new ModelSummary(
          elements(models.model().weights()), parts, elements(models.model().trainedWeights()));
    }
  }

  private static long elements(List<Weight> weights) {
    return weights.stream().mapToLong(Weight::elements).sum();
  }

  @Override
  public MemoryPlan plan(Device device, StepChoice choice) throws IOException {
    try (AlbefModels models = AlbefModels.of(recipe)) {
      var load =
          StepLoads.of(recipe, device, choice, execution(device), models.followers(), Map.of());
      return new AlbefMemory(
              models.model(), recipe.contrast().queue(), recipe.data().text().length())
          .plan(
              load,
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
    return GuardedData.open(recipe.data());
  }

  @Override
  public List<String> questions(DataSets data) throws IOException {
    return EmbeddingEvaluations.questions(
        recipe.evaluate(), recipe.data(), data, new RandomKey(recipe.seed()));
  }

  @Override
  public List<Pin> pins(DataSets data) throws IOException {
    try (AlbefModels models = AlbefModels.of(recipe, data.tokenizer())) {
      return List.of(
          DataPin.of(data),
          new Pin(
              "architecture",
              models.architecture(),
              "image, text or contrast describe another architecture than this run began with"));
    }
  }

  @Override
  public Opened open(Engine engine, DataSets data, Group group) throws IOException {
    AlbefModels models = AlbefModels.of(recipe, data.tokenizer());
    try {
      DType compute = recipe.precision().compute(engine.device());
      ParameterSet parameters = ParameterSet.allocate(engine, models.model().specs(), compute);
      var step =
          new AlbefStep(
              models.model(),
              parameters,
              execution(engine.device()).recomputing(recipe.compute().activations().every()),
              group,
              recipe.batch().atOnce());
      var learner =
          new AlbefLearner(
              step,
              new FeatureQueue(engine, recipe.contrast().queue(), recipe.contrast().embedSize()),
              recipe.contrast(),
              new PixelInputs(engine, compute, recipe.data().image().normalisation()),
              new RandomKey(recipe.seed()),
              recipe.batch().global());
      return new OpenedAlbef(recipe, models, data, learner, group);
    } catch (RuntimeException | Error e) {
      models.close();
      throw e;
    }
  }

  @Override
  public StoredTensors reopen(Path exported) throws IOException {
    try (AlbefModels models = AlbefModels.of(recipe)) {
      return new AlbefExport(models.model()).open(exported);
    }
  }
}
