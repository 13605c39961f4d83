package dev.eosin.recipe.trained;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.clip.Clip;
import dev.eosin.clip.ClipLearner;
import dev.eosin.clip.ClipLoad;
import dev.eosin.clip.ClipMemoryPlan;
import dev.eosin.clip.ClipState;
import dev.eosin.clip.LoraSettings;
import dev.eosin.clip.LoraSettings.Place;
import dev.eosin.clip.LoraSettings.Target;
import dev.eosin.clip.LossSettings;
import dev.eosin.clip.spec.ArchitectureText;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.stored.StoredClip;
import dev.eosin.config.DataException;
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
import dev.eosin.recipe.ClipRecipe;
import dev.eosin.recipe.models.ClipModels;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.text.Tokenizer;
import dev.eosin.train.machine.MemoryPlan;
import dev.eosin.train.optimisers.UpdateTiming;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.LongStream;

/// `kind: clip` as a run sees it.
record ClipExperiment(ClipRecipe recipe) implements Experiment {
  private static final String TEACHER = "loss.teacher.sha256";

  /// What a plan that does not fit advises.
  private static final LoraSettings ADAPTERS =
      new LoraSettings(16, 32, List.of(Place.IMAGE), List.of(Target.ATTENTION, Target.MLP), 0);

  @Override
  public List<String> check(boolean begins) throws IOException {
    return ClipModels.checkWeights(recipe, begins);
  }

  @Override
  public ModelSummary summary() throws IOException {
    ClipSpec spec = spec();
    Set<String> locked = recipe.locked(spec);
    List<Weight> weights = Clip.weights(spec);
    long adapters = count(Clip.adapters(spec, recipe.adapters()), name -> true);
    List<ModelSummary.Part> parts = new ArrayList<>();
    parts.add(part("image tower", weights, "image."));
    parts.add(part("text tower", weights, "text."));
    if (adapters > 0) {
      parts.add(new ModelSummary.Part("adapters", adapters));
    }
    return new ModelSummary(
        count(weights, name -> true) + adapters,
        parts,
        count(weights, name -> !locked.contains(name)) + adapters);
  }

  private static ModelSummary.Part part(String title, List<Weight> weights, String prefix) {
    return new ModelSummary.Part(title, count(weights, name -> name.startsWith(prefix)));
  }

  private static long count(List<Weight> weights, Predicate<String> counted) {
    return weights.stream()
        .filter(weight -> counted.test(weight.name()))
        .mapToLong(weight -> LongStream.of(weight.shape()).reduce(1, Math::multiplyExact))
        .sum();
  }

  private ClipSpec spec() throws IOException {
    return ClipModels.spec(recipe, tokenizer());
  }

  private Tokenizer tokenizer() throws IOException {
    return recipe.data().text().tokenizer().open();
  }

  @Override
  public MemoryPlan plan(Device device, StepChoice choice) throws IOException {
    Tokenizer tokenizer = tokenizer();
    ClipSpec spec = ClipModels.spec(recipe, tokenizer);
    DType compute = choice.compute().orElseGet(() -> recipe.precision().compute(device));
    int every = choice.recomputes() ? 1 : recipe.compute().activations().every();
    Optional<LoraSettings> lora = choice.adapters() ? Optional.of(ADAPTERS) : recipe.lora();
    BlockExecution execution =
        Clip.fastest(device, compute, recipe.compute().flashBlocks())
            .recomputing(every)
            .adapted(lora.map(LoraSettings::adapters).orElse(Map.of()));
    Set<String> locked =
        lora.map(adapters -> adapters.locked(spec)).orElseGet(() -> recipe.locked(spec));
    int all = recipe.batch().global();
    int atOnce = choice.atOnce(all, recipe.batch().atOnce());
    return ClipMemoryPlan.plan(
        new ClipLoad(
            spec,
            device,
            compute,
            execution,
            new ClipLoad.Pairs(all, choice.own(all), atOnce),
            locked,
            recipe.model().patchDropout(),
            recipe.ema().isPresent(),
            ClipModels.teacher(recipe, tokenizer),
            recipe.optimizer().updates() == UpdateTiming.EARLY,
            recipe.compute().sharding().ofState(choice.ranks())));
  }

  @Override
  public Optional<String> adapters() {
    return recipe.lora().isPresent()
        ? Optional.empty()
        : Optional.of("lora: { rank: 16, alpha: 32, towers: [image] }");
  }

  @Override
  public DataSets data() throws IOException {
    DataSets data = GuardedData.open(recipe.data());
    if (recipe.loss().positives() == LossSettings.Positives.SAME_LABEL
        && data.train().classTexts().isEmpty()) {
      throw new DataException(
          "loss.positives: same-label needs labels, and data.train names none; name the column or"
              + " field of the class, or take equal-captions or same-image");
    }
    return data;
  }

  @Override
  public List<String> questions(DataSets data) throws IOException {
    return EmbeddingEvaluations.questions(
        recipe.evaluate(), recipe.data(), data, new RandomKey(recipe.seed()));
  }

  @Override
  public List<Pin> pins(DataSets data) throws IOException {
    List<Pin> pins = new ArrayList<>();
    pins.add(DataPin.of(data));
    ClipSpec spec = ClipModels.spec(recipe, data.tokenizer());
    pins.add(
        new Pin(
            ArchitectureText.KEY,
            ArchitectureText.of(spec),
            "model.config describes another architecture than this run began with",
            ArchitectureText::today));
    recipe.adapters().values().stream()
        .findFirst()
        .map(lowRank -> Double.toString(lowRank.scale()))
        .map(scale -> new Pin(ClipState.ADAPTER_SCALE, scale, "lora has another alpha / rank"))
        .ifPresent(pins::add);
    ClipModels.teacherDigest(recipe, data.tokenizer())
        .ifPresent(
            digest ->
                pins.add(
                    new Pin(
                        TEACHER,
                        digest,
                        "loss.distillation.teacher has other weights than this run began with")));
    return pins;
  }

  @Override
  public Opened open(Engine engine, DataSets data, Group group) throws IOException {
    ClipLearner learner = ClipModels.learner(recipe, engine, data.tokenizer(), group);
    return new OpenedClip(recipe, data, learner, group);
  }

  @Override
  public StoredTensors reopen(Path exported) throws IOException {
    return StoredClip.open(exported, Optional.empty()).own();
  }
}
