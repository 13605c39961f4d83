package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.run.SmallRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateCommandTest {
  private static final int STEPS = 4;

  @TempDir private Path home;

  /// The recipe of a training with another head, and without what an evaluation does not have.
  private Path recipe(SmallRun run) throws IOException {
    List<String> training = Files.readAllLines(run.recipe());
    List<String> kept =
        training.stream()
            .filter(line -> !line.matches("(kind|model|optimizer|schedule|output|logging):.*"))
            .toList();
    String model = home.resolve("small/model.json").toString();
    String head =
        """
        kind: clip-evaluation
        model: { config: "%s", weights: { type: open-clip, path: "%s" } }
        output: { dir: "%s" }
        """
            .formatted(model, run.folder().resolve("final"), home.resolve("out"));
    return Files.writeString(home.resolve("evaluate.yaml"), head + String.join("\n", kept) + "\n");
  }

  @Test
  void aStoredModelHasTheNumbersThatItsTrainingLoggedAtTheEnd() throws IOException {
    SmallRun run = SmallRun.in(home.resolve("small"));
    run.train("schedule.length=%d steps".formatted(STEPS));
    Path recipe = recipe(run);

    CommandRun evaluated = CommandRun.of("evaluate", recipe);

    assertThat(evaluated.code()).as(evaluated.err()).isZero();
    assertThat(evaluated.out()).contains("tiles  zero_shot_top1 ", "pairs  loss ");
    JsonNode json = read("out/evaluation.json");
    assertThat(json.path("evaluations")).isEqualTo(logged(run));
    assertThat(json.path("inputs").path("model.sha256").asText()).matches("[0-9a-f]{64}");
    assertThat(json.path("inputs").path("data.validation.fingerprint").asText()).isNotEmpty();
    assertThat(Files.readString(home.resolve("out/recipe.yaml"))).contains("kind: clip-evaluation");

    CommandRun ofTheRun =
        CommandRun.of(
            "evaluate",
            home.resolve("out/recipe.yaml"),
            "model.weights={type: run, path: %s}".formatted(run.folder()),
            "output.dir=" + home.resolve("again"));
    assertThat(ofTheRun.code()).as(ofTheRun.err()).isZero();
    assertThat(read("again/evaluation.json").path("evaluations")).isEqualTo(logged(run));
  }

  /// The metrics of the last step, by evaluation.
  private static JsonNode logged(SmallRun run) throws IOException {
    ObjectNode logged = new ObjectMapper().createObjectNode();
    for (JsonNode row : run.rows()) {
      if (row.has("eval") && row.path("step").asInt() == STEPS) {
        ObjectNode metrics = row.deepCopy();
        metrics.remove(List.of("step", "eval"));
        logged.set(row.path("eval").asText(), metrics);
      }
    }
    assertThat(logged.size()).isEqualTo(2);
    return logged;
  }

  private JsonNode read(String file) throws IOException {
    return new ObjectMapper().readTree(home.resolve(file).toFile());
  }

  @Test
  void aRunsFolderIsNotOverwritten() throws IOException {
    SmallRun run = SmallRun.in(home.resolve("small"));
    Path kept = run.folder().resolve("recipe.yaml");
    Files.createDirectories(run.folder());
    Files.copy(run.recipe(), kept);
    String output = "output.dir=" + run.folder();
    CommandRun refused = CommandRun.of("evaluate", recipe(run), output);
    assertThat(refused.code()).isEqualTo(ExitCode.DATA);
    assertThat(refused.err()).contains(kept + ": belongs to something else");
    assertThat(CommandRun.of("prepare", "recipes/prepare/pairs.yaml", output).err())
        .contains(kept + ": belongs to something else");
    assertThat(kept).hasSameBinaryContentAs(run.recipe());
  }

  @Test
  void whatCannotBeMeasuredIsRefusedBeforeAnythingStarts() throws IOException {
    Path recipe = recipe(SmallRun.in(home.resolve("small")));
    CommandRun refused =
        CommandRun.of(
            "evaluate", recipe, "model.weights={type: random}", "batch.micro=auto", "evaluate=[]");
    assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
    assertThat(refused.err())
        .contains(
            "random weights are no stored model", "auto is for trainings", "nothing is measured");
    assertThat(CommandRun.of("train", recipe).err()).contains("'eosin evaluate' does");
  }
}
