package dev.eosin.recipe;

import dev.eosin.config.Binder;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeFile;
import dev.eosin.data.Sources;
import dev.eosin.data.TableGuess;
import dev.eosin.file.AtomicFile;
import dev.eosin.image.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Scaffolds a recipe from a folder of class folders or from a table, and says what it guessed.
public final class NewRecipe {
  private static final String PROMPTS = "[\"An H&E image of {}.\", \"{}.\"]";
  private static final int EPOCHS = 10;
  private static final int BATCH = 32;
  private static final Path WEIGHTS = Path.of("checkpoints/openai-vit-b-32/ViT-B-32.pt");
  private static final List<String> TRAIN = List.of("train", "training");
  private static final List<String> VALIDATION = List.of("validation", "val", "valid", "test");

  private NewRecipe() {}

  /// A recipe and how it came about.
  ///
  /// @param yaml the file
  /// @param reasons what was guessed, one line each
  public record Scaffold(String yaml, List<String> reasons) {
    public Scaffold {
      reasons = List.copyOf(reasons);
    }
  }

  /// What is known of the data.
  ///
  /// @param train the source as a YAML flow map
  /// @param validation another one
  /// @param labelled whether samples have classes
  /// @param groups how many slides or patients were seen; none where samples have no group
  private record Data(
      String train,
      Optional<String> validation,
      boolean labelled,
      OptionalInt groups,
      List<String> reasons) {
    /// Holds samples out where nothing else says what to validate with, and there are enough.
    Data heldOut(long samples) {
      boolean enough = groups.isPresent() ? groups.getAsInt() >= 30 : samples >= 100;
      if (validation.isPresent() || !enough) {
        return this;
      }
      String by = groups.isPresent() ? "group" : "sample";
      List<String> more = new ArrayList<>(reasons);
      more.add(
          "validation: 20 % held out by "
              + (groups.isPresent()
                  ? by
                  : by + "; name a group column if several tiles come from one slide"));
      String split = "{ type: split, by: %s, share: 20 %% }".formatted(by);
      return new Data(train, Optional.of(split), labelled, groups, more);
    }
  }

  /// @param data a folder of class folders (or of train/ and val/ with these), a CSV, TSV or JSONL
  /// @param name names the run's folder
  /// @throws DataException when nothing can be made of the data
  public static Scaffold of(Path data, String name) throws DataException {
    Data guessed = Files.isDirectory(data) ? folder(data) : table(data);
    long samples = samples(guessed, name);
    Data complete = guessed.heldOut(samples);
    return new Scaffold(yaml(complete, name, samples), complete.reasons());
  }

  private static long samples(Data data, String name) throws DataException {
    RecipeFile file = RecipeFile.parse(Path.of(name), yaml(data, name, BATCH), List.of(), Map.of());
    Training recipe = Binder.bind(file, Training.class);
    return Sources.open(recipe.data().train(), new ImageDecoder()).size();
  }

  private static Data folder(Path folder) throws DataException {
    List<String> inside = folders(folder);
    Optional<String> train = TRAIN.stream().filter(inside::contains).findFirst();
    Optional<String> validation = VALIDATION.stream().filter(inside::contains).findFirst();
    List<String> reasons = new ArrayList<>();
    if (train.isPresent() && validation.isPresent()) {
      reasons.add(
          "'%s' to train on, '%s' to validate with".formatted(train.get(), validation.get()));
      return new Data(
          folderSource(folder.resolve(train.get())),
          validation.map(part -> folderSource(folder.resolve(part))),
          true,
          OptionalInt.empty(),
          reasons);
    }
    if (inside.isEmpty()) {
      throw new DataException(
          folder
              + ": has no class folders; name a table (CSV, TSV, JSONL) of images and captions"
              + " instead");
    }
    reasons.add("classes: the %d folders %s".formatted(inside.size(), String.join(", ", inside)));
    reasons.add("captions: made of the folders' names, by templates");
    return new Data(folderSource(folder), Optional.empty(), true, OptionalInt.empty(), reasons);
  }

  private static String folderSource(Path folder) {
    return "{ type: folder, path: %s, templates: %s }".formatted(quoted(folder), PROMPTS);
  }

