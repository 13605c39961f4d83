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
  /// A network that is trained, several times from other first weights.
  sealed interface Trained extends SlideTask
      permits Attention, EvaAttention, PathoBenchAttention, PathoBenchSurvival {
    /// How many times.
    int runs();
  }

  /// Survival by a column of times and one of events.
  sealed interface Timed extends SlideTask
      permits SurvivalProbe, ElasticNetSurvival, PathoBenchSurvival {
    /// The column of times.
    ///
    /// @param label of the table
    String timeOf(String label);

    /// The column of events.
    ///
    /// @param label of the table
    String eventOf(String label);

    /// Whether a column is called as the label is.
    boolean asksLabel();
  }

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
      implements Trained {
    @Override
    public String version() {
      return "abmil/1";
    }
  }

  /// eva's ABMIL.
  @Named("eva-abmil")
  @Doc(
      "ABMIL as eva builds and trains it: a projection to 128, gated attention, two hidden layers;"
          + " AdamW on batches of slides, a third of the rate in the first epochs, the epoch of the"
          + " best balanced accuracy on the validation side, which has to be there.")
  record EvaAttention(
      @Doc("What it is called in results; its type otherwise.") Optional<String> name,
      @Doc("Learning rate.") @OrElse("1e-3") @Range(above = 0) double lr,
      @Doc("Decoupled weight decay of matrices.") @OrElse("0.01") @Range(min = 0)
          double weightDecay,
      @Doc("Slides of an update.") @OrElse("32") @Range(min = 1, max = 4096) int batch,
      @Doc("Passes over the slides at most.") @OrElse("100") @Range(min = 1, max = 100_000)
          int epochs,
      @Doc("Updates at most.") @OrElse("12_500") @Range(min = 1) int updates,
      @Doc("Epochs without a better one that end the training.") @OrElse("20") @Range(min = 1)
          int patience,
      @Doc("How many times; the results are means, and their spread is told.")
          @OrElse("20")
          @Range(min = 1, max = 1000)
          int runs)
      implements Trained {
    @Override
    public String version() {
      return "eva-abmil/1";
    }
  }

  /// Patho-Bench's ABMIL.
  @Named("patho-bench-abmil")
  @Doc(
      "ABMIL as Patho-Bench builds and trains it: layers as wide as the features, attention of 512"
          + " without gates, dropout; AdamW, a slide an update, cosine to nearly nothing, the last"
          + " epoch.")
  record PathoBenchAttention(
      @Doc("What it is called in results; its type otherwise.") Optional<String> name,
      @Doc("Learning rate at the beginning.") @OrElse("3e-4") @Range(above = 0) double lr,
      @Doc("Decoupled weight decay of matrices.") @OrElse("1e-5") @Range(min = 0)
          double weightDecay,
      @Doc("Passes over the slides.") @OrElse("20") @Range(min = 1, max = 100_000) int epochs,
      @Doc("Tiles of a slide that are looked at, drawn anew each time.")
          @OrElse("2048")
          @Range(min = 1)
          int tiles,
      @Doc("How many times; the results are means, and their spread is told.")
          @OrElse("1")
          @Range(min = 1, max = 1000)
          int runs)
      implements Trained {
    @Override
    public String version() {
      return "patho-bench-abmil/1";
    }
  }

  /// Survival by Patho-Bench's ABMIL.
  @Named("patho-bench-abmil-survival")
  @Doc(
      "Survival by ABMIL as Patho-Bench builds and trains it: the network of patho-bench-abmil with a"
          + " hazard for each of some intervals of time, the negative log likelihood of the interval in"
          + " which the watching ended; the figure is the c-index.")
  record PathoBenchSurvival(
      @Doc("What it is called in results; its type otherwise.") Optional<String> name,
      @Doc("The table's column of times; that of the label with _days behind it otherwise.")
          Optional<String> time,
      @Doc("Its column of events; that of the label with _event behind it otherwise.")
          Optional<String> event,
      @Doc("How many intervals: between quantiles of the times of the events that are learnt from.")
          @OrElse("4")
          @Range(min = 2, max = 100)
          int intervals,
      @Doc(
              "Whether instead the label's column has the number of each sample's interval, of which"
                  + " the rest after division by their count is taken, as in Patho-Bench's splits.")
          @OrElse("false")
          boolean labelled,
      @Doc("Learning rate at the beginning.") @OrElse("3e-4") @Range(above = 0) double lr,
      @Doc("Decoupled weight decay of matrices.") @OrElse("1e-5") @Range(min = 0)
          double weightDecay,
      @Doc("Passes over the slides.") @OrElse("20") @Range(min = 1, max = 100_000) int epochs,
      @Doc("Tiles of a slide that are looked at, drawn anew each time.")
          @OrElse("2048")
          @Range(min = 1)
          int tiles,
      @Doc("How many times; the results are means, and their spread is told.")
          @OrElse("1")
          @Range(min = 1, max = 1000)
          int runs)
      implements Trained, Timed {
    @Override
    public String version() {
      return "patho-bench-abmil-survival/1";
    }

    @Override
    public String timeOf(String label) {
      return time.orElse(label + "_days");
    }

    @Override
    public String eventOf(String label) {
      return event.orElse(label + "_event");
    }

    @Override
    public boolean asksLabel() {
      return labelled || time.isEmpty() || event.isEmpty();
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
      implements Timed {
    @Override
    public String version() {
      return "survival/1";
    }

    @Override
    public String timeOf(String label) {
      return time;
    }

    @Override
    public String eventOf(String label) {
      return event;
    }

    @Override
    public boolean asksLabel() {
      return false;
    }
  }

  /// Survival by few features.
  @Named("elastic-net-survival")
  @Doc(
      "Cox regression of the mean of the tiles' features with an elastic net, as scikit-survival's"
          + " CoxnetSurvivalAnalysis has it; the figure is the c-index. Each alpha has a result of its"
          + " own, nothing is chosen.")
  record ElasticNetSurvival(
      @Doc("What it is called in results; its type otherwise.") Optional<String> name,
      @Doc("The table's column of times; that of the label with _days behind it otherwise.")
          Optional<String> time,
      @Doc("Its column of events; that of the label with _event behind it otherwise.")
          Optional<String> event,
      @Doc("Strengths of the regularisation.") @OrElse("[0.01, 0.02, 0.07]") @Range(above = 0)
          List<Double> alphas,
      @Doc("The part of it that the absolute values of the coefficients have.")
          @OrElse("0.5")
          @Range(above = 0, max = 1)
          double l1Ratio)
      implements Timed {
    public ElasticNetSurvival {
      alphas = List.copyOf(alphas);
      if (alphas.isEmpty()) {
        throw new IllegalArgumentException("alphas: at least one is needed");
      }
    }

    @Override
    public String version() {
      return "elastic-net-survival/1";
    }

    @Override
    public String title() {
      String all = Timed.super.title();
      return alphas.size() == 1 ? "%s-%s".formatted(all, alphas.getFirst()) : all;
    }

    @Override
    public List<SlideTask> single() {
      return alphas.stream()
          .<SlideTask>map(each -> new ElasticNetSurvival(name, time, event, List.of(each), l1Ratio))
          .toList();
    }

    @Override
    public String timeOf(String label) {
      return time.orElse(label + "_days");
    }

    @Override
    public String eventOf(String label) {
      return event.orElse(label + "_event");
    }

    @Override
    public boolean asksLabel() {
      return time.isEmpty() || event.isEmpty();
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
    return switch (this) {
      case Timed _, SeveralLabels _ -> false;
      case MiZero _, MeanProbe _, Attention _, EvaAttention _, PathoBenchAttention _ -> true;
    };
  }
}
