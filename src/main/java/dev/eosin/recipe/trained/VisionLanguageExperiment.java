package dev.eosin.recipe.trained;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeException;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.Preparations;
import dev.eosin.data.opened.DataSets;
import dev.eosin.eval.vqa.AnswerEvaluation;
import dev.eosin.eval.vqa.TokenLossSettings;
import dev.eosin.eval.vqa.VqaSettings;
import dev.eosin.experiment.Experiment;
import dev.eosin.experiment.ModelSummary;
import dev.eosin.experiment.Opened;
import dev.eosin.experiment.Pin;
import dev.eosin.experiment.StepChoice;
import dev.eosin.group.Group;
import dev.eosin.image.transforms.TileGrid;
import dev.eosin.language.rows.RowPlan;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Weight;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.Training;
import dev.eosin.recipe.VisionLanguageRecipe;
import dev.eosin.recipe.found.AnswerEvaluations;
import dev.eosin.recipe.models.StoredRun;
import dev.eosin.recipe.models.VisionLanguageModels;
import dev.eosin.revise.ReviseSettings;
import dev.eosin.revise.RevisionSource;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.text.LanguageTokenizer;
import dev.eosin.train.machine.MemoryPlan;
import dev.eosin.train.machine.WeightMemory;
import dev.eosin.vllm.ConversationRows;
import dev.eosin.vllm.FirstStage;
import dev.eosin.vllm.FirstStageSettings;
import dev.eosin.vllm.ForeignStage;
import dev.eosin.vllm.VisionLanguageLearner;
import dev.eosin.vllm.VisionLanguageMemory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `kind: vllm` as a run sees it.
record VisionLanguageExperiment(VisionLanguageRecipe recipe) implements Experiment {
  private static final String TEMPLATE = "template";
  private static final int SHOWN_ROWS = 2;

  private VisionLanguageModels models() throws IOException {
    return VisionLanguageModels.of(recipe);
  }

  @Override
  public List<String> check(boolean begins) throws IOException {
    VisionLanguageModels models = models();
    List<String> notes = models.check();
    if (begins && recipe.initialiseFrom().isPresent()) {
      check(recipe.initialiseFrom().get(), models);
    }
    return notes;
  }

  private void check(FirstStageSettings settings, VisionLanguageModels models) throws IOException {
    if (ForeignStage.is(settings.run())) {
      ForeignStage.open(settings.run(), models.model(), models.adapted()).close();
      return;
    }
    requireKind(settings.run());
    FirstStage first = FirstStage.open(settings);
    Map<String, String> ours = new LinkedHashMap<>();
    ofModel(models).forEach(pin -> ours.put(pin.key(), pin.value()));
    first.require(ours, TEMPLATE);
    first.check(models.savedShapes());
  }

  /// A run of another kind is told as such, not by what of it does not fit.
  private static void requireKind(Path run) throws IOException {
    if (!StoredRun.isRun(run)) {
      return;
    }
    Training recipe;
    try {
      recipe = Training.read(run.resolve(StoredRun.RECIPE), List.of());
    } catch (RecipeException ofAnotherVersion) {
      return; // its checkpoint tells what it is
    }
    if (!(recipe instanceof VisionLanguageRecipe)) {
      throw new DataException(
          "%s: is a run of another kind; initialise-from names a run folder of kind: vllm"
              .formatted(run));
    }
  }

  @Override
  public ModelSummary summary() throws IOException {
    VisionLanguageModels models = models();
    List<ModelSummary.Part> parts = new ArrayList<>();
    for (var part : models.model().parts()) {
      parts.add(new ModelSummary.Part(part.title(), count(part.weights())));
    }
    long adapters = count(models.model().decoder().adapterWeights());
    if (adapters > 0) {
      parts.add(new ModelSummary.Part("adapters", adapters));
    }
    return new ModelSummary(count(models.weights()), parts, count(models.trained()));
  }

  private static long count(List<Weight> weights) {
    return weights.stream().mapToLong(VisionLanguageModels::elements).sum();
  }

