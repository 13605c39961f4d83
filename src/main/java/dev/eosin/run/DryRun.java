package dev.eosin.run;

import dev.eosin.clip.Clip;
import dev.eosin.clip.ClipSpec;
import dev.eosin.data.Batch;
import dev.eosin.data.BatchLoader;
import dev.eosin.data.BatchPreview;
import dev.eosin.data.DataSets;
import dev.eosin.data.Source;
import dev.eosin.eval.EvaluationSettings;
import dev.eosin.eval.ValidationSettings;
import dev.eosin.eval.ZeroShotSettings;
import dev.eosin.nn.Weight;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.ClipEvaluations;
import dev.eosin.recipe.ClipModels;
import dev.eosin.recipe.ClipRecipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.LongStream;

/// What a CLIP recipe comes to, found out without training: everything that it names is opened and
/// checked, the first batch is read and drawn. The engine is not started.
///
/// @param spec the architecture with the recipe's input sizes
/// @param locked names of the weights that are not trained
/// @param adapters number of weights that low-rank adapters add
/// @param data samples of each part, one line each
/// @param batch shapes of the first batch, and its longest caption
/// @param captions how many of the first ones are too long for a row
/// @param evaluations what each one asks, one line each
/// @param notes what a user should know about the data but may accept
/// @param sheet the picture of the batch
public record DryRun(
    ClipSpec spec,
    Set<String> locked,
    long adapters,
    List<String> data,
    String batch,
    String captions,
    List<String> evaluations,
    List<String> notes,
    Path sheet) {
  private static final int MOST_TILES = 64;
  private static final int CAPTIONS = 1_000;

  public DryRun {
    locked = Set.copyOf(locked);
    data = List.copyOf(data);
    evaluations = List.copyOf(evaluations);
    notes = List.copyOf(notes);
  }

  /// Checks everything and writes `dry-run.png` into the recipe's output folder, which holds
  /// nothing else afterwards that it did not hold before.
  ///
  /// @throws dev.eosin.config.RecipeException when model, data and tokenizer do not fit each other
  /// @throws IOException when data, weights or the picture's folder are at fault
  public static DryRun of(ClipRecipe recipe) throws IOException {
    List<String> ofWeights = ClipModels.checkWeights(recipe, true);
    DataSets data = ClipModels.openData(recipe);
    ClipSpec spec = ClipModels.spec(recipe, data.tokenizer());
    List<String> notes = new ArrayList<>(data.notes());
    notes.addAll(ofWeights);
    List<String> evaluations = new ArrayList<>();
    for (EvaluationSettings settings : recipe.evaluate()) {
      evaluations.add(asked(settings, data));
    }
    Path sheet = recipe.output().dir().resolve("dry-run.png");
    RandomKey key = new RandomKey(recipe.seed());
    notes.addAll(data.orderNotes(key, recipe.batch()));
    String captions = data.captionFits(key, recipe.batch(), CAPTIONS).toString();
    try (BatchLoader batches = data.previewBatches(key, recipe.batch(), recipe.batch().global())) {
      Batch batch = batches.next();
      BatchPreview.write(batch, MOST_TILES, sheet);
      return new DryRun(
          spec,
          recipe.locked(spec),
          adapters(recipe, spec),
          parts(data),
          shapes(batch),
          captions,
          evaluations,
          notes,
          sheet);
    }
  }

  private static String asked(EvaluationSettings settings, DataSets data) throws IOException {
    return switch (settings) {
      case ZeroShotSettings tiles -> {
        var set = ClipEvaluations.classes(tiles, data);
        List<List<String>> prompts = tiles.prompts(set);
        yield "%s: %d tiles, %d classes, prompts per class %d, first '%s'"
            .formatted(
                tiles.name(),
                set.source().size(),
                prompts.size(),
                tiles.prompts().size(),
                prompts.getFirst().getFirst());
      }
      case ValidationSettings pairs ->
          "%s: %d pairs".formatted(pairs.name(), data.validation().orElseThrow().size());
    };
  }

  private static List<String> parts(DataSets data) {
    List<String> parts = new ArrayList<>();
    parts.add(part("train", data.train()));
    data.validation().ifPresent(source -> parts.add(part("validation", source)));
    return parts;
  }

  private static String part(String name, Source source) {
    int classes = source.classTexts().size();
    return "%s: %d samples%s"
        .formatted(name, source.size(), classes == 0 ? "" : ", %d classes".formatted(classes));
  }

  private static String shapes(Batch batch) {
    return "images [%d, 3, %d, %d], ids [%d, %d], longest caption %d tokens"
        .formatted(
            batch.size(),
            batch.height(),
            batch.width(),
            batch.size(),
            batch.contextLength(),
            batch.longest());
  }

  private static long adapters(ClipRecipe recipe, ClipSpec spec) {
    return Clip.adapters(spec, recipe.adapters()).stream().mapToLong(DryRun::elements).sum();
  }

  private long weights(Predicate<String> counted) {
    return Clip.weights(spec).stream()
        .filter(weight -> counted.test(weight.name()))
        .mapToLong(DryRun::elements)
        .sum();
  }

  private static long elements(Weight weight) {
    return LongStream.of(weight.shape()).reduce(1, Math::multiplyExact);
  }

  /// For a person to read.
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "model     %,d parameters: image tower %,d, text tower %,d%s; %,d trainable",
            weights(name -> true) + adapters,
            weights(name -> name.startsWith("image.")),
            weights(name -> name.startsWith("text.")),
            adapters == 0 ? "" : String.format(Locale.ROOT, ", adapters %,d", adapters),
            weights(name -> !locked.contains(name)) + adapters));
    data.forEach(part -> lines.add("data      " + part));
    lines.add("batch     " + batch);
    lines.add("captions  " + captions);
    evaluations.forEach(evaluation -> lines.add("evaluate  " + evaluation));
    notes.forEach(note -> lines.add("note      " + note));
    lines.add("tiles     " + sheet);
    lines.add("Nothing was trained.");
    return List.copyOf(lines);
  }
}
