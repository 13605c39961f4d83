package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.qformer.TinyStarts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files that `eosin inspect` knows as parts of other models.
class PartInspectionTest {
  @TempDir private Path folder;

  private static List<String> lines(Path path) throws IOException {
    return StoredModels.inspect(path).lines();
  }

  @Test
  void evasTowerIsKnown() throws IOException {
    Path eva = TinyTower.eva(folder, 3);
    assertThat(lines(eva))
        .contains("model        an image tower of EVA's kind, without a text tower")
        .anyMatch(line -> line.contains("3 blocks of width 88, MLP 24, 1 heads"))
        .contains("input        32 x 32 px")
        .contains("recipe       tower: { from: \"%s\", layer: -2 }".formatted(eva));
  }

  @Test
  void aBertIsKnown() throws IOException {
    Path bert = TinyStarts.bert(folder.resolve("bert"));
    assertThat(lines(bert))
        .contains("model        a BERT, with its head of words")
        .anyMatch(
            line -> line.contains("4 layers of width 48, MLP 72, 4 heads; 120 ids, 40 positions"))
        .contains("recipe       qformer: { type: bert, path: \"%s\" }".formatted(bert));
  }
}
