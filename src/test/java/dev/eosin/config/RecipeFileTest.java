package dev.eosin.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecipeFileTest {
  @TempDir private Path folder;

  @Test
  void aRecipeExtendsAnotherDeeply() throws IOException {
    write("base.yaml", Sketch.VALID);
    write("middle.yaml", "extends: base.yaml\nbatch: { micro: 4 }\nseed: 1\n");
    Path recipe =
        write(
            "sub/own.yaml",
            """
            extends: ../middle.yaml
            batch: { global: 32 }
            evaluate: [ { name: only, every: 1 steps } ]
            optimizer: { weight-decay: 0.1 }
            """);
    Sketch.DrawSettings bound = bind(recipe);
    assertThat(bound.seed()).isEqualTo(1);
    assertThat(bound.batch()).isEqualTo(new Sketch.Batch(32, 4));
    assertThat(bound.evaluate()).extracting(Sketch.Measure::name).containsExactly("only");
    assertThat(bound.optimizer())
        .isEqualTo(new Sketch.AdamWSettings(1e-5, List.of(0.9, 0.95), 0.1));
  }

  @Test
  void anotherTypeReplacesWhatTheBaseChose() throws IOException {
    write("base.yaml", Sketch.VALID);
    Path recipe = write("own.yaml", "extends: base.yaml\noptimizer: { type: sgd, lr: 1 }\n");
    assertThat(bind(recipe).optimizer()).isEqualTo(new Sketch.SgdSettings(1));
  }

  @Test
  void aProblemNamesTheFileThatTheValueCameFrom() throws IOException {
    Path base = write("base.yaml", Sketch.VALID.replace("micro: 8", "micro: lots"));
    Path recipe = write("own.yaml", "extends: base.yaml\nseed: x\n");
    assertThatThrownBy(() -> bind(recipe))
        .hasMessageContaining("line 2 ")
        .hasMessageContaining(base + " line 7  batch.micro  'lots' is not a number");
  }

  @Test
  void aCircleOfExtendsIsRefused() throws IOException {
    write("a.yaml", "extends: b.yaml\n");
    Path recipe = write("b.yaml", "extends: ./x/../a.yaml\n");
    assertThatThrownBy(() -> bind(recipe))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("extends itself in a circle");
  }

  @Test
  void aRecipeOfAnotherKindCannotBeExtended() throws IOException {
    write("base.yaml", "kind: erase\n");
    Path recipe = write("own.yaml", "extends: base.yaml\n" + Sketch.VALID);
    assertThatThrownBy(() -> bind(recipe))
        .hasMessageContaining("'draw' extends a recipe of another kind, 'erase'");
  }

  @Test
  void aMissingFileSuggestsTheNearestName() throws IOException {
    write("quickstart.yaml", Sketch.VALID);
    assertThatThrownBy(() -> bind(folder.resolve("quikstart.yaml")))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("file  no such file; did you mean 'quickstart.yaml'?");
    Path recipe = write("own.yaml", "\nextends: nowhere.yaml\n");
    assertThatThrownBy(() -> bind(recipe))
        .hasMessageContaining("line 2  extends  no such file ")
        .hasMessageContaining("nowhere.yaml");
    assertThatThrownBy(() -> bind(folder))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("file  is a folder; expected a YAML file");
    Path below = write("below.yaml", "\nextends: .\n");
    assertThatThrownBy(() -> bind(below))
        .hasMessageContaining("line 2  extends  ")
        .hasMessageContaining("is a folder; expected a YAML file");
  }

  @Test
  void aFileThatIsNotUtf8IsNamedWithTheByte() throws IOException {
    Path recipe = folder.resolve("latin.yaml");
    Files.write(recipe, "seed: 1\nnote: tumeur bénigne\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> bind(recipe))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("line 2  found the byte 0xe9, expected UTF-8");
  }

  @Test
  void aByteOrderMarkIsIgnored() throws IOException {
    assertThat(bind(write("bom.yaml", "\uFEFF" + Sketch.VALID)).seed()).isEqualTo(42);
  }

  @Test
  void filesWithoutBoundAreRefused() throws IOException {
    assertRefused("# long\n".repeat(200_000), "larger than 1 MiB");
    assertRefused("a: " + "[".repeat(60_000), "this is not YAML");
    assertRefused("a: " + "[".repeat(100) + "]".repeat(100), "epth");
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
    for (int level = 1; level < 45; level++) {
      bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(level, level, level - 1, level - 1));
    }
    assertRefused(bomb.toString(), "aliases expand to more than 100000 values");
    assertRefused("a: &a [*a]\n", "an alias may not contain itself");
  }

  @Test
  void whatIsNotOneMapIsRefused() throws IOException {
    assertRefused("", "the file is empty");
    assertRefused("# only a comment\n", "the file is empty");
    assertRefused("- a\n", "found a list, expected a map");
    assertRefused("just text\n", "found 'just text', expected a map");
    assertRefused("a: 1\n---\nb: 2\n", "this is not YAML");
    assertRefused("a: 1\n\tb: 2\n", "line 2");
    assertRefused("a: { b: ${HOME}/x }\n", "put a text with '${' inside braces");
    assertRefused("a: \u0001\n", "this is not YAML");
    assertRefused("? [a]\n: 1\n", "a key must be text");
  }

  @Test
  void duplicateKeysAndTagsAreProblemsBesideTheOthers() {
    assertThatThrownBy(() -> Sketch.bind(Sketch.VALID + "seed: x\nnote: !!int 5\ndir: 7\n"))
        .hasMessageContaining("line 18  seed  the key is given twice, first at line 3")
        .hasMessageContaining("line 19  note  the YAML tag")
        .hasMessageContaining("line 20  dir   found a number, expected text");
  }

  @Test
  void everyValueKnowsItsPlace() {
    RecipeFile recipe = Sketch.parse(Sketch.VALID, "batch.micro=2");
    assertThat(recipe.place("evaluate.1.tile")).isEqualTo(new Place.Line(Sketch.FILE, 13));
    assertThat(recipe.place("batch")).isEqualTo(new Place.Line(Sketch.FILE, 5));
    assertThat(recipe.place("batch.micro")).isEqualTo(new Place.CommandLine());
    assertThat(recipe.place("precision")).isEqualTo(new Place.Line(Sketch.FILE, 1));
  }

  private void assertRefused(String text, String message) throws IOException {
    Path recipe = write("refused.yaml", text);
    assertThatThrownBy(() -> bind(recipe))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining(message);
  }

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private static Sketch.DrawSettings bind(Path recipe) {
    return (Sketch.DrawSettings)
        Binder.bind(RecipeFile.read(recipe, List.of(), Map.of()), Sketch.class);
  }
}
