package dev.eosin.recipe.first;

import dev.eosin.config.Binder;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeFile;
import dev.eosin.data.Source;
import dev.eosin.data.opened.DataSets;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.settings.SideSettings;
import dev.eosin.data.settings.SourceSettings;
import dev.eosin.data.settings.Split;
import dev.eosin.data.settings.SplitSettings;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.recipe.Training;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Scaffolds a recipe from a folder of class folders or from a table, and says what it guessed.
public final class NewRecipe {
  private static final int EPOCHS = 10;
  private static final int BATCH = 32;
  private static final int FEWEST_STEPS = 20;
  private static final Path WEIGHTS = Path.of("checkpoints/openai-vit-b-32/ViT-B-32.pt");

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

  /// @param data a folder of class folders (or of train/ and val/ with these), a folder with a
  ///   metadata.jsonl, a CSV, TSV or JSONL
  /// @param name names the run's folder
  /// @throws DataException when nothing can be made of the data
  public static Scaffold of(Path data, String name) throws DataException {
    NewData guessed = NewData.of(data);
    SideSettings settings = settings(guessed, name, Amount.of(BATCH));
    Source train = Sources.open(settings.train(), new ImageDecoder());
    ClassWords words = words(guessed, train, settings.validation());
    NewData complete = guessed.named(words).heldOut(train.size()).noting(train.notes());
    return new Scaffold(
        yaml(complete, name, new Amount(train.size(), learned(complete, name, train))),
        complete.reasons());
  }

  /// Samples of the data.
  ///
  /// @param all that were found to train on
  /// @param learned what is left of them when some are held out
  private record Amount(long all, long learned) {
    static Amount of(long samples) {
      return new Amount(samples, samples);
    }

    long batch() {
      return Math.min(BATCH, Math.max(2, learned));
    }

    long steps() {
      return Math.max(FEWEST_STEPS, EPOCHS * learned / batch());
    }

    @Override
    public String toString() {
      String samples =
          learned == all
              ? "%d samples".formatted(all)
              : "%d of %d samples to learn from".formatted(learned, all);
      return "%s, about %d epochs"
          .formatted(samples, Math.round(1.0 * steps() * batch() / learned));
    }
  }

  private static long learned(NewData complete, String name, Source train) throws DataException {
    return settings(complete, name, Amount.of(train.size())).validation().orElse(null)
            instanceof SplitSettings split
        ? new Split(split).of(DataSets.TRAIN, train).train().size()
        : train.size();
  }

  private static SideSettings settings(NewData data, String name, Amount samples) {
    return Binder.bind(
            RecipeFile.parse(Path.of(name), yaml(data, name, samples), List.of(), Map.of()),
            Training.class)
        .data();
  }

  /// What captions and prompts are to say of the classes of all parts.
  private static ClassWords words(NewData data, Source train, Optional<SourceSettings> validation)
      throws DataException {
    Set<String> labels = new LinkedHashSet<>(train.classTexts().keySet());
    if (validation.isPresent()) {
      labels.addAll(Sources.open(validation.get(), new ImageDecoder()).classTexts().keySet());
    }
    return ClassWords.of(data.place(), labels);
  }

  private static String yaml(NewData data, String name, Amount samples) {
    long length = samples.steps();
    boolean weights = Files.isRegularFile(WEIGHTS);
    StringBuilder yaml = new StringBuilder();
    yaml.append("# yaml-language-server: $schema=recipe.schema.json\n");
    yaml.append("# (eosin schema --out recipe.schema.json: completion and checks in an editor)\n");
    yaml.append("# Made by eosin new; what it guessed, and why:\n");
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
    yaml.append("data:\n  train: ").append(data.train().yaml()).append('\n');
    data.validation()
        .ifPresent(part -> yaml.append("  validation: ").append(part.yaml()).append('\n'));
    yaml.append("  image:  # tiles have no left and no top\n");
    yaml.append(
        "    { size: %s, crop-scale: [0.9, 1.0], flip-horizontal: true, flip-vertical: true }%n"
            .formatted(weights ? "224 px" : "64 px"));
    yaml.append("  text: { tokenizer: { type: clip-bpe }, length: 77 }\n");
    yaml.append("batch: { global: %d }%n".formatted(samples.batch()));
    yaml.append(loss(data));
    yaml.append(
        "optimizer: { type: adamw, lr: %s, betas: [0.9, 0.98], eps: 1.0e-6, weight-decay: 0.2 }%n"
            .formatted(weights ? "5.0e-5" : "5.0e-4"));
    yaml.append(
        "schedule: { type: cosine, warmup: 5 %%, length: %d steps }  # %s%n"
            .formatted(length, samples));
    yaml.append("precision: auto\n")
        .append(evaluations(data, samples.all(), Math.max(10, length / 10)));
    yaml.append(
        "output: { dir: %s, checkpoint-every: %d steps, keep: 2 }%n"
            .formatted(NewData.quoted("runs/" + name), Math.max(10, length / 10)));
    return yaml.toString();
  }

  private static String loss(NewData data) {
    return data.captioned()
        ? ""
        : """
        # Samples of a class have the same captions: none of them is a wrong answer to another.
        loss: { type: contrastive, positives: equal-captions }
        """;
  }

  private static String evaluations(NewData data, long samples, long every) {
    boolean held = data.validation().isPresent();
    if (!held && !data.labelled()) {
      return "# No label and no split column: nothing is measured but the loss.\n";
    }
    StringBuilder yaml = new StringBuilder("evaluate:\n");
    if (data.labelled()) {
      yaml.append(
          held
              ? ""
              : "  # On the training data, so too good: %s.%n"
                  .formatted(data.tooFew(samples).orElse("nothing is held out")));
      yaml.append(
          "  - { type: zero-shot, name: tiles, data: %s, prompts: %s, every: %d steps }%n"
              .formatted(held ? "validation" : "train", NewData.PROMPTS, every));
    }
    if (held) {
      yaml.append("  - { type: validation, name: pairs, every: %d steps }%n".formatted(every));
    }
    return yaml.toString();
  }
}
