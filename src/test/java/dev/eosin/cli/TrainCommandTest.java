package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.cli.terminal.BuildVersion;
import dev.eosin.cli.terminal.ExitCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `eosin train` from the command line to the files it leaves.
class TrainCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  @Test
  void aDryRunShowsTheFirstBatchAndTheModelAndTrainsNothing() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    assertThat(tiny.eosin("train", "--dry-run")).as(tiny.err()).isZero();
    // A block has 12,704. Image: patches 6,144, class token 32, 17 positions, two norms of 64, a
    // projection of 512. Text: 49,408 tokens of 32, 16 positions, a norm, a projection.
    assertThat(tiny.out())
        .contains("1,614,913 parameters: image tower 20,064, text tower 1,594,848")
        .contains("1,614,913 trainable")
        .contains("train: 24 samples, 9 classes", "validation: 24 samples, 9 classes")
        .contains("length    2 steps of 8 rows: 0.67 times through the data")
        .contains("images [8, 3, 32, 32], ids [8, 16], longest caption ")
        .containsPattern("captions  of the first 24, [0-9.]+ % are cut to 16 ids and 0.0 % lose")
        .contains("tiles: 24 tiles, 9 classes, prompts per class 1, first 'An H&E image of ")
        .contains("Nothing was trained.");
    Path sheet = tiny.run.resolve("dry-run.png");
    assertThat(ImageIO.read(sheet.toFile()).getWidth()).isGreaterThan(8 * 32);
    Path page = tiny.run.resolve("dry-run.html");
    assertThat(Files.readString(page))
        .contains("<img alt=\"", "An H&amp;E image of", "<del title=\"cut\">", "ids [8, 16]");
    assertThat(files(tiny.run)).containsExactlyInAnyOrder(sheet, page);
  }

  @Test
  void pixelsBeyondTheLastWholePatchAreNamedAtTheStart() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    String note = "a patch has 8 px: 1 px at the right and 1 px at the bottom of every image are";
    assertThat(tiny.eosin("train", "--dry-run", "data.image.size=33 px")).as(tiny.err()).isZero();
    assertThat(tiny.out()).contains(note);
    assertThat(tiny.eosin("train", "data.image.size=33 px")).as(tiny.err()).isZero();
    assertThat(tiny.err()).contains(note);
  }

  @Test
  void weightsAreLookedAtBeforeTheData() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    String data = "data.train={type: csv, path: no.csv, columns: {image: file, caption: text}}";
    for (String weights :
        List.of(
            "model.weights={type: open-clip, path: absent.safetensors}",
            "loss={type: contrastive, distillation: {teacher: {config: %s, weights: {type: open-clip, path: absent.safetensors}}}}"
                .formatted(folder.resolve("model.json")))) {
      assertThat(tiny.eosin("train", "--dry-run", data, weights)).isEqualTo(ExitCode.DATA);
      assertThat(tiny.eosin("train", data, weights)).isEqualTo(ExitCode.DATA);
      assertThat(tiny.eosin("overfit", data, weights)).isEqualTo(ExitCode.DATA);
    }
    assertThat(tiny.err()).contains("absent.safetensors").doesNotContain("no.csv");
  }

  /// The problem is found long after the recipe was read.
  @Test
  void weightsOfAnotherArchitectureNameTheLineOfTheRecipe() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    String model = Files.readString(folder.resolve("model.json"));
    Path other = folder.resolve("other.json");
    Files.writeString(other, model.replace("\"embed_dim\": 16", "\"embed_dim\": 24"));
    Path weights = Files.createDirectories(folder.resolve("weights"));
    Files.writeString(
        weights.resolve("open_clip_config.json"), "{\"model_cfg\": %s}".formatted(model));
    Files.createFile(weights.resolve("open_clip_model.safetensors"));
    String named = "model.weights={type: open-clip, path: %s}".formatted(weights);
    assertThat(tiny.eosin("train", "--dry-run", named, "model.config=" + other))
        .isEqualTo(ExitCode.USAGE);
    assertThat(tiny.err())
        .contains(tiny.recipe + ": 1 problem", "override  model.config", "embedding size 16");
    tiny.with("model.json", "other.json");
    assertThat(tiny.eosin("train", "--dry-run", named)).isEqualTo(ExitCode.USAGE);
    assertThat(tiny.err()).contains("\n  line 4  model.config  ");
  }

  @Test
  void aPlanListsTheMemoryAndTouchesNothing() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    assertThat(tiny.eosin("train", "--plan")).as(tiny.err()).isZero();
    assertThat(tiny.out())
        .containsPattern("parameters +6.2 MiB")
        .containsPattern("optimiser +12.3 MiB")
        .containsPattern("image tower .* 8 rows of 17 tokens; 1 x .*one token")
        .containsPattern("total +[0-9.]+ MiB  of one process, within 15 %")
        .containsPattern("share +[0-9.]+%  of this machine's ")
        .contains("Nothing was trained.");
    assertThat(tiny.run).doesNotExist();
  }

  @Test
  void aBatchLargerThanTheDataIsNamed() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    assertThat(tiny.eosin("train", "--dry-run", "batch.global=25")).as(tiny.err()).isZero();
    assertThat(tiny.out()).contains("data.train has 24 samples and batch.global is 25: ");
  }

  @Test
  void oneRehearsalAtATime() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    assertThat(tiny.eosin("train", "--smoke", "--dry-run")).isEqualTo(ExitCode.USAGE);
    assertThat(tiny.err()).contains("choose one of --dry-run, --plan, --profile and --smoke");
  }

  @Test
  void aRunFolderBelowAFileIsRefusedWithTheReason() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    assertThat(tiny.eosin("train", "output.dir=" + tiny.recipe.resolve("run")))
        .isEqualTo(ExitCode.DATA);
    assertThat(tiny.err()).contains("the run folder cannot be used: ", "Not a directory");
  }

  @Test
  void aRunThatCannotFitIsNotStarted() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    String pairs = "batch.global=500000";
    String tokens = "data.text.length=4000"; // terabytes
    assertThat(tiny.eosin("train", "--plan", pairs, tokens)).isEqualTo(ExitCode.OTHER);
    assertThat(tiny.err()).contains("this recipe needs ", "batch.micro: ", " would need ");
    assertThat(tiny.eosin("train", pairs, tokens)).isEqualTo(ExitCode.OTHER);
    assertThat(tiny.err()).contains("compute.memory-check: skip");
  }

  @Test
  void trainingLeavesALogCheckpointsAndAModel() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    assertThat(tiny.eosin("train")).as(tiny.err()).isZero();
    List<JsonNode> rows = log(tiny);
    assertThat(rows.stream().map(TrainCommandTest::kind))
        .containsExactly("0 tiles", "0 pairs", "1", "2", "2 tiles", "2 pairs");
    assertThat(rows.get(2).fieldNames())
        .toIterable()
        .containsExactly(
            "step",
            "loss",
            "lr",
            "grad_norm",
            "logit_scale",
            "images_per_s",
            "data_wait",
            "samples",
            "ranks",
            "truncated",
            "sampled",
            "time");
    assertThat(rows.get(3).get("samples").asInt()).isEqualTo(16);
    assertThat(rows.get(0).has("zero_shot_top1")).isTrue();
    assertThat(rows.get(0).has("zero_shot_balanced_accuracy")).isTrue();
    assertThat(tiny.run.resolve("final"))
        .isDirectoryContaining("glob:**/model.safetensors")
        .isDirectoryContaining("glob:**/config.json")
        .isDirectoryContaining("glob:**/open_clip_model.safetensors")
        .isDirectoryContaining("glob:**/open_clip_config.json")
        .isDirectoryContaining("glob:**/preprocessor_config.json");
    assertThat(tiny.run.resolve("recipe.yaml")).content().contains("kind: clip");
    List<Path> events = files(tiny.run.resolve("tensorboard"));
    assertThat(events).hasSize(1);
    assertThat(Files.readString(events.getFirst(), StandardCharsets.ISO_8859_1))
        .as("curves, the recipe and one picture of tiles")
        .contains("train/loss", "recipe", "kind: clip")
        .containsOnlyOnce("PNG\r\n");
  }

  @Test
  void aMixtureWithASplitAndSampledSentencesTrains() throws IOException {
    TinyRecipe tiny =
        TinyRecipe.in(folder)
            .with(
                "train: { type: synthetic, samples: 24, tile: 32 px }",
                """
                train:
                      type: mixture
                      epoch: 30 samples
                      parts:
                        - { name: a, weight: 2, source: { type: synthetic, samples: 24, tile: 32 px } }
                        - { name: b, weight: 1, source: { type: synthetic, samples: 90, tile: 32 px, split: validation } }
                  train-order: { groups: spread }
                """
                    .strip())
            .with(
                "validation: { type: synthetic, samples: 24, split: validation, tile: 32 px }",
                "validation: { type: split, by: sample, share: 30 % }")
            .with("text: { length: 16 }", "text: { length: 16, over-length: sentence-sampling }");
    assertThat(tiny.eosin("train", "--dry-run")).as(tiny.err()).isZero();
    assertThat(tiny.out())
        .contains("note      data.train: a: 20 of the 30 samples of an epoch, ")
        .contains("note      data.train: b: 10 of the 30 samples of an epoch, ")
        .containsPattern("data.validation: [0-9]+ of 114 samples .* are held out of data.train");
    assertThat(tiny.eosin("train")).as(tiny.err()).isZero();
    assertThat(log(tiny)).hasSize(6);
    assertThat(tiny.eosin("train", "batch.global=64", "--fresh")).isEqualTo(ExitCode.DATA);
    assertThat(tiny.err()).contains("an epoch has 30 and batch.global is 64");
  }

  @Test
  void aProfileTimesEveryKernelOfTheStepsAndChangesNoWeight() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder).with("length: 2 steps", "length: 6 steps");
    assertThat(tiny.eosin("train", "--profile", "2", "evaluate=[]")).as(tiny.err()).isZero();
    assertThat(tiny.err())
        .contains("2 steps, ", "% of the time in kernels", "adamw", "optimiser")
        .contains("block_pooled_lean_backward", "grad of contrastive");
    JsonNode events = JSON.readTree(tiny.run.resolve("profile.json").toFile()).get("traceEvents");
    assertThat(events.findValuesAsText("name"))
        .contains("data", "forward", "backward", "optimiser", "adamw", "gradient_norm");
    Path plain = folder.resolve("plain");
    assertThat(tiny.eosin("train", "evaluate=[]", "output.dir=" + plain)).as(tiny.err()).isZero();
    assertThat(tiny.run.resolve("final/model.safetensors"))
        .hasSameBinaryContentAs(plain.resolve("final/model.safetensors"));
    assertThat(plain.resolve("profile.json")).doesNotExist();
  }

  @Test
  void aFinishedRunIsLeftAsItIs() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    assertThat(tiny.eosin("train", "evaluate=[]")).as(tiny.err()).isZero();
    String log = Files.readString(tiny.run.resolve("log.jsonl"));
    assertThat(tiny.eosin("train", "evaluate=[]")).isZero();
    assertThat(tiny.err()).contains("is finished; nothing was changed");
    assertThat(tiny.run.resolve("log.jsonl")).hasContent(log);
  }

  @Test
  void aRunSaysWhoBeganItWhereAndHow() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    assertThat(tiny.eosin("train", "evaluate=[]")).as(tiny.err()).isZero();
    List<String> starts = Files.readAllLines(tiny.run.resolve("starts.jsonl"));
    assertThat(starts).hasSize(1);
    JsonNode start = new ObjectMapper().readTree(starts.getFirst());
    assertThat(start.path("eosin").asText()).isEqualTo(BuildVersion.current());
    assertThat(start.path("host").asText()).isNotBlank();
    assertThat(start.path("command"))
        .extracting(JsonNode::asText)
        .containsExactly("train", tiny.recipe.toString(), "evaluate=[]");
    // A run that is finished is not begun again.
    assertThat(tiny.eosin("train", "evaluate=[]")).isZero();
    assertThat(tiny.run.resolve("starts.jsonl")).content().hasLineCount(1);
  }

  @Test
  void aRunGoesOnOnlyWithTheRecipeItWasStartedWith() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    assertThat(tiny.eosin("train", "evaluate=[]")).as(tiny.err()).isZero();
    assertThat(tiny.eosin("train", "evaluate=[]", "optimizer.lr=2.0e-3", "output.keep=2"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(tiny.err()).contains("optimizer.lr", "0.001", "0.002", "--fresh");
  }

  @Test
  void aWrongRecipeIsRefusedWithEveryProblemAndNothingIsWritten() throws IOException {
    TinyRecipe tiny =
        TinyRecipe.in(folder).with("warmup: 50 %", "warmpu: 50 %").with("2 steps }", "2 }");
    assertThat(tiny.eosin("train", "batch.global=many")).isEqualTo(ExitCode.USAGE);
    assertThat(tiny.err())
        .contains("problems, nothing was started")
        .contains("override", "batch.global", "'many'")
        .contains("schedule.warmpu", "did you mean 'warmup'?")
        .contains("line ");
    assertThat(tiny.run).doesNotExist();
  }

  @Test
  void missingDataIsNamed() throws IOException {
    TinyRecipe tiny =
        TinyRecipe.in(folder)
            .with(
                "train: { type: synthetic, samples: 24, tile: 32 px }",
                "train: { type: folder, path: /nowhere, templates: [\"{}\"] }");
    assertThat(tiny.eosin("train", "--dry-run")).isEqualTo(ExitCode.DATA);
    assertThat(tiny.err()).startsWith("eosin: ").contains("/nowhere").hasLineCount(1);
  }

  @Test
  void missingWeightsAreFoundByADryRun() throws IOException {
    TinyRecipe tiny =
        TinyRecipe.in(folder)
            .with("{ type: random }", "{ type: open-clip, path: /nowhere.safetensors }");
    assertThat(tiny.eosin("train", "--dry-run")).isEqualTo(ExitCode.DATA);
    assertThat(tiny.err()).contains("/nowhere.safetensors").hasLineCount(1);
  }

  private static List<JsonNode> log(TinyRecipe tiny) throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    for (String line : Files.readAllLines(tiny.run.resolve("log.jsonl"))) {
      rows.add(JSON.readTree(line));
    }
    return rows;
  }

  private static String kind(JsonNode row) {
    return row.get("step").asText() + (row.has("eval") ? " " + row.get("eval").asText() : "");
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }
}
