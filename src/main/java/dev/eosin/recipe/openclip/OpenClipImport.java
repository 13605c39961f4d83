package dev.eosin.recipe.openclip;

import dev.eosin.config.Binder;
import dev.eosin.config.DataException;
import dev.eosin.config.Problem;
import dev.eosin.config.RecipeFile;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.settings.CsvSettings;
import dev.eosin.image.formats.ImageDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/// Turns an open_clip command line into a recipe. Nothing is dropped silently: what a recipe has
/// nothing for becomes an open point, at the top of the file and in `[#open()]`.
///
/// Source: open_clip 3.3.0 `open_clip_train/{params,main,data,scheduler}.py`.
public final class OpenClipImport {
  /// What `eosin train` would refuse of a recipe.
  public interface Refusals {
    /// @param yaml the recipe
    /// @return empty where it would begin, as far as the recipe alone tells
    List<Problem> of(String yaml);
  }

  private final OpenClipCommand command;
  private final List<String> open = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final StringBuilder yaml = new StringBuilder();
  private final OpenClipModel model;

  private OpenClipImport(OpenClipCommand command) {
    this.command = command;
    this.model = new OpenClipModel(command, open, notes);
  }

  /// A recipe and what was not translated.
  ///
  /// @param yaml the file
  /// @param open what changes the result and waits for the user, one line each
  public record Imported(String yaml, List<String> open) {
    public Imported {
      open = List.copyOf(open);
    }
  }

  /// @param written the command as the user wrote it, for the file's head
  /// @throws IllegalArgumentException when a flag's value is not of its kind
  public static Imported of(OpenClipCommand command, String written) {
    return of(command, written, yaml -> List.of());
  }

  /// As above; what `eosin train` would refuse of the recipe becomes an open point, too.
  public static Imported of(OpenClipCommand command, String written, Refusals refusals) {
    return new OpenClipImport(command).translate(written, refusals);
  }

  private Imported translate(String written, Refusals refusals) {
    open.addAll(command.unknown());
    for (String flag : command.flags().keySet()) {
      OpenClipFlags.missing(flag)
          .ifPresent(
              why ->
                  open.add(
                      "--%s %s: %s".formatted(flag, command.given(flag), why).replace(" :", ":")));
      OpenClipFlags.needless(flag)
          .ifPresent(why -> notes.add("--%s is not needed: %s".formatted(flag, why)));
    }
    if (command.processes() > 1) {
      notes.add(
          "the launcher's %1$d processes (--nproc_per_node and its like) become one: batch.global holds the pairs of all of them and one step sees them together, as open_clip's ranks do; where they do not fit at once, batch.micro says how many do; 'eosin train --ranks %1$d' trains on as many processes again"
              .formatted(command.processes()));
    }
    OptionalLong steps = stepsInAnEpoch();
    line("kind: clip");
    line("seed: %d", command.whole("seed"));
    line(
        "compute: { device: %s%s }",
        device(), command.has("grad-checkpointing") ? ", activations: recompute" : "");
    model.student().forEach(each -> line("%s", each));
    new OpenClipLocks(command, model.sizes(), notes).lock().ifPresent(each -> line("%s", each));
    data();
    batch();
    training(steps);
    evaluate(steps);
    output(steps);
    for (Problem problem : refusals.of(yaml.toString())) {
      if (open.stream().noneMatch(point -> point.contains(problem.key()))) {
        open.add("eosin train refuses %s: %s".formatted(problem.key(), problem.message()));
      }
    }
    return new Imported(head(written) + yaml, open);
  }

