package dev.eosin.recipe.models;

import dev.eosin.checkpoint.TensorsDigest;
import dev.eosin.clip.Clip;
import dev.eosin.clip.ClipInputs;
import dev.eosin.clip.ClipLearner;
import dev.eosin.clip.ClipStep;
import dev.eosin.clip.DistillationSettings;
import dev.eosin.clip.ImageTowerSettings;
import dev.eosin.clip.LossSettings;
import dev.eosin.clip.ModelSettings;
import dev.eosin.clip.PairLoss;
import dev.eosin.clip.PatchDropout;
import dev.eosin.clip.WeightsSettings;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.stored.ClipWeights;
import dev.eosin.clip.stored.ImageTowerWeights;
import dev.eosin.clip.stored.StartingWeights;
import dev.eosin.config.DataException;
import dev.eosin.config.Place;
import dev.eosin.config.Problem;
import dev.eosin.config.RecipeException;
import dev.eosin.data.opened.DataSettings;
import dev.eosin.group.Group;
import dev.eosin.image.transforms.InputSize;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.nn.Weight;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.ClipRecipe;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.text.Tokenizer;
import dev.eosin.text.TokenizerExport;
import dev.eosin.tower.BertText;
import dev.eosin.tower.Causal;
import dev.eosin.tower.Vit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Builds what a CLIP recipe describes, and checks that model, data and tokenizer fit each other
/// before any long work.
public final class ClipModels {
  private static final String TEACHER = "loss.distillation.teacher";

  private ClipModels() {}

  /// The architecture with the recipe's input sizes.
  ///
  /// @throws RecipeException when the weights' positions cannot be fitted to the input, or the
  ///   tokenizer has ids beyond the vocabulary
  public static ClipSpec spec(ClipRecipe recipe, Tokenizer tokenizer) throws DataException {
    ClipSpec spec = recipe.model().spec();
    List<Problem> problems = inputProblems(recipe.model(), recipe.data(), spec, tokenizer);
    if (recipe.model().patchDropout() > 0 && !(spec.image() instanceof Vit)) {
      problems.add(
          problem(
              "model.patch-dropout",
              "is for CLIP's own vision transformers; this image tower takes all patches"));
    }
    if (recipe.model().textDropout().isPresent() && !(spec.text() instanceof BertText)) {
      problems.add(
          problem(
              "model.text-dropout", "is for text towers of BERT kind; this one has no dropout"));
    }
    recipe
        .lock()
        .check(
            spec,
            (key, message) ->
                problems.add(problem(key.isEmpty() ? "lock" : "lock." + key, message)));
    recipe
        .optimizer()
        .check(
            trained(recipe, spec),
            (key, message) -> problems.add(problem("optimizer." + key, message)));
    if (!problems.isEmpty()) {
      throw new RecipeException(Path.of("the recipe"), problems);
    }
    return sized(recipe, spec);
  }

  /// What of images, captions and tokenizer does not fit an architecture.
  public static List<Problem> inputProblems(
      ModelSettings model, DataSettings data, ClipSpec spec, Tokenizer tokenizer) {
    InputSize size = data.image().size();
    int context = data.text().length();
    List<Problem> problems = new ArrayList<>();
    if (spec.text() instanceof Causal text && context > text.context() && truncates(model)) {
      problems.add(
          problem(
              "model.text-positions",
              "truncate cannot make %d positions of the weights' %d; interpolate can"
                  .formatted(context, text.context())));
    }
    problems.addAll(TextFit.problems(model, data, spec, tokenizer));
    int patch = spec.image().patch();
    if (size.height().value() < patch || size.width().value() < patch) {
      problems.add(problem("data.image.size", "is %s, a patch has %d px".formatted(size, patch)));
    }
    return problems;
  }

  /// An architecture with the recipe's input sizes, and the logit bias where its loss has one.
  public static ClipSpec sized(ClipRecipe recipe, ClipSpec spec) {
    return sized(recipe.data(), recipe.loss(), spec);
  }

  public static ClipSpec sized(DataSettings data, LossSettings loss, ClipSpec spec) {
    InputSize size = data.image().size();
    ClipSpec sized =
        spec.withInput(size.height().value(), size.width().value(), data.text().length());
    return loss.biased() ? sized.withLogitBias() : sized;
  }

  private static List<String> trained(ClipRecipe recipe, ClipSpec spec) {
    Set<String> locked = recipe.locked(spec);
    return Stream.concat(
            Clip.weights(spec).stream(), Clip.adapters(spec, recipe.adapters()).stream())
        .map(Weight::name)
        .filter(name -> !locked.contains(name))
        .toList();
  }

  private static boolean truncates(ModelSettings model) {
    return switch (model.textPositions()) {
      case TRUNCATE -> !(model.weights().orElse(null) instanceof WeightsSettings.Random);
      case INTERPOLATE -> false;
    };
  }

