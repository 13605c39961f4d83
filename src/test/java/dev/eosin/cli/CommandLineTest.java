package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.config.DataException;
import dev.eosin.config.MachineException;
import dev.eosin.config.Problem;
import dev.eosin.config.RecipeException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// Exit codes and what the user reads, without a process.
class CommandLineTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  /// The list shows what comes first of a description.
  @Test
  void everyDescriptionBeginsWithAWholeSentence() {
    assertThat(descriptions(Main.commandLine()))
        .hasSizeGreaterThan(20)
        .allMatch(s -> s.endsWith("."));
  }

  private static Stream<String> descriptions(CommandLine command) {
    return Stream.concat(
        Stream.of(command.getCommandSpec().usageMessage().description()[0]),
        command.getSubcommands().values().stream()
            .filter(sub -> !sub.getCommandSpec().usageMessage().hidden())
            .filter(sub -> !sub.getCommandName().equals("help"))
            .flatMap(CommandLineTest::descriptions));
  }

  @Test
  void helpListsTheCommandsAndTheExitCodes() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString()).contains("info", "test", "completion", "Exit codes", "143");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void anUnknownCommandIsAUsageErrorThatNamesTheNearestOne() {
    assertThat(run("inof")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("inof", "info").doesNotContain("\tat ");
  }

  @Test
  void aFaultyRecipeNamesEveryProblemAndStartsNothing() {
    String recipe = "recipes/clip/quickstart.yaml";
    assertThat(run("train", recipe, "batch.global=many", "schedule.warmpu=3 %"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err.toString())
        .contains("2 problems, nothing was started", "batch.global", "'warmup'")
        .doesNotContain("\tat ");
  }

  @Test
  void aRecipeThatIsNotThereIsAMissingFile() {
    assertThat(run("train", "recipes/clip/quikstart.yaml")).isEqualTo(ExitCode.DATA);
    assertThat(err.toString()).contains("no such file; did you mean 'quickstart.yaml'?");
    assertThat(run("train", "recipes/clip")).isEqualTo(ExitCode.DATA);
    assertThat(err.toString()).contains("is a folder; expected a YAML file");
  }

  /// Before the model, the recipe's data or anything else that takes long is looked at.
  @Test
  void whereResultsCannotGoIsToldFirst(@TempDir Path folder) throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    String below = file.resolve("out.parquet").toString();
    String recipe = "recipes/clip/quickstart.yaml";
    String absent = "data.train={ type: csv, path: absent.csv, columns: { image: a, caption: b } }";
    List<List<String>> commands =
        List.of(
            List.of("embed", "--model", "absent", "--images", "absent", "--out", below),
            List.of(
                "embed",
                "--model",
                "absent",
                "--images",
                "absent",
                "--layers",
                "all",
                "--out",
                below),
            List.of("export", "absent", "--to", "onnx", "--out", below),
            List.of("export", "absent", "--to", "hugging-face", "--out", below),
            List.of("train", recipe, "--dry-run", absent, "output.dir=" + below),
            List.of("data", "stats", recipe, absent, "--json", below),
            List.of("data", "export", recipe, absent, "--split", "train", "--out", below),
            List.of("data", "pack", recipe, absent, "--split", "train", "--out", below),
            List.of("data", "sheet", recipe, absent, "--split", "train", "--out", below));
    for (List<String> command : commands) {
      err.getBuffer().setLength(0);
      assertThat(run(command.toArray(String[]::new)))
          .as(command + ": " + err)
          .isEqualTo(ExitCode.DATA);
      assertThat(err.toString())
          .as(String.join(" ", command))
          .contains("cannot be written: %s is a file, not a folder".formatted(file))
          .doesNotContain("absent");
    }
  }

  @Test
  void wordsToChooseFromAreListedInOneSpelling() {
    assertThat(run("convert", "a", "b", "--to", "onnyx")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString())
        .contains("'onnyx' is not one of open-clip, hugging-face, eosin")
        .doesNotContain("HUGGING_FACE");
    assertThat(run("convert", "absent", "b", "--to", "HUGGING_FACE")).isEqualTo(ExitCode.DATA);
    assertThat(run("convert", "absent", "b", "--to", "hugging-face")).isEqualTo(ExitCode.DATA);
  }

  @Test
  void theSchemaIsJson() throws IOException {
    assertThat(run("schema")).isZero();
    assertThat(new ObjectMapper().readTree(out.toString()).has("$schema")).isTrue();
  }

  @Test
  void theSchemaAndTheReferenceAreWrittenToFiles(@TempDir Path folder) throws IOException {
    Path schema = folder.resolve("recipe.schema.json");
    assertThat(run("schema", "--out", schema.toString())).isZero();
    assertThat(new ObjectMapper().readTree(schema.toFile()).has("$schema")).isTrue();
    Path page = Files.writeString(folder.resolve("recipes.md"), "# By hand\n");
    assertThat(run("schema", "--markdown", "--out", page.toString())).isZero();
    String written = Files.readString(page);
    assertThat(written).startsWith("# By hand\n").contains("## `kind: clip`");
    assertThat(run("schema", "--markdown", "--out", page.toString())).isZero();
    assertThat(page).hasContent(written);
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void aSplitIsWrittenForOtherTools(@TempDir Path folder) {
    String out = folder.resolve("tiles").toString();
    String recipe = "recipes/clip/quickstart.yaml";
    String few = "data.validation.samples=9";
    assertThat(run("data", "export", recipe, few, "--split", "validation", "--out", out)).isZero();
    assertThat(folder.resolve("tiles/labels.csv")).exists();
    assertThat(run("data", "export", recipe, few, "--split", "validation", "--out", out))
        .isEqualTo(ExitCode.DATA);
  }

  @Test
  void anOpenClipCommandLineBecomesARecipeThatRuns(@TempDir Path folder) throws IOException {
    Path recipe = folder.resolve("mine.yaml");
    String line =
        "python -m open_clip_train.main --dataset-type synthetic --train-num-samples 64"
            + " --model ViT-S-32 --batch-size 16 --epochs 1 --warmup 1 --precision fp32 --logs "
            + folder;
    assertThat(run("import-args", line, "--out", recipe.toString())).isZero();
    assertThat(err.toString()).isEmpty();
    assertThat(out.toString()).contains(recipe + " is written; next: eosin train " + recipe);
    assertThat(run("train", recipe.toString(), "--dry-run")).isZero();
    assertThat(out.toString()).contains("64 samples");
    assertThat(run("import-args", line, "--out", recipe.toString())).isEqualTo(ExitCode.DATA);
    assertThat(err.toString()).contains("is not overwritten");
    Path script = Files.writeString(folder.resolve("train.sh"), line + " --resume latest\n");
    assertThat(run("import-args", "--file", script.toString())).isZero();
    assertThat(err.toString())
        .contains("open: --resume latest: a run goes on from its own checkpoints");
    assertThat(run("import-args", "--", "--model", "ViT-B-32", "--lr", "fast"))
        .isEqualTo(ExitCode.USAGE);
  }

  /// As bash calls it: of a command that is a path it takes the rule for what follows the last `/`.
  @Test
  void bashCompletesTheCommandAsItIsCalled(@TempDir Path folder) throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "completion is bash's; install bash");
    assertThat(run("completion")).isZero();
    Path script = Files.writeString(folder.resolve("eosin.sh"), out.toString());
    String asked =
        """
        source "$0"
        complete -p eosin >/dev/null || exit 1
        for line in "./eosin insp" "/opt/eosin inspect --te" "eosin data st"; do
          COMP_WORDS=($line) COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()
          _complete_eosin 2>/dev/null
          echo "${COMPREPLY[*]}"
        done
        """;
    Process bash =
        new ProcessBuilder("/bin/bash", "-c", asked, script.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo("inspect\n--tensors\nstats\n");
    assertThat(bash.waitFor()).isZero();
  }

  @Test
  void completionKnowsTheCommands() {
    assertThat(run("completion")).isZero();
    assertThat(out.toString()).contains("complete", "info");
  }

  @Test
  void completionTakesTheShellsName() {
    assertThat(run("completion")).isZero();
    String script = out.toString();
    assertThat(run("completion", "zsh")).isZero();
    assertThat(out.toString()).isEqualTo(script + script);
    assertThat(run("completion", "fish")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("'fish'").containsIgnoringCase("bash");
  }

  @Test
  void aFailureEndsWithItsCodeAndOneMessage() {
    assertThat(failing(new RecipeException(Path.of("a.yaml"), List.<Problem>of())))
        .isEqualTo(ExitCode.USAGE);
    assertThat(failing(new DataException("a.csv: no column 'x'"))).isEqualTo(ExitCode.DATA);
    assertThat(failing(new MachineException("no GPU"))).isEqualTo(ExitCode.OTHER);
    assertThat(err.toString())
        .contains("eosin: a.csv: no column 'x'\n", "eosin: no GPU\n")
        .doesNotContain("\tat ", "Exception");
  }

  @Test
  void aBarePathIsExplained() {
    IOException missing = new NoSuchFileException("model.safetensors");
    assertThat(failing(new UncheckedIOException(missing))).isEqualTo(ExitCode.DATA);
    assertThat(err.toString()).isEqualTo("eosin: model.safetensors: no such file or folder\n");
  }

  @Test
  void everyEnumOfEveryCommandIsReadAndListedInSmallLetters() {
    assertThat(run("export", "a", "--out", "b", "--to", "onxx")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString())
        .contains(
            "'onxx' is not one of onnx, hugging-face, open-clip, eosin; did you mean 'onnx'?");
    assertThat(run("export", "a", "--out", "b", "--to", "onnx", "--precision", "fp8"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("'fp8' is not one of fp32, fp16, int8\n");
  }

  private static CommandLine runs(CommandLine whole) {
    return Objects.requireNonNull(whole.getSubcommands().get("runs"));
  }

  @Test
  void theShortListOfCommandsIsTheWholeOne() {
    assertThat(help(Main.commandLine(List.of("--help"))))
        .isEqualTo(help(Main.commandLine()))
        .contains("runs", "doctor");
    assertThat(Main.commandLine(List.of("runs", "x")).getSubcommands()).containsOnlyKeys("runs");
    assertThat(help(runs(Main.commandLine(List.of("runs", "x")))))
        .isEqualTo(help(runs(Main.commandLine())));
    assertThat(Main.commandLine(List.of("rnus")).getSubcommands()).hasSizeGreaterThan(30);
    assertThat(Main.commandLine(List.of("completion")).getSubcommands()).hasSizeGreaterThan(30);
  }

  private static String help(CommandLine command) {
    return command.getUsageMessage(CommandLine.Help.Ansi.OFF);
  }

  @Test
  void aBugSaysWhereItsStackTraceIsAndDebugPrintsIt() {
    assertThat(failing(new IllegalStateException("odd"))).isEqualTo(ExitCode.OTHER);
    assertThat(err.toString()).contains("internal error", "odd", ".log").doesNotContain("\tat ");
    assertThat(failing(new IllegalStateException("odd"), "--debug")).isEqualTo(ExitCode.OTHER);
    assertThat(err.toString()).contains("\tat ");
  }

  private int run(String... arguments) {
    return execute(Main.commandLine(), arguments);
  }

  private int failing(Exception failure, String... options) {
    CommandLine command = Main.commandLine().addSubcommand("fail", new Failing(failure));
    return options.length == 0 ? execute(command, "fail") : execute(command, options[0], "fail");
  }

  private int execute(CommandLine command, String... arguments) {
    return command
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  @Command
  private record Failing(Exception failure) implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
      throw failure;
    }
  }
}
