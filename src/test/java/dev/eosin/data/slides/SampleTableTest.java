package dev.eosin.data.slides;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.data.slides.SampleTable.Side;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleTableTest {
  @TempDir private Path home;

  private Path tsv(String... lines) throws IOException {
    return Files.writeString(
        home.resolve("k=all.tsv"), String.join("\n", lines).replace(' ', '\t') + "\n");
  }

  private SampleTable read(Path table, String config) throws IOException {
    Path file = Files.writeString(home.resolve("config.yaml"), config);
    return SampleTable.read(table, SampleTable.PathoBench.read(file).columns());
  }

  private static final String CONFIG =
      """
      task_type: classification
      sample_col: case_id
      task_col: grade
      extra_cols: []
      label_dict: { 0: low, 1: high }
      metrics: [macro-ovr-auc]
      """;

  @Test
  void aSplitFileOfPathoBenchIsReadAsItIs() throws IOException {
    Path table =
        tsv(
            "case_id slide_id grade fold_0 fold_1",
            "007 a 0 train test",
            "007 b 0 train test",
            "12 c 1 test train");
    SampleTable read = read(table, CONFIG);
    assertThat(read.folds()).containsExactly("fold_0", "fold_1");
    assertThat(read.samples()).extracting(SampleTable.Entry::id).containsExactly("007", "12");
    SampleTable.Entry first = read.samples().getFirst();
    assertThat(first.slides()).containsExactly("a", "b");
    assertThat(first.sides()).containsExactly(Side.TRAIN, Side.TEST);
    assertThat(first.values()).containsEntry("grade", "0");
    SampleTable.PathoBench config = SampleTable.PathoBench.read(home.resolve("config.yaml"));
    assertThat(config.label()).isEqualTo("grade");
    assertThat(config.names()).containsEntry("1", "high");
  }

  @Test
  void labelsAndFoldsThatDifferWithinASampleAreRefused() throws IOException {
    String head = "case_id slide_id grade fold_0";
    Path labels = tsv(head, "p a 0 train", "p b 1 train");
    assertThatThrownBy(() -> read(labels, CONFIG))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("lines 2 and 3 are both of p, and grade is '0' and '1'");
    Path folds = tsv(head, "p a 0 train", "p b 0 test");
    assertThatThrownBy(() -> read(folds, CONFIG))
        .hasMessageContaining("fold_0 is 'train' and 'test'");
    Path twice = tsv(head, "p a 0 train", "p a 0 train");
    assertThatThrownBy(() -> read(twice, CONFIG))
        .hasMessageContaining("line 3: the slide a of p comes twice");
    Path side = tsv(head, "p a 0 trian");
    assertThatThrownBy(() -> read(side, CONFIG))
        .hasMessageContaining("fold_0 is 'trian'; train, val or test");
    Path column = tsv("case_id slide_id fold_0", "p a train");
    assertThatThrownBy(() -> read(column, CONFIG)).hasMessageContaining("has no column 'grade'");
    assertThatThrownBy(() -> read(column, "task_col: grade\n"))
        .hasMessageContaining("has no sample_col");
  }

  @Test
  void aTableOfOnesOwnNamesItsColumns() throws IOException {
    Path file = Files.writeString(home.resolve("s.csv"), "slide,part\nx,val\ny,\n");
    SampleTable read =
        SampleTable.read(
            file, new SampleTable.Columns("slide", Optional.empty(), List.of(), List.of("part")));
    assertThat(read.samples().getFirst().sides()).containsExactly(Side.VALIDATION);
    assertThat(read.samples().getLast().sides()).containsExactly(Side.NONE);
  }
}