  public static Problem problem(String key, String message) {
    return new Problem(new Place.Whole(Path.of("the recipe")), key, message);
  }

  static Clip allocate(ClipRecipe recipe, Engine engine, Tokenizer tokenizer) throws DataException {
    ClipSpec spec = spec(recipe, tokenizer);
    DType compute = recipe.precision().compute(engine.device());
    return Clip.allocate(
        engine,
        spec,
        compute,
        recipe.locked(spec),
        Clip.fastest(engine.device(), compute, recipe.compute().flashBlocks())
            .recomputing(recipe.compute().activations().every())
            .adapted(recipe.adapters()));
  }

  /// The loss, with its teacher where it has one.
  ///
  /// @throws RecipeException when the teacher is of another input than the recipe's
  static PairLoss loss(ClipRecipe recipe, Engine engine, Tokenizer tokenizer) throws DataException {
    Optional<DistillationSettings> teaching = recipe.loss().teaching();
    if (teaching.isEmpty()) {
      return new PairLoss(recipe.loss());
    }
    ClipSpec spec = teacher(recipe, teaching.get(), tokenizer);
    DType compute = recipe.precision().compute(engine.device());
    Clip teacher = Clip.allocate(engine, spec, compute, false, Clip.fastest(engine.device()));
    try (StartingWeights weights =
        LocatedWeights.open(teaching.get().teacher(), spec, TEACHER + ".weights").orElseThrow()) {
      ClipWeights.load(teacher, weights.layout(), weights.file());
      return new PairLoss(recipe.loss(), Optional.of(teacher));
    } catch (DataException | RuntimeException e) {
      teacher.close();
      throw e;
    }
  }

  /// The architecture of the model that is distilled from, where there is one.
  ///
  /// @throws RecipeException when it is of another input than the recipe's
  public static Optional<ClipSpec> teacher(ClipRecipe recipe, Tokenizer tokenizer)
      throws DataException {
    Optional<DistillationSettings> teaching = recipe.loss().teaching();
    return teaching.isPresent()
        ? Optional.of(teacher(recipe, teaching.get(), tokenizer))
        : Optional.empty();
  }

  private static ClipSpec teacher(
      ClipRecipe recipe, DistillationSettings teaching, Tokenizer tokenizer) throws DataException {
    ClipSpec spec = teaching.teacher().spec();
    InputSize size = recipe.data().image().size();
    boolean sameImages =
        spec.image().height() == size.height().value()
            && spec.image().width() == size.width().value();
    if (!sameImages
        || spec.text().context() < recipe.data().text().length()
        || spec.text().vocabulary() < tokenizer.vocabularySize()) {
      throw new RecipeException(
          Path.of("the recipe"),
          List.of(
              problem(
                  TEACHER,
                  "takes images of %d px x %d px and at most %d of %d ids; the data give %s and %d of %d; name a teacher whose config has these sizes, or change data.image.size and data.text.length"
                      .formatted(
                          spec.image().height(),
                          spec.image().width(),
                          spec.text().context(),
                          spec.text().vocabulary(),
                          size,
                          recipe.data().text().length(),
                          tokenizer.vocabularySize()))));
    }
    return spec;
  }

  /// What the teacher's weights are, where there is one; reads all of them.
  public static Optional<String> teacherDigest(ClipRecipe recipe, Tokenizer tokenizer)
      throws DataException {
    Optional<DistillationSettings> teaching = recipe.loss().teaching();
    if (teaching.isEmpty()) {
      return Optional.empty();
    }
    ClipSpec spec = teacher(recipe, teaching.get(), tokenizer);
    try (StartingWeights weights =
        LocatedWeights.open(teaching.get().teacher(), spec, TEACHER + ".weights").orElseThrow()) {
      return Optional.of(TensorsDigest.sha256(weights.file()));
    }
  }

  /// Compares the teacher's file, where there is one, with its architecture, without loading it.
  private static void checkTeacher(ClipRecipe recipe, Tokenizer tokenizer) throws DataException {
    Optional<DistillationSettings> teaching = recipe.loss().teaching();
    if (teaching.isPresent()) {
      ClipSpec spec = teacher(recipe, teaching.get(), tokenizer);
      try (StartingWeights weights =
          LocatedWeights.open(teaching.get().teacher(), spec, TEACHER + ".weights").orElseThrow()) {
        LocatedWeights.check(spec, weights, TEACHER + ".weights");
      }
    }
  }

  /// Model, inputs, loss and step; the weights are still zero.
  public static ClipLearner learner(
      ClipRecipe recipe, Engine engine, Tokenizer tokenizer, Group group) throws DataException {
    Clip clip = allocate(recipe, engine, tokenizer);
    try {
      PairLoss loss = loss(recipe, engine, tokenizer);
      DType compute = recipe.precision().compute(engine.device());
      var inputs = new ClipInputs(engine, compute, recipe.data().image().normalisation());
      ClipStep step = step(recipe, clip, loss, group);
      return new ClipLearner(clip, inputs, tokenizer, loss, step, recipe.batch().atOnce());
    } catch (DataException | RuntimeException | Error e) {
      clip.close();
      throw e;
    }
  }

