package dev.eosin.run;

/// The losses of the last third of a run, in a few numbers: whether all of them are that of chance.
///
/// A model that answers everything alike has that loss in every batch, to the third digit. One that
/// learns, however slowly, has losses that differ from batch to batch, that fall, or that are below
/// it; so this is told from runs of a hundred steps at rates from far too low to far too high.
final class Plateau {
  /// Fewer updates say nothing: many a run that learns stands at chance for a while at first.
  static final int FEWEST = 15;

  private static final int PART = 3;

  /// All losses are within this share of chance.
  private static final double AROUND = 5e-3;

  /// Their mean is within this share of chance.
  private static final double ABOVE = 1e-3;

  /// What falls by more than this share of chance, or below it, is learned.
  private static final double LEARNED = 1e-4;

  private final long begins;
  private final long middle;
  private double least = Double.POSITIVE_INFINITY;
  private double most = Double.NEGATIVE_INFINITY;
  private double earlier;
  private double later;
  private long earlierCount;
  private long laterCount;

  /// @param length of the run in updates
  Plateau(long length) {
    long part = length / PART;
    this.begins = length - part;
    this.middle = length - part / 2;
  }

  void add(long step, double loss) {
    if (step <= begins) {
      return;
    }
    least = Math.min(least, loss);
    most = Math.max(most, loss);
    if (step <= middle) {
      earlier += loss;
      earlierCount++;
    } else {
      later += loss;
      laterCount++;
    }
  }

  long count() {
    return earlierCount + laterCount;
  }

  double least() {
    return least;
  }

  double most() {
    return most;
  }

  /// Whether the losses differ so little that they may all be that of chance.
  boolean isFlat() {
    return count() >= FEWEST
        && earlierCount >= FEWEST / 2
        && most - least <= 2 * AROUND * Math.abs(most);
  }

  /// Whether they are all that of chance, and no longer fall.
  boolean isAt(double chance) {
    double last = later / laterCount;
    return isFlat()
        && least >= chance * (1 - AROUND)
        && most <= chance * (1 + AROUND)
        && last >= chance * (1 - LEARNED)
        && last <= chance * (1 + ABOVE)
        && earlier / earlierCount - last <= chance * LEARNED;
  }
}
