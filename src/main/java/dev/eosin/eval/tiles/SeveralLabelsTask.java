package dev.eosin.eval.tiles;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Several labels of a tile.
@Named("multi-label")
@Doc(
    "A logistic regression for each of several labels that a tile may have. Classes are then what"
        + " stands in the column of labels, and other tasks need other data.")
public record SeveralLabelsTask(
    @Doc("What it is called in results; its type otherwise.") Optional<String> name,
    @Doc("What stands between two labels.") @OrElse("\"|\"") String separator,
    @Doc("Labels with fewer test tiles are left out, and said.") @OrElse("1") @Range(min = 1)
        int fewest,
    @Doc("C. Of several one is chosen on the validation tiles by the mean area under the curve.")
        @OrElse("[0.01, 0.1, 1, 10, 100]")
        @Range(above = 0)
        List<Double> strengths)
    implements TileTask {
  /// @throws IllegalArgumentException for an empty separator, or no strength
  public SeveralLabelsTask {
    if (separator.isEmpty()) {
      throw new IllegalArgumentException("separator: is empty");
    }
    strengths = strengths.stream().sorted().toList();
    TileTask.requireSome("strengths", strengths);
  }

  /// What is wrong with tasks, where a tile has several labels.
  ///
  /// @param classes that are listed
  public static Optional<String> fault(List<TileTask> tasks, List<TileClass> classes) {
    long several = tasks.stream().filter(SeveralLabelsTask.class::isInstance).count();
    if (several > 0 && several < tasks.size()) {
      return Optional.of(
          "multi-label reads several labels of a tile, other tasks one class; ask them in recipes of their own");
    }
    return several > 0 && !classes.isEmpty()
        ? Optional.of("multi-label takes all labels that occur; leave classes out")
        : Optional.empty();
  }

  /// The labels that a text names.
  List<String> labels(String text) {
    return Arrays.stream(text.split(Pattern.quote(separator)))
        .map(String::strip)
        .filter(each -> !each.isEmpty())
        .distinct()
        .toList();
  }

  @Override
  public String version() {
    return "multi-label/1";
  }

  @Override
  public boolean chooses() {
    return strengths.size() > 1;
  }
}
