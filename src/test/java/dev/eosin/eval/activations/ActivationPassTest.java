package dev.eosin.eval.activations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.data.listed.ListedImage;
import dev.eosin.data.listed.ListedImages;
import dev.eosin.data.parquet.VectorTable;
import dev.eosin.eval.Answerer;
import dev.eosin.group.Group;
import dev.eosin.group.LocalRanks;
import dev.eosin.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Passes that are stopped and killed, with a model that counts.
class ActivationPassTest {
  private static final int ROWS = 9;

  @TempDir private Path home;
  private final List<String> notes = new ArrayList<>();
  private final ActivationPass.Listener listener =
      new ActivationPass.Listener(notes::add, progress -> {});

  private record Rows(int count) implements ListedImages {
    @Override
    public ListedImage get(long index) {
      Optional<String> label = Optional.of(index % 2 == 0 ? "even" : "odd");
      return new ListedImage(
          "row " + index,
          index == 3 ? List.of(Rows::broken) : List.of(),
          Optional.empty(),
          Optional.of("slide ä" + index / 4),
          label,
          Optional.empty(),
          Optional.empty());
    }

    private static Raster broken() throws IOException {
      throw new IOException("row 3: no image");
    }

    @Override
    public long size() {
      return count;
    }

    @Override
    public String fingerprint() {
      return "rows " + count;
    }

    @Override
    public List<String> notes() {
      return List.of();
    }
  }

  /// Of row i: three layers of (i, layer).
  private static final class Counting implements Answerer {
    private final double factor;
    private int asked;

    Counting(double factor) {
      this.factor = factor;
    }

    @Override
    public Answer answer(Question question, Consumer<String> pieces) {
      throw new IllegalStateException("nothing is answered");
    }

    @Override
    public Optional<float[][]> hiddenStates(Question question) {
      asked++;
      float row = (float) (factor * Integer.parseInt(question.id().substring(4)));
      return Optional.of(new float[][] {{row, 1}, {row, 2}, {row, 3}});
    }
  }

  private static ActivationPass pass(Path out, String layers, NumberType type) {
    var settings = new ActivationPass.Settings(Optional.of("what?"), new LayerChoice(layers), type);
    return new ActivationPass(new Rows(ROWS), settings, ActivationFile.of(out), new TreeMap<>());
  }

  private static BooleanSupplier after(int calls) {
    int[] left = {calls};
    return () -> left[0]-- == 0;
  }

  @Test
  void aStoppedAndATornPassGoOnToTheSameBytes() throws IOException {
    Path whole = home.resolve("whole.parquet");
    assertThat(
            pass(whole, "1,3", NumberType.FP32)
                .run(new Counting(1), Group.ALONE, listener, () -> false))
        .contains(ROWS - 1L);
    Path out = home.resolve("parts.parquet");
    var model = new Counting(1);
    assertThat(pass(out, "1,3", NumberType.FP32).run(model, Group.ALONE, listener, after(6)))
        .isEmpty();
    Path work = home.resolve("parts.parquet.part");
    // As a process leaves them that was killed while it wrote: states and a line that are torn.
    StandardOpenOption[] behind = {StandardOpenOption.APPEND};
    Files.write(work.resolve("layer_01"), new byte[] {1, 2, 3}, behind);
    Files.write(work.resolve("rows.jsonl"), new byte[] {'{', (byte) 0xc3}, behind);
    assertThat(pass(out, "1,3", NumberType.FP32).run(model, Group.ALONE, listener, () -> false))
        .contains(ROWS - 1L);
    assertThat(model.asked).isEqualTo(ROWS - 1);
    assertThat(out).hasSameBinaryContentAs(whole);
    assertThat(work).doesNotExist();
    assertThat(home.resolve("parts.parquet.left-out.jsonl"))
        .hasContent(
            "{\"row\":3,\"path\":\"row 3\",\"group\":\"slide ä0\",\"label\":\"odd\",\"reason\":\"row 3: no image\"}\n");
    assertThat(notes).anyMatch(note -> note.contains("goes on behind 6 rows"));
    try (VectorTable table = VectorTable.open(out)) {
      assertThat(table.columns())
          .containsExactly("row", "path", "group", "label", "split", "layer_01", "layer_03");
      assertThat(table.vectors("layer_03")).startsWith(0, 3, 1, 3, 2, 3, 4, 3);
      assertThat(table.texts("group")).startsWith("slide ä0").endsWith("slide ä2");
    }
  }

  @Test
  void ranksWriteTheBytesOfAProcessAlone() throws Exception {
    Path whole = home.resolve("whole.npz");
    pass(whole, "1,3", NumberType.FP32).run(new Counting(1), Group.ALONE, listener, () -> false);
    for (int ranks = 2; ranks <= 4; ranks++) {
      Path out = home.resolve("ranks-%d.npz".formatted(ranks));
      List<Integer> asked =
          LocalRanks.run(
              ranks,
              group -> {
                var model = new Counting(1);
                assertThat(
                        pass(out, "1,3", NumberType.FP32).run(model, group, listener, () -> false))
                    .contains(ROWS - 1L);
                return model.asked;
              });
      assertThat(asked.stream().mapToInt(own -> own).sum()).isEqualTo(ROWS - 1);
      assertThat(out).hasSameBinaryContentAs(whole);
    }
  }

  @Test
  void rowsOfOtherSettingsAreNotContinued() throws IOException {
    Path out = home.resolve("e.npz");
    assertThat(
            pass(out, "1", NumberType.FP32).run(new Counting(1), Group.ALONE, listener, after(4)))
        .isEmpty();
    assertThatThrownBy(
            () ->
                pass(out, "2", NumberType.FP32)
                    .run(new Counting(1), Group.ALONE, listener, () -> false))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("e.npz.part: was begun otherwise: layers was '1' and is '2'");
  }

  @Test
  void numbersThatAreNoneOrTooLargeAreRefused() {
    assertThatThrownBy(
            () ->
                pass(home.resolve("a.npz"), "all", NumberType.FP16)
                    .run(new Counting(1e5), Group.ALONE, listener, () -> false))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("row 1: layer 1 holds 100000.0, more than fp16 does; keep fp32");
    assertThatThrownBy(
            () ->
                pass(home.resolve("b.npz"), "all", NumberType.FP32)
                    .run(new Counting(Double.NaN), Group.ALONE, listener, () -> false))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("row 0: layer 1 holds NaN; the model computes no numbers of it");
  }
}
