package dev.eosin.run.folders;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.run.SmallRun;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.MatrixProducts;
import dev.eosin.train.ProductsOrAuto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PinnedProductsTest {
  private static final Pattern STORED = Pattern.compile("(?m)^( *matrix-products:).*$");
  @TempDir private Path folder;

  private static Path stored(SmallRun run) {
    return run.folder().resolve("recipe.yaml");
  }

  private static String products(SmallRun run) throws IOException {
    Matcher line = STORED.matcher(Files.readString(stored(run)));
    assertThat(line.find()).isTrue();
    return line.group().replaceFirst(".*: *", "").replace("\"", "");
  }

  private static void store(SmallRun run, String words) throws IOException {
    String recipe = Files.readString(stored(run));
    Files.writeString(stored(run), STORED.matcher(recipe).replaceFirst("$1 \"" + words + "\""));
  }

  @Test
  void aRunKeepsWhatItBeganWith() throws IOException {
    SmallRun run = SmallRun.in(folder);
    var begun = new SmallRun.Notes();
    run.train(2, begun);
    String first = products(run);
    assertThat(ProductsOrAuto.parse(first)).isInstanceOf(ProductsOrAuto.Chosen.class);
    assertThat(begun.all())
        .anyMatch(note -> note.startsWith("compute.matrix-products: auto takes " + first + " ("))
        .as("the rates are told by info, and kept where the note says")
        .noneMatch(note -> note.contains("GFLOP/s"));

    String other = first.equals("onednn,libtorch,onednn") ? "libtorch" : "onednn,libtorch,onednn";
    store(run, other);
    var resumed = new SmallRun.Notes();
    run.train(1, resumed);
    assertThat(resumed.all())
        .contains(
            "compute.matrix-products: auto keeps %s, with which the run began".formatted(other));
    assertThat(products(run)).isEqualTo(other);
  }

  @Test
  void aRunOfBeforeGoesOnWithTheUsualOnes() throws IOException {
    SmallRun run = SmallRun.in(folder);
    run.train(1, new SmallRun.Notes());
    store(run, "auto");
    run.train(1, new SmallRun.Notes());
    assertThat(products(run)).isEqualTo(MatrixProducts.usual(Device.CPU).toString());
  }

  @Test
  void whatTheRecipeSaysIsTakenAndAChangeIsTold() throws IOException {
    SmallRun run = SmallRun.in(folder);
    var begun = new SmallRun.Notes();
    run.train(1, begun, "compute.matrix-products=libtorch");
    assertThat(products(run)).isEqualTo("libtorch");
    assertThat(begun.all()).noneMatch(note -> note.contains("matrix-products"));
    var resumed = new SmallRun.Notes();
    run.train(1, resumed, "compute.matrix-products=onednn");
    assertThat(products(run)).isEqualTo("onednn");
    assertThat(resumed.all())
        .anyMatch(
            note ->
                note.contains("compute.matrix-products from libtorch to onednn")
                    && note.contains("last digits"));
  }
}
