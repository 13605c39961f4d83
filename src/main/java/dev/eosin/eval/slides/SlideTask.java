package dev.eosin.eval.slides;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.eval.tiles.NamedTask;
import java.util.List;
import java.util.Optional;

/// `tasks` of slides.
@Doc("What is asked of the tiles of slides or patients.")
public sealed interface SlideTask extends NamedTask {
  /// The same as tasks of one result each.
  default List<SlideTask> single() {
    return List.of(this);
  }

  /// Scores of tiles, pooled.
  @Named("mi-zero")
  @Doc(
      "MI-Zero: each tile's cosines with the classes' prompts, of each class the mean of the largest;"
          + " nothing is learnt.")
  record MiZero(
      @Doc("What it is called in results; its type otherwise.") Optional<String> name,
      @Doc("How many of the largest; all of a slide with fewer tiles.")
          @OrElse("[1, 5, 10, 50, 100]")
          @Range(min = 1)
          List<Integer> top)
      implements SlideTask {
    public MiZero {
      top = List.copyOf(top);
      if (top.isEmpty()) {
        throw new IllegalArgumentException("top: at least one number is needed");
      }
    }

    @Override
    public String version() {
      return "mi-zero/2";
    }

    @Override
    public String title() {
      String all = SlideTask.super.title();
      return top.size() == 1 ? "%s-%d".formatted(all, top.getFirst()) : all;
    }

    @Override
    public List<SlideTask> single() {
      return top.stream().<SlideTask>map(each -> new MiZero(name, List.of(each))).toList();
    }
  }

  /// A probe of means.
  @Named("mean-probe")
  @Doc("Logistic regression of the mean of the tiles' features.")
  record MeanProbe(
      @Doc("What it is called in results; its type otherwise.") Optional<String> name,
      @Doc("C; nothing is chosen, since supplied folds have seldom a validation side.")
          @OrElse("1")
          @Range(above = 0)
          double strength,
      @Doc("Instead, C is features x classes / 100.") @OrElse("false") boolean adaptive,
      @Doc("Whether classes weigh the same, however many slides they have.") @OrElse("false")
          boolean balanced)
      implements SlideTask {
    @Override
    public String version() {
      return "mean-probe/1";
    }
  }

  /// Attention.
  @Named("abmil")
  @Doc(
      "ABMIL with gated attention, AdamW, a slide an update; with a validation side the epoch of the"
          + " best sum of macro F1 and macro area under the curve, otherwise the last.")
  record Attention(
      @Doc("What it is called in results; its type otherwise.") Optional<String> name,
      @Doc("Passes over the slides.") @OrElse("50") @Range(min = 1, max = 100_000) int epochs,
      @Doc("Learning rate, the same all along.") @OrElse("1e-4") @Range(above = 0) double lr,
      @Doc("Decoupled weight decay of matrices.") @OrElse("1e-5") @Range(min = 0)
          double weightDecay,
      @Doc("Features of a tile behind the first layer.") @OrElse("512") @Range(min = 1) int hidden,
      @Doc("Features by which tiles are weighted.") @OrElse("128") @Range(min = 1) int attention,
      @Doc("How many times; the results are means, and their spread is told.")
          @OrElse("1")
          @Range(min = 1, max = 1000)
          int runs)
      implements SlideTask {
    @Override
    public String version() {
      return "abmil/1";
    }
  }

  /// Survival.
  @Named("survival")
  @Doc("Cox regression of the mean of the tiles' features; the figure is the c-index.")
  record SurvivalProbe(
      @Doc("What it is called in results; its type otherwise.") Optional<String> name,
      @Doc("The table's column of times.") String time,
      @Doc("Its column of events: 1 or true where the time ended with one, 0 or false otherwise.")
          String event,
      @Doc("C; nothing is chosen.") @OrElse("1") @Range(above = 0) double strength)
      implements SlideTask {
    @Override
    public String version() {
      return "survival/1";
    }
  }

  /// Several labels.
  @Named("multi-label")
  @Doc(
      "A logistic regression for each of several labels that a slide may have, of the mean of the"
          + " tiles' features.")
  record SeveralLabels(
      @Doc("What it is called in results; its type otherwise.") Optional<String> name,
      @Doc("The table's column of labels.") String column,
      @Doc("What stands between two labels.") @OrElse("\"|\"") String separator,
      @Doc("Labels with fewer test samples are left out, and said.") @OrElse("1") @Range(min = 1)
          int fewest,
      @Doc("C; nothing is chosen.") @OrElse("1") @Range(above = 0) double strength)
      implements SlideTask {
    /// @throws IllegalArgumentException for an empty separator
    public SeveralLabels {
      if (separator.isEmpty()) {
        throw new IllegalArgumentException("separator: is empty");
      }
    }

    @Override
    public String version() {
      return "multi-label/1";
    }
  }

  /// Whether it tells the classes of the label.
  default boolean tellsClasses() {
    return !(this instanceof SurvivalProbe) && !(this instanceof SeveralLabels);
  }
}