  /// How a batch becomes gradients.
  private static ClipStep step(ClipRecipe recipe, Clip clip, PairLoss loss, Group group) {
    ClipStep step =
        ClipStep.of(clip, loss, recipe.batch().global(), recipe.batch().atOnce(), group);
    var patches = new PatchDropout(recipe.model().patchDropout(), new RandomKey(recipe.seed()));
    return ClipStep.dropping(step, patches, clip);
  }

  /// Fills in the weights that training starts from.
  ///
  /// @return what a user should know about them
  public static List<String> firstWeights(ClipRecipe recipe, Clip clip) throws DataException {
    ModelSettings model = recipe.firstModel();
    Optional<StartingWeights> stored = LocatedWeights.first(recipe, clip.spec());
    Optional<ImageTowerSettings> tower = model.loadedTower();
    List<String> notes = new ArrayList<>(unseenPixels(clip.spec()));
    if (stored.isEmpty() || tower.isPresent()) {
      clip.initialise(new RandomKey(recipe.seed()), imagePositions(model));
    }
    if (stored.isPresent()) {
      try (StartingWeights weights = stored.get()) {
        notes.addAll(weights.notes());
        clip.initialiseAdapters(new RandomKey(recipe.seed()));
        if (weights.fill(clip)) {
          notes.add("the weights have no logit bias: logit scale and bias start as in a new model");
        }
      }
    }
    if (tower.isPresent()) {
      try (ImageTowerWeights weights = ImageTowerWeights.open(tower.get(), clip.spec())) {
        notes.addAll(weights.notes());
        weights.fill(clip);
      }
    }
    return notes;
  }

  private static Optional<Double> imagePositions(ModelSettings model) {
    return model.weights().orElse(null) instanceof WeightsSettings.Random random
        ? random.imagePositions()
        : Optional.empty();
  }

  /// Compares the names and shapes of the weights that the recipe names with its architecture,
  /// without loading any: a look at headers, before the long work on the data.
  ///
  /// @param begins whether the run has no checkpoint yet: only then are first weights looked for
  /// @return what a user should know about the first weights
  /// @throws RecipeException when model, input sizes and tokenizer do not fit each other
  /// @throws DataException when a file cannot be read, or listing every tensor that does not fit
  public static List<String> checkWeights(ClipRecipe recipe, boolean begins) throws IOException {
    Tokenizer tokenizer = recipe.data().text().tokenizer().open();
    ClipSpec spec = spec(recipe, tokenizer);
    checkTeacher(recipe, tokenizer);
    return begins ? checkFirstWeights(recipe, spec) : List.of();
  }

  private static List<String> checkFirstWeights(ClipRecipe recipe, ClipSpec spec)
      throws DataException {
    Optional<StartingWeights> stored = LocatedWeights.first(recipe, spec);
    List<String> notes = new ArrayList<>(unseenPixels(spec));
    if (stored.isPresent()) {
      try (StartingWeights weights = stored.get()) {
        LocatedWeights.checkFirst(recipe, spec, weights);
        notes.addAll(weights.notes());
      }
    }
    Optional<ImageTowerSettings> tower = recipe.firstModel().loadedTower();
    if (tower.isPresent()) {
      try (ImageTowerWeights weights = ImageTowerWeights.open(tower.get(), spec)) {
        notes.addAll(weights.notes());
      }
      notes.addAll(otherColours(tower.get(), recipe.data().image().normalisation()));
    }
    return notes;
  }

  private static List<String> otherColours(ImageTowerSettings tower, Normalisation ours)
      throws DataException {
    return tower.tower().normalisation().stream()
        .filter(theirs -> !theirs.equals(ours))
        .map(
            theirs ->
                "model.image-tower was trained on images of mean %s and std %s, data.image has %s and %s"
                    .formatted(theirs.mean(), theirs.std(), ours.mean(), ours.std()))
        .toList();
  }

  /// Whole patches are seen, from the top left corner on, as open_clip sees them.
  private static List<String> unseenPixels(ClipSpec spec) {
    int patch = spec.image().patch();
    int right = spec.image().width() % patch;
    int bottom = spec.image().height() % patch;
    return right == 0 && bottom == 0
        ? List.of()
        : List.of(
            "data.image.size is %d x %d px and a patch has %d px: %d px at the right and %d px at the bottom of every image are not seen"
                .formatted(spec.image().height(), spec.image().width(), patch, right, bottom));
  }

  /// The tokenizer's files as transformers reads them.
  public static Map<String, String> tokenizerFiles(ClipRecipe recipe) throws IOException {
    return TokenizerExport.files(recipe.data().text().tokenizer(), recipe.data().text().length());
  }
}
