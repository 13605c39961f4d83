package dev.eosin.recipe.evaluated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.eval.tiles.TileClass;
import dev.eosin.eval.tiles.TileData;
import dev.eosin.eval.tiles.TileSet;
import dev.eosin.recipe.Recipe;
import dev.eosin.recipe.TileEvaluationRecipe;
import dev.eosin.recipe.found.OpenedEvaluation;
import dev.eosin.run.SmallRun;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every definition of a benchmark of tiles, tried on a made-up copy in the layout that it names:
/// whole, without a class, with one more, with a path that is not there.
class BenchmarkLayoutsTest {
  private static final int EACH = 12;
  private static final List<String> MADE_UP = List.of("one", "two", "three");

  @TempDir private static Path shared;
  @TempDir private Path home;

  private static Path model;

  @BeforeAll
  static void train() throws IOException {
    SmallRun run = SmallRun.in(shared.resolve("small"));
    run.train("schedule.length=1 steps", "evaluate=[]", "data.text.length=32");
    model = run.folder();
  }

  /// Those that say where the data is from.
  static Stream<Path> definitions() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("recipes/eval"))) {
      List<Path> found = new ArrayList<>();
      for (Path file : files.sorted().toList()) {
        if (Recipe.read(file, List.of()) instanceof TileEvaluationRecipe recipe
            && recipe.about().isPresent()) {
          found.add(file);
        }
      }
      assertThat(found).hasSizeGreaterThanOrEqualTo(15);
      return found.stream();
    }
  }

  private static TileEvaluationRecipe recipe(Path file, Path data) throws IOException {
    return (TileEvaluationRecipe)
        Recipe.read(
            file,
            List.of(
                "features={type: clip, path: \"%s\", remember: false}".formatted(model),
                "tiles.path=\"%s\"".formatted(data)));
  }

  private static List<String> labels(TileEvaluationRecipe recipe) {
    return recipe.classes().isEmpty()
        ? MADE_UP
        : recipe.classes().stream().map(TileClass::label).toList();
  }

  private static void image(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), "png", file.toFile());
  }

  /// As the definition has it: class folders, or a table with the columns that it names.
  private Path drawn(Path file, List<String> labels) throws IOException {
    TileData wanted = recipe(file, Path.of("nowhere")).tiles().orElseThrow();
    boolean table = Recipe.read(file, List.of()).toString().contains(".csv");
    Path to = Files.createTempDirectory(home, "copy");
    StringBuilder rows =
        new StringBuilder(
            "path,%s,%s,%s%n"
                .formatted(
                    wanted.label().orElse("label"),
                    wanted.group().orElse("slide"),
                    wanted.split().orElse("unused")));
    for (String label : labels) {
      for (int i = 0; i < EACH; i++) {
        String name = "%s/%d.png".formatted(label, i);
        image(to.resolve(name));
        String side = wanted.split().isEmpty() ? "" : i % 3 == 0 ? "test" : "train";
        rows.append("%s,%s,%s%d,%s%n".formatted(name, label, label, i / 2, side));
      }
    }
    return table ? Files.writeString(to.resolve("tiles.csv"), rows) : to;
  }

  @ParameterizedTest
  @MethodSource("definitions")
  void aCopyInItsLayoutIsTakenAndWhatIsMissingIsSaid(Path file) throws IOException {
    TileEvaluationRecipe stated = recipe(file, Path.of("nowhere"));
    List<String> labels = labels(stated);
    try (OpenedEvaluation opened = OpenedEvaluations.open(recipe(file, drawn(file, labels)))) {
      assertThat(opened.evaluations()).isNotEmpty();
      if (stated.about().orElseThrow().tiles().isPresent()) {
        assertThat(opened.notes())
            .anyMatch(
                note -> note.startsWith("%d tiles are there".formatted(EACH * labels.size())));
      }
    }
    String expected = "this data set is expected as: " + stated.about().orElseThrow().layout();
    Path without = drawn(file, labels.subList(0, labels.size() - 1));
    if (stated.classes().isEmpty()) {
      OpenedEvaluations.open(recipe(file, without)).close();
    } else {
      assertThatThrownBy(() -> OpenedEvaluations.open(recipe(file, without)).close())
          .isInstanceOf(DataException.class)
          .hasMessageContaining(expected)
          .hasMessageContaining(
              labels.size() > 2
                  ? "the class '%s' has no tile".formatted(labels.getLast())
                  : labels.getLast());
      List<String> more = new ArrayList<>(labels);
      more.add("something else");
      Path other = drawn(file, more);
      if (stated.otherLabels() == TileSet.OtherLabels.LEAVE_OUT) {
        try (OpenedEvaluation opened = OpenedEvaluations.open(recipe(file, other))) {
          assertThat(opened.notes()).anyMatch(note -> note.contains("something else"));
        }
      } else {
        assertThatThrownBy(() -> OpenedEvaluations.open(recipe(file, other)).close())
            .isInstanceOf(DataException.class)
            .hasMessageContaining(expected)
            .hasMessageContaining("[something else]");
      }
    }
    assertThatThrownBy(() -> OpenedEvaluations.open(recipe(file, home.resolve("nowhere"))).close())
        .isInstanceOf(DataException.class)
        .hasMessageContaining(expected)
        .hasMessageContaining("nowhere");
  }
}
