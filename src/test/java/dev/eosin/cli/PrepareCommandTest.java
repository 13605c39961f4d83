package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.eosin.cli.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrepareCommandTest {
  private static final int SIGTERM = 143;
  private static final int MANY = 60_000;
  private static final long LONGEST_WAIT_SECONDS = 120;

  @TempDir private Path home;
  private Path table;
  private Path recipe;
  private Path out;

  @BeforeEach
  void write() throws IOException {
    table = home.resolve("table.jsonl");
    recipe = home.resolve("pairs.yaml");
    out = home.resolve("out");
    Files.writeString(
        table,
        """
        {"name": "a", "tile": "a.png", "text": "Tumour &amp; stroma."}
        {"name": "b", "tile": "b.png", "text": "Necrosis"}
        {"name": "c", "tile": "a.png", "text": "Tumour & stroma."}
        """);
    Files.writeString(
        recipe,
        """
        kind: pairs
        seed: 1
        pairs: { path: "%s", key: name, image: tile, caption: text, min-words: 2 }
        output: { dir: "%s" }
        """
            .formatted(table, out));
  }

  @Test
  void aTableIsCuratedAndTheFunnelPrinted() throws IOException {
    CommandRun run = CommandRun.of("prepare", recipe);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .isEqualTo(
            """
            rows 3
            rejected no-image 0
            rejected empty-caption 0
            rejected too-short 1
            rejected too-long 0
            rejected duplicate 1
            rejected failed 0
            kept 1
            """);
    assertThat(run.err())
        .contains("row 3/3  100 %  rejected 1  failed 0")
        .endsWith("finished; the results are in " + out + "\n");
    assertThat(out.resolve("pairs.jsonl"))
        .hasContent("{\"name\":\"a\",\"tile\":\"a.png\",\"text\":\"Tumour & stroma.\"}");
    assertThat(Files.readString(out.resolve("recipe.yaml"))).contains("max-words: 1000");
    CommandRun again = CommandRun.of("prepare", out.resolve("recipe.yaml"));
    assertThat(again.code()).isZero();
    assertThat(again.err()).contains(out + " is finished; nothing was changed");
  }

  @Test
  void aSpentBudgetEndsTheCommandAndALargerOneGoesOn() throws IOException {
    CommandRun spent = CommandRun.of("prepare", recipe, "work.budget.time=0 s");
    assertThat(spent.code()).isEqualTo(ExitCode.OTHER);
    assertThat(spent.err())
        .contains("budget.time: 0 s is spent")
        .contains("3 of 3 rows are open, the same command goes on");
    assertThat(out.resolve("pairs.jsonl")).doesNotExist();
    assertThat(CommandRun.of("prepare", recipe).code()).isZero();
  }

  @Test
  void otherSettingsThanThoseItBeganWithAreRefusedAndLeaveTheRecipe() throws IOException {
    assertThat(CommandRun.of("prepare", recipe).code()).isZero();
    String before = Files.readString(out.resolve("recipe.yaml"));
    CommandRun other = CommandRun.of("prepare", recipe, "pairs.min-words=1");
    assertThat(other.code()).isEqualTo(ExitCode.DATA);
    assertThat(other.err()).contains("pairs.min-words: it was '2', now it is '1'");
    assertThat(out.resolve("recipe.yaml")).hasContent(before);
  }

  /// As a kill leaves it: some of the ledger, and no results.
  @Test
  void aColumnThatChangedBetweenTwoStartsIsRefusedAndNothingIsLost() throws IOException {
    assertThat(CommandRun.of("prepare", recipe).code()).isZero();
    byte[] pairs = Files.readAllBytes(out.resolve("pairs.jsonl"));
    List<String> ledger = Files.readAllLines(out.resolve("ledger.jsonl"));
    String begun = String.join("\n", ledger.subList(0, 2)) + "\n";
    for (String name : List.of("pairs.jsonl", "rejects.jsonl", "funnel.json", "page.html")) {
      Files.delete(out.resolve(name));
    }
    Files.writeString(out.resolve("ledger.jsonl"), begun);
    String rows = Files.readString(table);

    for (String changed : List.of(rows.replace("text", "caption"), rows.replace("stroma", "fat"))) {
      Files.writeString(table, changed);
      CommandRun refused = CommandRun.of("prepare", recipe);
      assertThat(refused.code()).isEqualTo(ExitCode.DATA);
      assertThat(refused.err())
          .contains("ledger.jsonl: this preparation was begun otherwise; restore what it was")
          .contains("a key, a value or a column of the rows is another one");
      assertThat(out.resolve("ledger.jsonl")).hasContent(begun);
    }
    Files.writeString(table, rows);
    assertThat(CommandRun.of("prepare", recipe).code()).isZero();
    assertThat(out.resolve("pairs.jsonl")).hasBinaryContent(pairs);
  }

  @Test
  void sigtermStopsCleanlyAndTheSameCommandGoesOnToTheSameBytes() throws Exception {
    StringBuilder lines = new StringBuilder();
    for (int row = 0; row < MANY; row++) {
      lines.append(
          "{\"name\": %d, \"tile\": \"%d.png\", \"text\": \"Tile &#35;%d of a slide.\"}\n"
              .formatted(row, row % 50_000, row % 50_000));
    }
    Files.writeString(table, lines);
    Path messages = home.resolve("messages");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "prepare",
                recipe.toString())
            .redirectErrorStream(true)
            .redirectOutput(messages.toFile())
            .start();
    while (process.isAlive() && !Files.exists(out.resolve("ledger.jsonl"))) {
      Thread.sleep(1);
    }
    process.destroy();
    assertThat(process.waitFor(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(messages)).isEqualTo(SIGTERM);
    assertThat(Files.readString(messages))
        .contains("SIGTERM: stops after what is at work")
        .contains("of 60000 rows are open, the same command goes on");
    assertThat(out.resolve("funnel.json")).doesNotExist();

    assertThat(CommandRun.of("prepare", recipe).out())
        .startsWith("rows 60000\n")
        .endsWith("rejected duplicate 10000\nrejected failed 0\nkept 50000\n");
    Path whole = home.resolve("whole");
    assertThat(CommandRun.of("prepare", recipe, "output.dir=" + whole).code()).isZero();
    for (String name : List.of("pairs.jsonl", "rejects.jsonl", "funnel.json")) {
      assertThat(out.resolve(name)).hasSameBinaryContentAs(whole.resolve(name));
    }
  }

  @Test
  void aRecipeOfAnotherJobSaysWhichCommandRunsIt() {
    CommandRun training = CommandRun.of("train", recipe, "batch.global=8");
    assertThat(training.code()).isEqualTo(ExitCode.USAGE);
    assertThat(training.err())
        .contains("line 1")
        .contains("this command runs no such recipe; 'eosin prepare' does")
        .doesNotContain("batch");
    CommandRun prepared = CommandRun.of("prepare", "recipes/clip/quickstart.yaml");
    assertThat(prepared.code()).isEqualTo(ExitCode.USAGE);
    assertThat(prepared.err()).contains("this command runs no such recipe; 'eosin train' does");
  }

  @Test
  void instructionsAreMadeFromTheShippedTemplates() throws IOException {
    CommandRun run =
        CommandRun.of(
            "prepare",
            Path.of("data-prep/clover-instructions/templates.yaml"),
            "instructions.path=" + table,
            "instructions.key=name",
            "instructions.image=tile",
            "instructions.caption=text",
            "output.dir=" + out);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("rejected not-drawn 0\n", "kept 3\n");
    assertThat(Files.readAllLines(out.resolve("instructions.jsonl")))
        .hasSize(6)
        .first()
        .asString()
        .contains(
            "\"answer\":\"Tumour & stroma.\",\"path\":\"a.png\",\"key\":\"a\",\"way\":\"open\"");
  }

  /// The address is said to be missing before a row is read.
  @Test
  void whatIsAskedOfNoServiceIsRefused() {
    assumeTrue(
        System.getenv("EOSIN_LLM_BASE_URL") == null && System.getenv("OPENAI_BASE_URL") == null,
        "a service is named; unset EOSIN_LLM_BASE_URL and OPENAI_BASE_URL");
    CommandRun run =
        CommandRun.of(
            "prepare",
            Path.of("data-prep/clover-instructions/generation.yaml"),
            "instructions.path=" + table,
            "output.dir=" + out);
    assertThat(run.code()).isNotZero();
    assertThat(run.err()).contains("the environment has no EOSIN_LLM_BASE_URL");
    assertThat(out.resolve("ledger.jsonl")).doesNotExist();
  }
}
