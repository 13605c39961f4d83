package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.recipe.Recipe;
import dev.eosin.recipe.TileEvaluationRecipe;
import dev.eosin.recipe.VqaEvaluationRecipe;
import dev.eosin.recipe.found.AboutData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Public data sets in recipes/eval: each says whose it is, how it is laid out and who says so, and
/// what is missing where it is not there.
class BenchmarkDefinitionsTest {
  private static final Path FOLDER = Path.of("recipes/eval");

  /// Of our own data, or of any.
  private static final Set<String> NOT_OF_A_PUBLIC_SET =
      Set.of("quickstart", "lc25000-quickstart", "lc25000-fine-tuning", "retrieval", "patho-bench");

  @TempDir private static Path shared;
  @TempDir private Path home;

  private static Path model;

  @BeforeAll
  static void train() throws IOException {
    model = ColouredTiles.in(shared).model();
  }

  static Stream<String> definitions() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".yaml"))
          .map(name -> name.substring(0, name.length() - ".yaml".length()))
          .filter(name -> !NOT_OF_A_PUBLIC_SET.contains(name))
          .sorted()
          .toList()
          .stream();
    }
  }

  private static Path file(String name) {
    return FOLDER.resolve(name + ".yaml");
  }

  private static AboutData about(String name) throws IOException {
    return switch (Recipe.read(file(name), List.of())) {
      case TileEvaluationRecipe tiles -> tiles.about().orElseThrow();
      case VqaEvaluationRecipe questions -> questions.about().orElseThrow();
      case Recipe other -> throw new AssertionError(name + " is no definition: " + other);
    };
  }

  @Test
  void everySetIsThere() throws IOException {
    assertThat(definitions())
        .contains("nct-crc-he-7k", "crc100k", "pannuke", "digestpath", "wsss4luad", "pcam")
        .contains("lc25000-lung", "lc25000-colon", "bach", "sicapv2", "mhist", "osteo")
        .contains("skincancer", "renalcell", "databiox", "bracs", "camelyon", "oscc", "colonpath")
        .contains("pathmmu", "path-vqa", "quilt-vqa", "pmc-vqa", "llava-med-17k", "nejm");
  }

  @ParameterizedTest
  @MethodSource("definitions")
  void itSaysWhoseItIsAndWhoSaysHowItIsLaidOut(String name) throws IOException {
    AboutData about = about(name);
    assertThat(about.source()).isNotBlank();
    assertThat(about.licence()).isNotBlank();
    // A commit of public code, somebody who saw it, or that nobody did.
    assertThat(about.layout()).containsPattern("unseen|seen in|from memory|[0-9a-f]{7}");
  }

  @ParameterizedTest
  @MethodSource("definitions")
  void whatIsMissingIsSaidWithItsLayout(String name) throws IOException {
    boolean tiles = Recipe.read(file(name), List.of()) instanceof TileEvaluationRecipe;
    Path missing = home.resolve("missing");
    CommandRun run =
        CommandRun.of(
            "evaluate",
            file(name),
            (tiles ? "features.path=" : "answers.path=") + "\"%s\"".formatted(model),
            (tiles ? "tiles.path=" : "questions.path=") + "\"%s\"".formatted(missing),
            "output.dir=\"%s\"".formatted(home.resolve("out")));
    assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.DATA);
    assertThat(run.err()).contains("this data set is expected as: " + about(name).layout());
    assertThat(home.resolve("out")).doesNotExist();
  }
}
