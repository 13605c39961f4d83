package dev.eosin.eval.tiles;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.config.Share;
import dev.eosin.eval.probes.NearestNeighbours;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// `tasks`: what is asked of a model's features.
@Doc("What is asked of a model's features of tiles.")
public sealed interface TileTask extends NamedTask
    permits TileTask.ZeroShot,
        TileTask.LinearProbe,
        TileTask.StochasticProbe,
        TileTask.Gradient,
        TileTask.Neighbours,
        TileTask.FewShot,
        TileTask.FineTune,
        TileTask.Grades,
        TileTask.Centres,
        DecayProbeTask,
        SeveralLabelsTask {
  /// The same as tasks of one result each.
  default List<TileTask> single() {
    return List.of(this);
  }

  /// Whether it learns, so that tiles are divided.
  default boolean learns() {
    return true;
  }

  /// Whether it chooses something on validation tiles.
  default boolean chooses() {
    return false;
  }

  /// By the prompts of the classes.
  @Named("zero-shot")
  @Doc(
      "Classification by the classes' prompts: all templates with all names of a class are averaged,"
          + " as open_clip does; and with single prompts, to tell how much hangs on their words.")
  record ZeroShot(
      @Doc("What it is called in results; its type otherwise.") Optional<String> name,
      @Doc("Whether single prompts are measured, too.") @OrElse("true") boolean singlePrompts)
      implements TileTask {
    @Override
    public String version() {
      return "zero-shot/1";
    }

    @Override
    public boolean learns() {
      return false;
    }
  }

  /// Logistic regression.
  @Named("linear-probe")
  @Doc(
      "Logistic regression by L-BFGS, to the minimum: C * sum(log loss) + |W|^2 / 2, the intercept"
          + " free, as scikit-learn has it.")
  record LinearProbe(
      @Doc("What it is called in results; its type otherwise.") Optional<String> name,
      @Doc("C. Of several one is chosen on the validation tiles, the first of the best.")
          @OrElse("[0.01, 0.1, 1, 10, 100, 1000]")
          @Range(above = 0)
          List<Double> strengths,
      @Doc("Instead, C is features x classes / 100.") @OrElse("false") boolean adaptive,
      @Doc("Whether classes weigh the same, however many tiles they have.") @OrElse("false")
          boolean balanced,
      @Doc("Whether each feature is brought to mean 0 and deviation 1 of the tiles learnt from.")
          @OrElse("false")
          boolean standardise,
      @Doc("What the validation tiles choose by.") @OrElse("balanced-accuracy") ChosenBy chosenBy)
      implements TileTask {
    public LinearProbe {
      strengths = strengths.stream().sorted().toList();
      requireSome("strengths", strengths);
    }

    @Override
    public String version() {
      return "linear-probe/1";
    }

    @Override
    public boolean chooses() {
      return !adaptive && strengths.size() > 1;
    }
  }

  /// PLIP's way.
  @Named("sgd-probe")
  @Doc(
      "Logistic regression of each class against the rest by stochastic gradient descent, as"
          + " scikit-learn's SGDClassifier has it, which PLIP probes with.")
  record StochasticProbe(
      @Doc("What it is called in results; its type otherwise.") Optional<String> name,
      @Doc("Regularisation. Of several one is chosen on the validation tiles.")
          @OrElse("[1e-4, 1e-3, 1e-2, 1e-1]")
          @Range(above = 0)
          List<Double> alphas,
      @Doc("Passes over the tiles at most.") @OrElse("10_000") @Range(min = 1) int passes,
      @Doc(
              "By how much a pass's mean loss has to fall below the best one, in one of five passes;"
                  + " 0 for all passes.")
          @OrElse("1e-3")
          @Range(min = 0)
          double tolerance,
      @Doc("Whether classes weigh the same, however many tiles they have.") @OrElse("true")
          boolean balanced,
      @Doc("What the validation tiles choose by.") @OrElse("f1-macro") ChosenBy chosenBy)
      implements TileTask {
    public StochasticProbe {
      alphas = List.copyOf(alphas);
      requireSome("alphas", alphas);
    }

    OptionalDouble ends() {
      return tolerance > 0 ? OptionalDouble.of(tolerance) : OptionalDouble.empty();
    }

    @Override
    public String version() {
      return "sgd-probe/1";
    }

    @Override
    public boolean chooses() {
      return alphas.size() > 1;
    }
  }

  /// A linear layer on batches.
  @Named("gradient-probe")
  @Doc("One linear layer trained by AdamW on batches, several times from other first weights.")
  record Gradient(
      @Doc("What it is called in results; its type otherwise.") Optional<String> name,
      @Doc("Learning rate, the same all along but for slow-epochs.")
          @OrElse("3e-4")
          @Range(above = 0)
          double lr,
      @Doc("Decoupled weight decay of the matrix.") @OrElse("0") @Range(min = 0) double weightDecay,
      @Doc("Tiles of an update.") @OrElse("256") @Range(min = 1) int batch,
      @Doc("Updates at most; instead of epochs.") @Range(min = 1) Optional<Integer> updates,
      @Doc("Epochs.") @Range(min = 1) Optional<Integer> epochs,
      @Doc(
              "Epochs at the beginning with a third of the rate, as torch's ConstantLR has them by"
                  + " itself.")
          @OrElse("0")
          @Range(min = 0)
          int slowEpochs,
      @Doc(
              "Share of the updates without a better balanced accuracy on validation tiles that ends"
                  + " the training; the best weights are kept. 1 for the last weights.")
          @OrElse("1")
          @Range(above = 0, max = 1)
          double patience,
      @Doc("How many times; the results are means, and their spread is told.")
          @OrElse("5")
          @Range(min = 1, max = 1000)
          int runs)
      implements TileTask {
    /// @throws IllegalArgumentException unless exactly one of updates and epochs is given
    public Gradient {
      if (updates.isPresent() == epochs.isPresent()) {
        throw new IllegalArgumentException("updates: give either updates or epochs");
      }
    }

    @Override
    public String version() {
      return "gradient-probe/1";
    }

    @Override
    public boolean chooses() {
      return patience < 1;
    }
  }

  /// k nearest neighbours.
  @Named("knn")
  @Doc("Classification by the nearest tiles that are learnt from, by cosine.")
  record Neighbours(
      @Doc("What it is called in results; its type otherwise.") Optional<String> name,
      @Doc("How many. Of several one is chosen on the validation tiles, the first of the best.")
          @OrElse("[1, 5, 20]")
          @Range(min = 1)
          List<Integer> k,
      @Doc(
              "What a vote weighs: the same (uniform), 1 / (1 - cosine) (distance), or exp(cosine /"
                  + " 0.07) (softmax).")
          @OrElse("uniform")
          NearestNeighbours.Votes votes,
      @Doc("What the validation tiles choose by.") @OrElse("balanced-accuracy") ChosenBy chosenBy)
      implements TileTask {
    public Neighbours {
      k = List.copyOf(k);
      requireSome("k", k);
    }

    @Override
    public String version() {
      return "knn/1";
    }

    @Override
    public boolean chooses() {
      return k.size() > 1;
    }
  }

  /// A few tiles of each class.
  @Named("few-shot")
  @Doc("Learning from a few tiles of each class, drawn several times.")
  record FewShot(
      @Doc("What it is called in results; its type otherwise.") Optional<String> name,
      @Doc("Tiles of a class.") @OrElse("[1, 2, 4, 8, 16]") @Range(min = 1) List<Integer> shots,
      @Doc("Draws; the results are means, and their spread is told.")
          @OrElse("10")
          @Range(min = 1, max = 10_000)
          int draws,
      @Doc("What learns: logistic regression, or the nearest mean direction of a class.")
          @OrElse("prototype")
          Learner learner,
      @Doc("C of the regression; nothing is chosen.") @OrElse("1") @Range(above = 0)
          double strength)
      implements TileTask {
    /// What learns from the drawn tiles.
    public enum Learner {
      REGRESSION,
      PROTOTYPE
    }

    public FewShot {
      shots = List.copyOf(shots);
      requireSome("shots", shots);
    }

    @Override
    public String title() {
      String all = TileTask.super.title();
      return shots.size() == 1 ? "%s-%d".formatted(all, shots.getFirst()) : all;
    }

    @Override
    public List<TileTask> single() {
      return shots.stream()
          .<TileTask>map(each -> new FewShot(name, List.of(each), draws, learner, strength))
          .toList();
    }

    @Override
    public String version() {
      return "few-shot/2";
    }
  }

  /// The image tower itself.
  @Named("fine-tune")
  @Doc(
      "The image tower is trained on with a linear layer above it, on a share of the tiles, several"
          + " times, as PLIP's study does: each learning rate is tried on the tiles that are learnt"
          + " from, the validation tiles choose by weighted F1 after the last epoch, the best one is"
          + " trained anew on both, and the test tiles judge. AdamW, cosine to nothing, no"
          + " augmentation.")
  record FineTune(
      @Doc("What it is called in results; its type otherwise.") Optional<String> name,
      @Doc("Shares of each class's tiles; at least one tile of each, and each share a result.")
          @OrElse("[1 %, 5 %, 10 %, 50 %, 100 %]")
          List<Share> shares,
      @Doc(
              "Learning rates. Of several one is chosen, the first of the best; a single one is taken.")
          @OrElse("[1e-6, 1e-5, 1e-4, 1e-3, 1e-2]")
          @Range(above = 0)
          List<Double> lrs,
      @Doc("Decoupled weight decay of matrices.") @OrElse("0.1") @Range(min = 0) double weightDecay,
      @Doc("Tiles of an update.") @OrElse("128") @Range(min = 1, max = 65536) int batch,
      @Doc("Passes over the tiles.") @OrElse("10") @Range(min = 1) int epochs,
      @Doc(
              "How many times: other tiles of a share, another first linear layer, another order. The"
                  + " results are means, and their spread is told.")
          @OrElse("10")
          @Range(min = 1, max = 1000)
          int runs)
      implements TileTask {
    /// @throws IllegalArgumentException for no share or rate, or a share of nothing
    public FineTune {
      shares = ClassShares.checked(shares);
      lrs = List.copyOf(lrs);
      requireSome("lrs", lrs);
    }

    @Override
    public String title() {
      return ClassShares.title(TileTask.super.title(), shares);
    }

    @Override
    public List<TileTask> single() {
      return shares.stream()
          .<TileTask>map(
              each -> new FineTune(name, List.of(each), lrs, weightDecay, batch, epochs, runs))
          .toList();
    }

    @Override
    public String version() {
      return "fine-tune/1";
    }

    @Override
    public boolean chooses() {
      return lrs.size() > 1;
    }
  }

  /// Grades.
  @Named("grade-probe")
  @Doc(
      "Grades, which are the classes in the order in which they are listed, by ridge regression of"
          + " their number, rounded to the next grade; kappa_quadratic is the figure that counts.")
  record Grades(
      @Doc("What it is called in results; its type otherwise.") Optional<String> name,
      @Doc("C. Of several one is chosen on the validation tiles by quadratic kappa.")
          @OrElse("[0.01, 0.1, 1, 10, 100]")
          @Range(above = 0)
          List<Double> strengths)
      implements TileTask {
    public Grades {
      strengths = strengths.stream().sorted().toList();
      requireSome("strengths", strengths);
    }

    @Override
    public String version() {
      return "grade-probe/1";
    }

    @Override
    public boolean chooses() {
      return strengths.size() > 1;
    }
  }

  /// Classes against centres.
  @Named("centre-robustness")
  @Doc(
      "Whether neighbours share the class rather than the centre (PathoROB): of the nearest tiles of"
          + " other groups, those of the same class and another centre, divided by these and those of"
          + " another class and the same centre. Nothing is learnt.")
  record Centres(
      @Doc("What it is called in results; its type otherwise.") Optional<String> name,
      @Doc("Neighbours of each tile.") @OrElse("20") @Range(min = 1, max = 100_000) int k)
      implements TileTask {
    @Override
    public String version() {
      return "centre-robustness/1";
    }

    @Override
    public boolean learns() {
      return false;
    }
  }

  static void requireSome(String key, List<?> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException(key + ": at least one is needed");
    }
  }
}
