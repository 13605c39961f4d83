package dev.eosin.recipe.trained;

import dev.eosin.checkpoint.MappedSource;
import dev.eosin.checkpoint.StoredTensors;
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
import dev.eosin.file.UserCache;
import dev.eosin.group.Group;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.language.Decoder;
import dev.eosin.language.DecoderMemory;
import dev.eosin.language.Llama;
import dev.eosin.language.rows.LanguageLearner;
import dev.eosin.language.rows.RowPlan;
import dev.eosin.language.rows.TextRows;
import dev.eosin.language.spec.LanguageConfig;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.language.stored.LanguageNames;
import dev.eosin.model.PartMemory;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Weight;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.LanguageRecipe;
import dev.eosin.recipe.found.AnswerEvaluations;
import dev.eosin.recipe.models.LanguageModels;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.text.LanguageTokenizer;
import dev.eosin.train.machine.MemoryPlan;
import dev.eosin.train.machine.WeightMemory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/// `kind: language` as a run sees it.
record LanguageExperiment(LanguageRecipe recipe) implements Experiment {
  private LanguageModels models() throws IOException {
    try (LanguageTokenizer tokenizer = recipe.model().open()) {
      return LanguageModels.of(recipe, recipe.model().config(tokenizer));
    }
  }

  @Override
  public List<String> check(boolean begins) throws IOException {
    return models().check();
  }

  @Override
  public ModelSummary summary() throws IOException {
    LanguageModels models = models();
    long own = count(models.decoder().weights());
    long adapters = count(models.decoder().adapterWeights());
    List<ModelSummary.Part> parts = new ArrayList<>();
    parts.add(new ModelSummary.Part("decoder", own));
    if (adapters > 0) {
      parts.add(new ModelSummary.Part("adapters", adapters));
    }
    List<Weight> trained =
        models.weights().stream()
            .filter(weight -> !models.frozen().contains(weight.name()))
            .toList();
    return new ModelSummary(own + adapters, parts, count(trained));
  }

  private static long count(List<Weight> weights) {
    return weights.stream()
        .mapToLong(weight -> LongStream.of(weight.shape()).reduce(1, Math::multiplyExact))
        .sum();
  }

  @Override
  public MemoryPlan plan(Device device, StepChoice choice) throws IOException {
    LanguageModels models = models();
    var load =
        StepLoads.of(
            recipe, device, choice, execution(device), models.frozen(), models.frozenBytes());
    int tokens = recipe.text().length();
    Llama model = (Llama) models.decoder();
    PartMemory part = DecoderMemory.of(model, load, tokens, false);
    var rows = new MemoryPlan.Rows("rows", choice.own(recipe.batch().global()), tokens * 5L);
    WeightMemory weights = WeightMemory.of(models.weights(), load, recipe.ema().isPresent());
    return MemoryPlan.of(
        load,
        rows,
        weights,
        List.of(),
        List.of(part),
        DecoderMemory.phases(model, load, part, tokens),
        0);
  }

  private static BlockExecution execution(Device device) {
    return new BlockExecution(false, device instanceof Device.Cpu, 0);
  }

  @Override
  public DataSets data() throws IOException {
    LanguageTokenizer tokenizer = recipe.model().open();
    LanguageConfig config = recipe.model().config(tokenizer);
    var rows = new TextRows(tokenizer, config.ids(), recipe.text());
    return DataSets.open(recipe.data(), new ImageDecoder(), new Preparations(rows, rows))
        .measured(rows, recipe.text().overLength(), recipe.text().rows());
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
            case VqaSettings vqa ->
                AnswerEvaluations.asking(recipe, vqa, data).summary()
                    + "; the model sees no picture";
          });
    }
    return questions;
  }

  @Override
  public List<Pin> pins(DataSets data) throws IOException {
    List<Pin> pins = new ArrayList<>();
    pins.add(DataPin.of(data));
    LanguageModels models = models();
    pins.add(
        new Pin(
            "architecture",
            models.config().spec().toString(),
            "model describes another architecture than this run began with"));
    Optional<LanguageFolder> frozen = models.frozenFolder();
    if (frozen.isPresent()) {
      try (StoredTensors file = frozen.get().weights()) {
        pins.add(
            new Pin(
                "model.sha256",
                MappedSource.of(file, UserCache.folder()).sha256(),
                "model has other weights than this run began with"));
      }
    }
    return pins;
  }

  @Override
  public Opened open(Engine engine, DataSets data, Group group) throws IOException {
    LanguageModels models = models();
    ParameterSet parameters = models.allocate(engine);
    var learner =
        new LanguageLearner(
            models.decoder(),
            parameters,
            recipe.precision().compute(engine.device()),
            execution(engine.device()).recomputing(recipe.compute().activations().every()),
            new RandomKey(recipe.seed()),
            RowPlan.of(recipe.text().rows(), recipe.batch().atOnce(), recipe.text().length()));
    return new OpenedLanguage(recipe, models, data, learner, group);
  }

  @Override
  public StoredTensors reopen(Path exported) throws IOException {
    LanguageFolder folder = LanguageFolder.open(exported);
    Decoder decoder = folder.decoder("decoder");
    return LanguageNames.of(decoder).read(folder.weights(), LanguageFolder.shapes(decoder));
  }
}
