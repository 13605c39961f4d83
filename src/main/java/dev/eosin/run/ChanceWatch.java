package dev.eosin.run;

import dev.eosin.train.EvaluationReport;
import dev.eosin.train.LossRange;
import dev.eosin.train.StepReport;
import dev.eosin.train.TrainingObserver;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Optional;

/// Notices a run that has collapsed: its model answers everything alike, so that the loss is that
/// of chance, and no gradient is left to leave it by, or one was so large that it blew the weights
/// up, or the loss has not left it over the last third of the run, whatever the gradient.
final class ChanceWatch implements TrainingObserver {
  /// Updates that are looked at.
  static final int WINDOW = 10;

  private static final double NO_GRADIENT = 1e-3;

  /// Of runs that learn the norm was never above a few thousand; of one whose weights an absurd
  /// rate had blown up it was 1e15 and more.
  private static final double BLOWN_UP = 1e6;

  private static final double AT_CHANCE = 0.02;

  private static final String MENDING =
      "Lower optimizer.lr ('eosin lr-find RECIPE' looks for one), lengthen schedule.warmup, or set optimizer.clip-norm";

  private final Deque<StepReport> last = new ArrayDeque<>();
  private final Plateau plateau;
  private double largest;

  /// @param length of the whole run in updates
  ChanceWatch(long length) {
    this.plateau = new Plateau(length);
  }

  @Override
  public void step(StepReport report) {
    largest = Math.max(largest, report.gradientNorm());
    plateau.add(report.step(), report.loss());
    last.addLast(report);
    if (last.size() > WINDOW) {
      last.removeFirst();
    }
  }

  /// Whether the loss is worth comparing with chance: the last updates had no gradient to speak of,
  /// one of all was blown up, or the loss no longer moves.
  boolean stands() {
    return hopeless() || plateau.isFlat();
  }

  private boolean hopeless() {
    return last.size() == WINDOW && (vanished() || largest >= BLOWN_UP);
  }

  private boolean vanished() {
    return most() <= NO_GRADIENT * Math.min(1, largest);
  }

  private double most() {
    return last.stream().mapToDouble(StepReport::gradientNorm).max().orElse(0);
  }

  /// What a user should know of the end of a run that stands.
  ///
  /// @param range of the loss of a batch
  Optional<String> verdict(LossRange range) {
    if (hopeless() && Math.abs(loss() - range.chance()) <= AT_CHANCE * range.chance()) {
      return Optional.of(collapsed(range.chance()));
    }
    return range.chanceTells() && plateau.isAt(range.chance())
        ? Optional.of(unmoved(range.chance()))
        : Optional.empty();
  }

  private double loss() {
    return last.stream().mapToDouble(StepReport::loss).average().orElseThrow();
  }

  private String collapsed(double chance) {
    return String.format(
        Locale.ROOT,
        "the run ends at chance: the loss of the last %d updates is %.4f, that of a model that answers everything alike %.4f, and the gradient norm %s, so nothing is learned any more. %s",
        WINDOW,
        loss(),
        chance,
        vanished()
            ? String.format(Locale.ROOT, "is at most %.1e", most())
            : String.format(Locale.ROOT, "was up to %.1e", largest),
        MENDING);
  }

  private String unmoved(double chance) {
    return String.format(
        Locale.ROOT,
        "the run ends at chance: the loss of the last %d updates is from %.4f to %.4f, that of a model that answers everything alike %.4f, so that these learned nothing. %s; where the rate is right, train longer",
        plateau.count(),
        plateau.least(),
        plateau.most(),
        chance,
        MENDING);
  }

  @Override
  public void evaluation(EvaluationReport report) {}

  @Override
  public void note(String message) {}

  @Override
  public void close() {}
}
