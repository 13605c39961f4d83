package dev.eosin.run;

import dev.eosin.checkpoint.Checkpoint;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchLoader;
import dev.eosin.data.batches.Preparations;
import dev.eosin.data.opened.DataSets;
import dev.eosin.experiment.Experiment;
import dev.eosin.experiment.Extent;
import dev.eosin.experiment.ModelSummary;
import dev.eosin.experiment.Opened;
import dev.eosin.experiment.Pin;
import dev.eosin.experiment.StepChoice;
import dev.eosin.file.AtomicFolder;
import dev.eosin.file.FileDigest;
import dev.eosin.group.Group;
import dev.eosin.image.transforms.ImageTransforms;
import dev.eosin.model.StepLoad;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Initialiser;
import dev.eosin.nn.Weight;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.train.Cadence;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.Learner;
import dev.eosin.train.Scheduled;
import dev.eosin.train.machine.MemoryPlan;
import dev.eosin.train.machine.WeightMemory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/// The toy family as a run sees it: about what any family has to write.
record ToyExperiment(ToyRecipe recipe) implements Experiment {
  private static final List<Weight> TRAINED =
      List.of(
          Weight.normal(ToyLearner.WORD, 0.1, ToyRows.LETTERS),
          Weight.normal(ToyLearner.IMAGE, 0.1, 3));

  private static final Weight FROZEN = Weight.zeros(ToyLearner.FROZEN, ToyRows.LETTERS);

  @Override
  public List<String> check(boolean begins) throws IOException {
    try (StoredTensors frozen = SafetensorsFile.open(recipe.frozen())) {
      return List.of("%d frozen tensors are used in place".formatted(frozen.names().size()));
    }
  }

  @Override
  public ModelSummary summary() {
    var words = new ModelSummary.Part("words", ToyRows.LETTERS);
    return new ModelSummary(2 * ToyRows.LETTERS + 3, List.of(words), ToyRows.LETTERS + 3);
  }

  @Override
  public MemoryPlan plan(Device device, StepChoice choice) throws IOException {
    int all = recipe.batch().global();
    int atOnce = choice.atOnce(all, recipe.batch().atOnce());
    var load =
        new StepLoad(device, DType.FLOAT32, BlockExecution.PLAIN, atOnce, Set.of())
            .sharded(recipe.compute().sharding().ofState(choice.ranks()));
    var rows = new MemoryPlan.Rows("rows", choice.own(all), rows().training().shape().bytes());
    WeightMemory weights = WeightMemory.of(TRAINED, load, recipe.ema().isPresent());
    return MemoryPlan.of(load, rows, weights, List.of(), List.of(), List.of(), 0);
  }

  private Preparations rows() throws IOException {
    ImageTransforms transforms = recipe.data().image().transforms();
    return new Preparations(
        new ToyRows(transforms.training()), new ToyRows(transforms.evaluation()));
  }

  @Override
  public DataSets data() throws IOException {
    return DataSets.open(recipe.data(), recipe.data().text().tokenizer().open()).prepared(rows());
  }

  @Override
  public List<String> questions(DataSets data) {
    return recipe.evaluate().stream().map(each -> each.name() + ": the mean loss").toList();
  }

  @Override
  public List<Pin> pins(DataSets data) throws IOException {
    String digest = FileDigest.of(recipe.frozen()).sha256();
    return List.of(
        new Pin("data.train.fingerprint", data.train().fingerprint(), "data.train has changed"),
        new Pin("frozen.sha256", digest, "frozen has other weights than this run began with"));
  }

  @Override
  public Opened open(Engine engine, DataSets data, Group group) throws IOException {
    List<ParameterSet.Spec> specs =
        List.of(TRAINED.get(0).spec(true), TRAINED.get(1).spec(true), FROZEN.spec(false));
    ParameterSet set = ToyWeights.open(engine, specs, recipe.frozen());
    return new OpenedToy(recipe, data, new ToyLearner(set, recipe.batch().atOnce()));
  }

  @Override
  public StoredTensors reopen(Path exported) throws IOException {
    return SafetensorsFile.open(exported.resolve(Checkpoint.MODEL));
  }

  private record OpenedToy(ToyRecipe recipe, DataSets data, ToyLearner toy) implements Opened {
    @Override
    public Learner learner() {
      return toy;
    }

    @Override
    public List<String> begin() {
      new Initialiser(new RandomKey(recipe.seed())).fill(toy.parameters(), TRAINED);
      return List.of();
    }

    @Override
    public List<Scheduled> evaluations(Extent extent, BooleanSupplier stop) {
      return recipe.evaluate().stream()
          .map(
              each ->
                  new Scheduled(
                      step -> evaluate(step, each.name(), stop),
                      new Cadence(each.every(), recipe.schedule().length()),
                      Optional.empty()))
          .toList();
    }

    private Optional<EvaluationReport> evaluate(long step, String name, BooleanSupplier stop)
        throws IOException {
      double sum = 0;
      double weight = 0;
      try (BatchLoader batches =
          data.evaluationBatches(
              DataSets.VALIDATION, data.validation().orElseThrow(), recipe.batch().global())) {
        while (batches.hasNext()) {
          if (stop.getAsBoolean()) {
            return Optional.empty();
          }
          Batch batch = batches.next();
          sum += toy.measure(batch) * toy.weight(batch);
          weight += toy.weight(batch);
        }
      }
      return Optional.of(new EvaluationReport(step, name, Map.of("loss", sum / weight)));
    }

    @Override
    public List<String> export(Path model, Path adapters) throws IOException {
      var file = new SafetensorsWriter(Map.of());
      for (Parameter parameter : toy.parameters().all()) {
        if (parameter.trainable()) {
          file.add(parameter.name(), TensorData.of(parameter.master()));
        }
      }
      try (AtomicFolder out = AtomicFolder.begin(model)) {
        out.write(Checkpoint.MODEL, file);
        out.commit();
      }
      return List.of("the frozen weights stay in " + recipe.frozen());
    }

    @Override
    public void close() {
      toy.close();
    }
  }
}
