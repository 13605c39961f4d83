package dev.eosin.eval.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.random.RandomKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Words of a split, and what is said of sides.
class ProbeSplitTest {
  private static ProbeSplit.Row row(int number, String group, String split) {
    return new ProbeSplit.Row(
        "t%d.png".formatted(number),
        Optional.of(group).filter(name -> !name.isEmpty()),
        Optional.of(number % 2 == 0 ? "stroma" : "tumour"),
        Optional.of(split).filter(part -> !part.isEmpty()),
        Optional.empty());
  }

  private static ProbeSplit split(List<ProbeSplit.Row> rows) throws DataException {
    return ProbeSplit.of("tiles.csv", rows, new RandomKey(1), 0.2, 0.25);
  }

  private static List<ProbeSplit.Row> rows(String... splits) {
    List<ProbeSplit.Row> rows = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      rows.add(row(i, "slide%d".formatted(i / 2), splits[i / 2 % splits.length]));
    }
    return rows;
  }

  @Test
  void anUnknownPartIsAnErrorAndLearntByNobody() {
    assertThatThrownBy(() -> split(rows("train", "val", "test", "holdout", "Eval", "test")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("tiles.csv: the split of 8 rows is none of train, val and test")
        .hasMessageContaining("'Eval' (4), 'holdout' (4)");
  }

  @Test
  void everyKnownWordNamesItsSide() throws DataException {
    ProbeSplit split = split(rows("Training", "dev", "testing", "train", " VALID ", "TEST"));
    assertThat(split.train()).hasSize(8);
    assertThat(split.validation()).hasSize(8);
    assertThat(split.test()).hasSize(8);
    assertThat(split.notes())
        .containsExactly("8 rows to learn from, 8 to choose with, 8 to judge by");
  }

  @Test
  void sidesThatAreDrawnAreSaid() throws DataException {
    assertThat(split(rows("")).notes())
        .anyMatch(note -> note.startsWith("the data does not say which rows judge: 25.0 %"))
        .anyMatch(note -> note.startsWith("the data does not say which rows choose: 20.0 %"));
    assertThat(split(rows("train", "test")).notes())
        .noneMatch(note -> note.contains("which rows judge"))
        .anyMatch(note -> note.contains("which rows choose"));
  }

  @Test
  void groupsOnSeveralSidesAndRowsWithoutOneAreCounted() throws DataException {
    List<ProbeSplit.Row> rows = new ArrayList<>(rows("train", "val", "test"));
    rows.add(row(24, "slide1", "train"));
    rows.add(row(25, "slide1", "test"));
    rows.add(row(26, "slide0", "val"));
    rows.add(row(27, "", "train"));
    assertThat(split(rows).notes())
        .contains(
            "1 of 28 rows have no group (slide, patient); each is taken for itself",
            "2 groups are on several sides (train and validation 2, train and test 1,"
                + " validation and test 1), for example slide0: figures may be too good");
  }
}