  private static List<String> folders(Path folder) throws DataException {
    try (Stream<Path> inside = Files.list(folder)) {
      return inside
          .filter(Files::isDirectory)
          .map(each -> String.valueOf(each.getFileName()))
          .filter(name -> !name.startsWith("."))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new DataException(folder + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  private static Data table(Path file) throws DataException {
    TableGuess guess = TableGuess.of(file);
    if (guess.caption().isEmpty() && guess.label().isEmpty()) {
      throw new DataException(
          file + ": neither a caption nor a label column was found; found " + guess.reasons());
    }
    Optional<TableGuess.Split> split = guess.split();
    return new Data(
        tableSource(file, guess, split.map(TableGuess.Split::train)),
        split.map(found -> tableSource(file, guess, Optional.of(found.validation()))),
        guess.label().isPresent(),
        guess.groups(),
        guess.reasons());
  }

  private static String tableSource(Path file, TableGuess guess, Optional<String> part) {
    List<String> entries = new ArrayList<>();
    boolean lines = guess.separator().isEmpty();
    entries.add("type: " + (lines ? "jsonl" : "csv"));
    entries.add("path: " + quoted(file));
    guess
        .separator()
        .filter(separator -> separator != ',')
        .ifPresent(separator -> entries.add("separator: " + quoted(separator)));
    guess.images().ifPresent(folder -> entries.add("images: " + quoted(folder)));
    String columns =
        guess.columns().entrySet().stream()
            .map(column -> column.getKey() + ": " + quoted(column.getValue()))
            .collect(Collectors.joining(", "));
    entries.add((lines ? "fields" : "columns") + ": { " + columns + " }");
    part.ifPresent(
        value ->
            entries.add(
                "where: { %s: %s }"
                    .formatted(quoted(guess.split().orElseThrow().column()), quoted(value))));
    if (guess.caption().isEmpty()) {
      entries.add("templates: " + PROMPTS);
    }
    return "{ " + String.join(", ", entries) + " }";
  }

  private static String yaml(Data data, String name, long samples) {
    long batch = Math.min(BATCH, Math.max(2, samples));
    long length = Math.max(20, EPOCHS * samples / batch);
    boolean weights = Files.isRegularFile(WEIGHTS);
    StringBuilder yaml = new StringBuilder("# Made by eosin new; what it guessed, and why:\n");
    data.reasons().forEach(reason -> yaml.append("#   ").append(reason).append('\n'));
    yaml.append("# Look at tiles and captions first: eosin train <this file> --dry-run\n");
    yaml.append("kind: clip\nseed: 42\n");
    yaml.append(
        weights
            ? "model: { preset: vit-b-32-quickgelu, weights: { type: open-clip, path: %s } }%n"
                .formatted(WEIGHTS)
            : """
            # A small model from scratch. Better: 'eosin fetch openai-vit-b-32', and the model that it prints
            # with image.size 224 px and lr 5.0e-5.
            model: { preset: tiny, weights: { type: random } }
            """);
    yaml.append("data:\n  train: ").append(data.train()).append('\n');
    data.validation().ifPresent(part -> yaml.append("  validation: ").append(part).append('\n'));
    yaml.append("  image:  # tiles have no left and no top\n");
    yaml.append(
        "    { size: %s, crop-scale: [0.9, 1.0], flip-horizontal: true, flip-vertical: true }%n"
            .formatted(weights ? "224 px" : "64 px"));
    yaml.append("  text: { tokenizer: { type: clip-bpe }, length: 77 }\n");
    yaml.append("batch: { global: %d }%n".formatted(batch));
    yaml.append(
        "optimizer: { type: adamw, lr: %s, betas: [0.9, 0.98], eps: 1.0e-6, weight-decay: 0.2 }%n"
            .formatted(weights ? "5.0e-5" : "5.0e-4"));
    yaml.append(
        "schedule: { type: cosine, warmup: 5 %%, length: %d steps }  # %d samples, %d epochs%n"
            .formatted(length, samples, EPOCHS));
    yaml.append("precision: auto\n").append(evaluations(data, Math.max(10, length / 10)));
    yaml.append(
        "output: { dir: %s, checkpoint-every: %d steps, keep: 2 }%n"
            .formatted(quoted("runs/" + name), Math.max(10, length / 10)));
    return yaml.toString();
  }

  private static String evaluations(Data data, long every) {
    if (data.validation().isEmpty() && !data.labelled()) {
      return "# No label and no split column: nothing is measured but the loss.\n";
    }
    StringBuilder yaml = new StringBuilder("evaluate:\n");
    if (data.labelled()) {
      boolean held = data.validation().isPresent();
      yaml.append(
          held
              ? ""
              : "  # On the training data, so too good: there are too few samples to hold some out.\n");
      yaml.append(
          "  - { type: zero-shot, name: tiles, data: %s, prompts: %s, every: %d steps }%n"
              .formatted(held ? "validation" : "train", PROMPTS, every));
    }
    if (data.validation().isPresent()) {
      yaml.append("  - { type: validation, name: pairs, every: %d steps }%n".formatted(every));
    }
    return yaml.toString();
  }

  private static String quoted(Object value) {
    String text = value.toString().replace("\\", "\\\\").replace("\"", "\\\"");
    return "\"" + text.replace("\t", "\\t").replace("${", "$${") + "\"";
  }
}