  @Override
  public MemoryPlan plan(Device device, StepChoice choice) throws IOException {
    VisionLanguageModels models = models();
    DType compute = StepLoads.compute(recipe, device, choice);
    var load =
        StepLoads.of(
            recipe,
            device,
            choice,
            execution(device),
            models.frozen(),
            models.frozenBytes(compute));
    int images = recipe.text().mostImages();
    int tiles = models.grid().map(VisionLanguageExperiment::most).orElse(0);
    int tokens = recipe.text().length();
    var memory = VisionLanguageMemory.of(models.model(), load, images, tiles, tokens);
    long side = models.tower().side();
    long bytes = 3 * side * side * images * (1 + tiles) + tokens * 5L;
    return MemoryPlan.of(
        load,
        new MemoryPlan.Rows("rows", choice.own(recipe.batch().global()), bytes),
        WeightMemory.of(models.weights(), load, recipe.ema().isPresent()),
        masks(load.rows(), tokens),
        memory.parts(),
        memory.phases(),
        0);
  }

  /// What tokens of turns apart do not see, fp32 [b,1,n,n].
  private List<MemoryPlan.Item> masks(long rows, long tokens) {
    return switch (recipe.text().turns()) {
      case TOGETHER -> List.of();
      case APART ->
          List.of(
              new MemoryPlan.Item(
                  "masks", rows * tokens * tokens * Float.BYTES, "of turns apart, fp32"));
    };
  }

  private static int most(TileGrid grid) {
    return grid.grids().stream().mapToInt(TileGrid.Grid::tiles).max().orElseThrow();
  }

  private static BlockExecution execution(Device device) {
    return new BlockExecution(false, device instanceof Device.Cpu, 0);
  }

  @Override
  public DataSets data() throws IOException {
    VisionLanguageModels models = models();
    LanguageTokenizer tokenizer = models.tokenizer();
    ConversationRows rows = models.rows(tokenizer);
    DataSets sets =
        DataSets.open(
            recipe.data(), models.tower().images().decoder(), new Preparations(rows, rows));
    if (recipe.revise().isPresent()) {
      ReviseSettings revise = recipe.revise().get();
      sets = sets.seen(source -> RevisionSource.of(source, revise));
    }
    return sets.measured(rows, recipe.text().overLength(), recipe.text().rows());
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

  @Override
  public List<String> shown(Batch batch) throws IOException {
    VisionLanguageModels models = models();
    try (LanguageTokenizer tokenizer = models.tokenizer()) {
      return models.rows(tokenizer).read(batch, SHOWN_ROWS);
    }
  }

  @Override
  public List<Pin> pins(DataSets data) throws IOException {
    List<Pin> pins = new ArrayList<>();
    pins.add(DataPin.of(data));
    pins.addAll(ofModel(models()));
    return pins;
  }

  /// What the model is, and what its parts are that no checkpoint holds.
  private List<Pin> ofModel(VisionLanguageModels models) throws IOException {
    List<Pin> pins = new ArrayList<>();
    pins.add(
        new Pin(
            "architecture",
            models.architecture(),
            "model describes another architecture than this run began with"));
    pins.add(
        new Pin(
            TEMPLATE,
            VisionLanguageModels.word(recipe.template()),
            "template is another than this run began with"));
    pins.add(
        new Pin(
            "tower.sha256",
            models.tower().digest(),
            "model.tower has other weights than this run began with"));
    pins.add(
        new Pin(
            "decoder.sha256",
            models.decoderDigest(),
            "model.decoder has other weights than this run began with"));
    return pins;
  }

  @Override
  public Opened open(Engine engine, DataSets data, Group group) throws IOException {
    VisionLanguageModels models = models();
    ParameterSet parameters = models.allocate(engine);
    DType compute = recipe.precision().compute(engine.device());
    var rows = (ConversationRows) data.preparations().plain();
    var learner =
        new VisionLanguageLearner(
            models.model(),
            parameters,
            compute,
            execution(engine.device()).recomputing(recipe.compute().activations().every()),
            new RandomKey(recipe.seed()),
            RowPlan.of(recipe.text().rows(), recipe.batch().atOnce(), recipe.text().length()),
            models.tower().input(engine, compute, recipe.batch().atOnce()),
            rows.slots().id());
    return new OpenedVisionLanguage(recipe, models, data, learner, group);
  }

  @Override
  public StoredTensors reopen(Path exported) throws IOException {
    return new VisionLanguageFiles(recipe, models()).reopen(exported);
  }
}