  private void line(String format, Object... values) {
    yaml.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private String head(String written) {
    StringBuilder head = new StringBuilder("# Made by eosin import-args from\n");
    written.lines().forEach(each -> head.append("#   ").append(each.strip()).append('\n'));
    head.append("# Values not given there are open_clip 3.3.0's defaults.\n");
    open.forEach(point -> head.append("# OPEN: ").append(point).append('\n'));
    notes.forEach(note -> head.append("# note: ").append(note).append('\n'));
    return head.toString();
  }

  private String device() {
    String device = command.value("device").orElse("");
    if (device.startsWith("cuda")) {
      return "auto";
    }
    if (!device.equals("cpu")) {
      open.add("--device %s: recipes have cpu and NVIDIA GPUs; cpu is taken".formatted(device));
    }
    return "cpu";
  }

  private void data() {
    line("data:");
    line("  train: %s", source("train-data"));
    if (command.has("val-data")) {
      line("  validation: %s", source("val-data"));
    }
    line("  image: { %s }", new OpenClipImage(command, open, notes).settings());
    line(
        "  text: { tokenizer: { type: clip-bpe }, length: %s, over-length: truncate }",
        command.value("force-context-length").orElse("77"));
  }

  private String type(String flag) {
    String type = command.value("dataset-type").orElse("");
    String path = command.value(flag).orElse("");
    if (!type.equals("auto")) {
      return type;
    }
    return path.endsWith(".tar") ? "webdataset" : "csv";
  }

  private String source(String flag) {
    String path = command.value(flag).orElse("");
    if (type(flag).equals("synthetic")) {
      return "{ type: synthetic, samples: %s }"
          .formatted(command.value("train-num-samples").orElse("100"));
    }
    if (path.isEmpty()) {
      open.add(
          "--%s: is missing; write %s"
              .formatted(flag, flag.equals("train-data") ? "data.train" : "data.validation"));
    }
    if (type(flag).equals("webdataset")) {
      return "{ type: webdataset, path: %s }".formatted(quoted(path));
    }
    return "{ type: csv, " + csv(path) + " }";
  }

  private String csv(String path) {
    return "path: %s, separator: %s, images: ., columns: { image: %s, caption: %s }"
        .formatted(
            quoted(path),
            quoted(separator()),
            quoted(command.value("csv-img-key").orElse("")),
            quoted(command.value("csv-caption-key").orElse("")));
  }

  private String separator() {
    String given = command.value("csv-separator").orElse("");
    return given.equals("\\t") || given.equals("$\\t") ? "\t" : given;
  }

  private void batch() {
    if (globalBatch() == 1) {
      open.add(
          "--batch-size 1: one pair has nothing to be told apart from, and eosin train refuses"
              + " batch.global: 1; give at least 2");
    }
    line(
        "batch: { global: %d%s }  # --batch-size %d x --accum-freq %d x %d processes",
        globalBatch(),
        command.counting("accum-freq") > 1 ? ", micro: " + command.counting("batch-size") : "",
        command.counting("batch-size"),
        command.counting("accum-freq"),
        command.processes());
  }

  private long globalBatch() {
    try {
      return Math.multiplyExact(
          Math.multiplyExact(command.counting("batch-size"), command.counting("accum-freq")),
          command.processes());
    } catch (ArithmeticException tooMany) {
      throw new IllegalArgumentException("--batch-size: is too large", tooMany);
    }
  }

  /// Updates in one epoch as open_clip counts them; empty where the number of samples is not known.
  /// open_clip does not start then, and no more does the recipe: what counts epochs is left out.
  private OptionalLong stepsInAnEpoch() {
    OptionalLong samples = samples();
    if (samples.isEmpty()) {
      open.add(
          "--train-num-samples: is missing, and the samples cannot be counted here; schedule.length, schedule.cool-down, output.checkpoint-every and evaluate.0.every are left out, and eosin train asks for them; give --train-num-samples N, or write them: an epoch of N samples has N / %d steps, the run has %d epochs"
              .formatted(globalBatch(), command.whole("epochs")));
      return OptionalLong.empty();
    }
    long ranks = command.processes();
    long size = command.counting("batch-size");
    boolean shards = type("train-data").equals("webdataset");
    // Every worker reads as many batches of the shards as the others.
    long workers = Math.max(1, command.whole("workers"));
    long batches =
        shards
            ? Math.ceilDiv(Math.ceilDiv(samples.getAsLong(), size * ranks), workers) * workers
            : Math.ceilDiv(samples.getAsLong(), ranks) / size;
    return OptionalLong.of(Math.max(1, batches / command.counting("accum-freq")));
  }

  private OptionalLong samples() {
    if (command.has("train-num-samples")) {
      return OptionalLong.of(command.whole("train-num-samples"));
    }
    String path = command.value("train-data").orElse("");
    if (!type("train-data").equals("csv")
        || path.contains("$")
        || !Files.isRegularFile(Path.of(path))) {
      return OptionalLong.empty();
    }
    RecipeFile table =
        RecipeFile.parse(Path.of(path), "{ " + csv(path) + " }", List.of(), Map.of());
    CsvSettings settings = Binder.bind(table, CsvSettings.class);
    try {
      return OptionalLong.of(Sources.open(settings, new ImageDecoder()).size());
    } catch (DataException faulty) {
      open.add("--train-data: " + faulty.getMessage());
      return rows(settings);
    }
  }

  /// Images may lie on another machine: open_clip's length of a table is its number of rows.
  private static OptionalLong rows(CsvSettings table) {
    try {
      return OptionalLong.of(Sources.rows(table));
    } catch (DataException unreadable) {
      return OptionalLong.empty();
    }
  }

  private void training(OptionalLong stepsInAnEpoch) {
    model.teacher().ifPresent(each -> line("%s", each));
    if (command.has("siglip") && model.teacher().isEmpty()) {
      line("loss: { type: siglip }");
    }
    new OpenClipSchedule(command, stepsInAnEpoch, open, notes)
        .lines()
        .forEach(each -> line("%s", each));
    precision();
  }

  private void precision() {
    String precision = command.value("precision").orElse("");
    switch (precision) {
      case "fp32" -> line("precision: fp32");
      case "amp_bf16", "amp_bfloat16" -> line("precision: bf16");
      case "amp" -> line("precision: fp16");
      case "fp16", "pure_fp16" -> {
        open.add(
            "--precision %s: fp16 with fp32 masters and a loss scale is taken instead"
                .formatted(precision));
        line("precision: fp16");
      }
      default -> {
        open.add("--precision %s: bf16 with fp32 masters is taken instead".formatted(precision));
        line("precision: bf16");
      }
    }
  }

  private void evaluate(OptionalLong stepsInAnEpoch) {
    if (command.has("imagenet-val")) {
      open.add(
          "--imagenet-val %s: name your labelled tiles as data.validation and add { type: zero-shot, ... }"
              .formatted(command.given("imagenet-val")));
    }
    if (command.has("val-data")) {
      line("evaluate:");
      line(
          "  - { type: validation, name: pairs%s }",
          every("every", "val-frequency", stepsInAnEpoch));
    }
  }

  private String every(String key, String flag, OptionalLong stepsInAnEpoch) {
    return OpenClipSchedule.steps(
        key, OpenClipSchedule.epochs(Math.max(1, command.whole(flag)), stepsInAnEpoch));
  }

  private void output(OptionalLong stepsInAnEpoch) {
    String logs =
        command.has("logs") ? command.value("logs").orElse("runs").replaceAll("/+$", "") : "runs";
    String name = command.has("name") ? command.value("name").orElse("open-clip") : "open-clip";
    if (!command.has("delete-previous-checkpoint")) {
      notes.add("open_clip keeps every checkpoint; output.keep says how many of the newest stay");
    }
    line(
        "output: { dir: %s%s, keep: %d }",
        quoted(logs + "/" + name),
        every("checkpoint-every", "save-frequency", stepsInAnEpoch),
        command.has("delete-previous-checkpoint") ? 1 : 2);
    line("logging: { every: %d steps }", Math.max(1, command.whole("log-every-n-steps")));
  }

  /// A YAML scalar; `$NAME` of a shell becomes the `${NAME}` of recipes.
  static String quoted(String text) {
    String references = text.replaceAll("\\$([A-Za-z_][A-Za-z_0-9]*)", "\\${$1}");
    return "\""
        + references.replace("\\", "\\\\").replace("\"", "\\\"").replace("\t", "\\t")
        + "\"";
  }
}
