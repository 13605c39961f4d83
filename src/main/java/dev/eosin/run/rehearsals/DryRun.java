package dev.eosin.run.rehearsals;

import dev.eosin.data.Source;
import dev.eosin.data.batches.BadRow;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchImages;
import dev.eosin.data.batches.BatchLoader;
import dev.eosin.data.batches.Tokens;
import dev.eosin.data.opened.BatchPreview;
import dev.eosin.data.opened.DataSets;
import dev.eosin.data.opened.DataSettings;
import dev.eosin.data.order.CaptionFits;
import dev.eosin.experiment.Experiment;
import dev.eosin.experiment.ModelSummary;
import dev.eosin.experiment.RunSettings;
import dev.eosin.file.OutputPlace;
import dev.eosin.random.RandomKey;
import dev.eosin.train.machine.MachineCheckup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;

/// What a recipe comes to, found out without training: everything that it names is opened and
/// checked, the first batch is read and drawn. The engine is not started; libtorch is loaded where
/// a GPU is meant.
///
/// @param device where the run computes; it is there
/// @param model in numbers of weights
/// @param data samples of each part, one line each
/// @param length of the training, in updates and in times through the data
/// @param batch shapes of the first batch, and its longest caption
/// @param captions how many of the first ones are too long for a row
/// @param rows the first ones as the model sees them, where the recipe's kind shows some
/// @param evaluations what each one asks, one line each
/// @param notes what a user should know about the data but may accept
/// @param sheet the picture of the batch
/// @param page the same as a page, with the whole captions
public record DryRun(
    String device,
    ModelSummary model,
    List<String> data,
    String length,
    String batch,
    Optional<String> captions,
    List<String> rows,
    List<String> evaluations,
    List<String> notes,
    Path sheet,
    Path page) {
  private static final int MOST_TILES = 64;
  private static final int CAPTIONS = 1_000;

  public DryRun {
    data = List.copyOf(data);
    rows = List.copyOf(rows);
    evaluations = List.copyOf(evaluations);
    notes = List.copyOf(notes);
  }

  /// Checks everything and writes `dry-run.png` and `dry-run.html` into the recipe's output folder,
  /// which holds nothing else afterwards that it did not hold before.
  ///
  /// @throws dev.eosin.config.MachineException when the device that the recipe means is not here
  /// @throws dev.eosin.config.RecipeException when model, data and tokenizer do not fit each other
  /// @throws IOException when data, weights or the picture's folder are at fault
  public static DryRun of(RunSettings recipe) throws IOException {
    Path sheet = recipe.output().dir().resolve("dry-run.png");
    Path page = sheet.resolveSibling("dry-run.html");
    OutputPlace.requireFile(sheet);
    OutputPlace.requireFile(page);
    String device = recipe.compute().check(MachineCheckup.Surroundings.inspect().gpuPresent());
    Experiment experiment = recipe.experiment();
    List<String> ofWeights = experiment.check(true);
    DataSets data = experiment.data();
    List<String> notes = new ArrayList<>(data.notes());
    notes.addAll(ofWeights);
    List<String> evaluations = experiment.questions(data);
    RandomKey key = new RandomKey(recipe.seed());
    notes.addAll(data.orderNotes(key, recipe.batch()));
    Optional<String> captions =
        data.captionFits(key, recipe.batch(), CAPTIONS).map(CaptionFits::toString);
    try (BatchLoader batches = data.previewBatches(key, recipe.batch(), recipe.batch().global())) {
      Batch batch = batches.next();
      notes.addAll(read(recipe, data.train(), batch));
      BatchPreview.write(batch, MOST_TILES, sheet);
      DryRun run =
          new DryRun(
              device,
              experiment.summary(),
              parts(data),
              length(recipe, data.train()),
              shapes(batch),
              captions,
              experiment.shown(batch),
              evaluations,
              notes,
              sheet,
              page);
      new DryRunPage(data, key).write(batch, run.found(), MOST_TILES, run.page());
      return run;
    }
  }

  /// What the first batch tells of the samples, of which no others are read: images are looked for,
  /// and opened when their turn comes.
  private static List<String> read(RunSettings recipe, Source train, Batch batch) {
    if (batch.images().count() == 0 || train.drawn()) {
      return List.of();
    }
    String whole =
        recipe.data() instanceof DataSettings ? "; 'eosin data stats' reads both sides" : "";
    List<BadRow> bad = batch.badRows();
    return List.of(
        bad.isEmpty()
            ? "of the images only those of the first batch were read" + whole
            : "%d of the %d samples of the first batch cannot be read, for example %s; others stand in; no more than this batch was read%s"
                .formatted(bad.size(), batch.size(), bad.getFirst().reason(), whole));
  }

  private static List<String> parts(DataSets data) {
    List<String> parts = new ArrayList<>();
    parts.add(part("train", data.train()));
    data.validation().ifPresent(source -> parts.add(part("validation", source)));
    return parts;
  }

  private static String length(RunSettings recipe, Source train) {
    long steps = recipe.schedule().length().value();
    long global = recipe.batch().global();
    return String.format(
        Locale.ROOT,
        "%d steps of %d rows: %.2f times through the data",
        steps,
        global,
        (double) steps * global / train.size());
  }

  private static String part(String name, Source source) {
    int classes = source.classTexts().size();
    return "%s: %d samples%s"
        .formatted(name, source.size(), classes == 0 ? "" : ", %d classes".formatted(classes));
  }

  private static String shapes(Batch batch) {
    BatchImages images = batch.images();
    List<String> shapes = new ArrayList<>();
    shapes.add("images [%d, 3, %d, %d]".formatted(images.count(), images.height(), images.width()));
    new TreeMap<>(batch.tokens()).forEach((name, tokens) -> shapes.add(ids(batch, name, tokens)));
    return String.join(", ", shapes);
  }

  private static String ids(Batch batch, String name, Tokens tokens) {
    int b = batch.size();
    int longest = tokens.longest(0, b);
    return "ids [%d, %d], longest %s %d tokens".formatted(b, tokens.width(), name, longest);
  }

  /// For a person to read.
  public List<String> lines() {
    List<String> lines = new ArrayList<>(found());
    lines.add("tiles     " + sheet);
    lines.add("page      " + page);
    lines.add("Nothing was trained.");
    return List.copyOf(lines);
  }

  private List<String> found() {
    List<String> lines = new ArrayList<>();
    lines.add("model     " + model.line());
    lines.add("device    " + device);
    data.forEach(part -> lines.add("data      " + part));
    lines.add("length    " + length);
    lines.add("batch     " + batch);
    captions.ifPresent(fits -> lines.add("captions  " + fits));
    rows.forEach(row -> lines.add("row       " + row));
    evaluations.forEach(evaluation -> lines.add("evaluate  " + evaluation));
    notes.forEach(note -> lines.add("note      " + note));
    return List.copyOf(lines);
  }
}
