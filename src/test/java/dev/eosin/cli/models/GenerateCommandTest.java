package dev.eosin.cli.models;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.cli.CommandRun;
import dev.eosin.cli.Main;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.language.TinyLanguage;
import dev.eosin.language.rows.DialogueFormat;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GenerateCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path home;
  private Path model;

  @BeforeEach
  void model() throws IOException {
    model =
        TinyLanguage.llama(
            home.resolve("model"), Optional.of(new DialogueFormat("{text} =", " {text}")));
  }

  private CommandRun generate(Object... arguments) {
    List<Object> all = new ArrayList<>(List.of("generate", "--device", "cpu", "--threads", "1"));
    all.addAll(List.of("--model", model));
    all.addAll(Arrays.asList(arguments));
    return CommandRun.of(all.toArray());
  }

  private String said(Object... arguments) {
    CommandRun run = generate(arguments);
    assertThat(run.code()).as(run.err()).isZero();
    return run.out();
  }

  @Test
  void aPromptIsAnswered() throws IOException {
    String greedy = said("--prompt", "is the stain dark?", "--max-new-tokens", 12);
    assertThat(greedy).endsWith("\n").isNotEqualTo("\n");
    assertThat(said("--prompt", "is the stain dark?", "--max-new-tokens", 12, "--beams", 1))
        .isEqualTo(greedy);
    assertThat(said("--prompt", "is the stain dark?", "--max-new-tokens", 3))
        .isEqualTo(greedy.substring(0, Math.max(1, said3(greedy))) + "\n");
    // A run's folder stands for the model that it left.
    Path run = Files.createDirectories(home.resolve("run"));
    Files.writeString(run.resolve("recipe.yaml"), "kind: language\n");
    Files.move(model, run.resolve("final"));
    model = run;
    assertThat(said("--prompt", "is the stain dark?", "--max-new-tokens", 12)).isEqualTo(greedy);
  }

  /// Characters of the first three tokens, which begin what twelve say.
  private int said3(String greedy) {
    String three = said("--prompt", "is the stain dark?", "--max-new-tokens", 3).strip();
    assertThat(greedy.strip()).startsWith(three);
    return greedy.indexOf(three) + three.length();
  }

  @Test
  void theSearchIsChosen() {
    Object[] asked = {"--prompt", "tissue", "--max-new-tokens", 16};
    String greedy = said(asked);
    String drawn = said(with(asked, "--temperature", 3, "--top-k", 50, "--seed", 4));
    assertThat(said(with(asked, "--temperature", 3, "--top-k", 50, "--seed", 4))).isEqualTo(drawn);
    assertThat(said(with(asked, "--temperature", 3, "--top-k", 50, "--seed", 5)))
        .isNotEqualTo(drawn);
    assertThat(drawn).isNotEqualTo(greedy);
    assertThat(said(with(asked, "--top-k", 1))).isEqualTo(greedy);
    assertThat(said(with(asked, "--beams", 4))).isNotBlank();
    assertThat(said(with(asked, "--raw"))).isNotEqualTo(greedy);
    assertThat(said(with(asked, "--asks", "{text} ="))).isEqualTo(greedy);
    String stop = greedy.strip().substring(2, 4);
    assertThat(said(with(asked, "--stop", stop)).strip())
        .isEqualTo(greedy.strip().substring(0, greedy.strip().indexOf(stop)).strip());
  }

  private static Object[] with(Object[] first, Object... more) {
    List<Object> all = new ArrayList<>(Arrays.asList(first));
    all.addAll(Arrays.asList(more));
    return all.toArray();
  }

  /// The defaults of generation_config.json hold where nothing is chosen.
  @Test
  void theFoldersDefaultsHold() throws IOException {
    String greedy = said("--prompt", "tissue", "--max-new-tokens", 6);
    Files.writeString(
        model.resolve("generation_config.json"),
        "{\"do_sample\": true, \"temperature\": 4.0, \"top_k\": 0, \"max_new_tokens\": 6}");
    String drawn = said("--prompt", "tissue");
    assertThat(drawn).isNotEqualTo(greedy);
    assertThat(said("--prompt", "tissue", "--temperature", 4)).isEqualTo(drawn);
    assertThat(said("--prompt", "tissue", "--beams", 1)).isEqualTo(greedy);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "--batch 2 | either --prompt TEXT or --rows FILE is needed",
        "--prompt a --rows b --out c | either --prompt TEXT or --rows FILE is needed",
        "--rows b | --rows and --out go together",
        "--rows b --out c --image d.png | rows name theirs in the column image",
        "--prompt a --raw --asks x{text} | --raw with neither",
        "--prompt a --asks x | 'x' has no {text} where the words belong",
        "--prompt a --beams 2 --temperature 1 | are never drawn",
        "--prompt a --temperature 0 | temperature: 0.0; a number above 0",
        "--prompt a --max-new-tokens 0 | at least one is needed",
        "--prompt a --repetition-penalty 0 | repetition-penalty: 0.0",
      })
  void whatDoesNotGoTogetherIsWrongUsage(String arguments, String message) {
    CommandRun run = generate((Object[]) arguments.strip().split(" +"));
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains(message);
  }

  @Test
  void aPictureIsRefusedWhereTheModelSeesNone() {
    CommandRun run = generate("--prompt", "what is it?", "--image", "tile.png");
    assertThat(run.code()).isEqualTo(ExitCode.DATA);
    assertThat(run.err()).contains("is a model of text alone and cannot see tile.png");
  }

  @Test
  void aPromptThatFillsTheContextIsRefused() {
    CommandRun run = generate("--prompt", "组织".repeat(40));
    assertThat(run.code()).isEqualTo(ExitCode.DATA);
    assertThat(run.err()).contains("the prompt: the question alone has", "reads 64 in all");
  }

  private Path table() throws IOException {
    return Files.writeString(
        home.resolve("rows.jsonl"),
        """
        {"id": "a", "question": "is the stain dark?", "answer": "yes", "image": "none.png"}
        {"id": "b", "question": "tissue?", "fact": "tissue", "group": "s1"}
        {"question": "which one?", "options": ["adipose", "dark"], "other": 1}
        {"id": 7, "question": "组织?", "answer": "组"}
        """);
  }

  private static List<JsonNode> lines(Path file) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  /// What a killed command leaves, with an answer that was not written to its end, is gone on with;
  /// the file is then that of a command that was never killed.
  @Test
  void rowsAreAnsweredAndGoneOnWith() throws IOException {
    Path out = home.resolve("answers.jsonl");
    Object[] command = {"--rows", table(), "--out", out, "--batch", 2, "--max-new-tokens", 5};
    CommandRun whole = generate(command);
    assertThat(whole.code()).as(whole.err()).isZero();
    assertThat(whole.err())
        .contains("the pictures of 1 of 4 rows are left out: the model sees none")
        .contains("not read: other", "answer 5/5  100 %", "finished; 5 answers are in");
    List<JsonNode> lines = lines(out);
    assertThat(lines)
        .extracting(line -> line.path("id").asText())
        .containsExactly("a", "b", "rows.jsonl:3", "rows.jsonl:3", "7");
    assertThat(lines)
        .extracting(line -> line.path("type").asText())
        .containsExactly("closed", "open", "choice", "choice", "open");
    assertThat(lines.get(0).path("image").isNull()).isTrue();
    assertThat(lines.get(0).path("answer").asText() + "\n")
        .isEqualTo(said("--prompt", "is the stain dark?", "--max-new-tokens", 5));
    assertThat(Files.readString(home.resolve("answers.jsonl.pins.json")))
        .contains("model.sha256", "tokenizer.sha256", "generation");

    byte[] all = Files.readAllBytes(out);
    int second = new String(all, StandardCharsets.ISO_8859_1).indexOf('\n') + 1;
    Files.write(out, Arrays.copyOf(all, second + 9));
    CommandRun again = generate(command);
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.err()).contains("cut off the 9 bytes");
    assertThat(Files.readAllBytes(out)).isEqualTo(all);

    CommandRun otherwise = generate(with(command, "--temperature", 2));
    assertThat(otherwise.code()).isEqualTo(ExitCode.DATA);
    assertThat(otherwise.err()).contains("its answers were made otherwise: generation was");
  }

  /// Stopped once, then killed in the middle of an answer: nothing is asked twice, and the file
  /// ends with the bytes that it has without.
  @Test
  void aStoppedAndKilledCommandIsGoneOnWith() throws IOException, InterruptedException {
    StringBuilder table = new StringBuilder();
    for (int i = 0; i < 600; i++) {
      table.append("{\"question\": \"is tissue %d dark?\"}\n".formatted(i));
    }
    Path rows = Files.writeString(home.resolve("many.jsonl"), table);
    Path out = home.resolve("answers.jsonl");
    Object[] command = {"--rows", rows, "--out", out, "--batch", 1, "--max-new-tokens", 24};
    int stopped = interrupted(command, out, 3, Process::destroy);
    assertThat(stopped).isEqualTo(143);
    int before = Files.readAllLines(out).size();
    assertThat(before).isBetween(3, 599);
    interrupted(command, out, before + 3, Process::destroyForcibly);
    assertThat(Files.readAllBytes(out).length).isPositive();
    said(command);

    Path whole = home.resolve("whole.jsonl");
    said("--rows", rows, "--out", whole, "--batch", 64, "--max-new-tokens", 24);
    assertThat(out).hasSameBinaryContentAs(whole);
  }

  /// @param lines of the file after which the command is interrupted
  private int interrupted(Object[] command, Path out, int lines, Consumer<Process> how)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(Main.thisProcess());
    all.addAll(List.of("generate", "--device", "cpu", "--model", model.toString()));
    Arrays.stream(command).map(Object::toString).forEach(all::add);
    File log = home.resolve("messages").toFile();
    Process process = new ProcessBuilder(all).redirectError(log).redirectOutput(log).start();
    try {
      while (process.isAlive() && (!Files.exists(out) || count(out) < lines)) {
        Thread.sleep(2);
      }
      assertThat(process.isAlive()).as(Files.readString(log.toPath())).isTrue();
      how.accept(process);
      return process.waitFor();
    } finally {
      process.destroyForcibly();
    }
  }

  private static long count(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)
        .chars()
        .filter(c -> c == '\n')
        .count();
  }

  @Test
  void aTableOfCommasIsReadToo() throws IOException {
    Path rows =
        Files.writeString(
            home.resolve("rows.csv"),
            "id,question,options,answer\na,which?,\"['dark', 'pale']\",pale\nb,stain?,,\n");
    Path out = home.resolve("answers.jsonl");
    said("--rows", rows, "--out", out, "--max-new-tokens", 2);
    assertThat(lines(out))
        .extracting(line -> line.path("gold").asText())
        .containsExactly("pale", "pale", "");
    // Of what has no right answer nothing can be scored.
    CommandRun scored = CommandRun.of("evaluate", "--answers", out);
    assertThat(scored.err()).contains("line 3: field 'gold' is \"\", expected a text");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rows.txt", "empty.jsonl", "untitled.csv", "flawed.jsonl", "long.jsonl"})
  void aTableThatCannotBeAskedIsRefusedBeforeAnything(String name) throws IOException {
    String content =
        switch (name) {
          case "empty.jsonl" -> "\n";
          case "untitled.csv" -> "id,asked\n1,why\n";
          case "flawed.jsonl" -> "{\"id\": 1, \"answer\": \"yes\"}\n";
          case "long.jsonl" ->
              "{\"id\": 1, \"question\": \"a\"}\n{\"id\": 2, \"question\": \"%s\"}\n"
                  .formatted("组织".repeat(40));
          default -> "question\n";
        };
    Path rows = Files.writeString(home.resolve(name), content);
    Path out = home.resolve("answers.jsonl");
    CommandRun run = generate("--rows", rows, "--out", out);
    assertThat(run.code()).isEqualTo(ExitCode.DATA);
    assertThat(run.err())
        .contains(
            switch (name) {
              case "empty.jsonl" -> "has no rows";
              case "untitled.csv" -> "has no column 'question'";
              case "flawed.jsonl" -> "line 1: question is empty";
              case "long.jsonl" -> "2: the question alone has";
              default -> "expected a table that ends in .jsonl, .csv or .tsv";
            });
    assertThat(out).doesNotExist();
  }
}
