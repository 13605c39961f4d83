package dev.eosin.train;

import dev.eosin.tensor.ScalarReads;
import dev.eosin.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/// Where a [Learner] leaves the losses of a step, part by part, as it finds them. Whether they are
/// read then or together with what else is read of a step, the learner need not know.
public final class StepLosses {
  private static final String ALONE = "";

  private final ScalarReads reads;
  private final Consumer<StepLosses> known;
  private final Map<String, List<List<DoubleSupplier>>> parts = new LinkedHashMap<>();

  /// Reads at once, and tells nobody.
  public StepLosses() {
    this(ScalarReads.atOnce(), losses -> {});
  }

  /// @param reads what reads them; the caller's
  /// @param known told when [#known] is called; may throw
  public StepLosses(ScalarReads reads, Consumer<StepLosses> known) {
    this.reads = reads;
    this.known = known;
  }

  /// Adds to the only loss.
  ///
  /// @param part one element; the caller's
  public void add(Tensor part) {
    add(ALONE, part);
  }

  /// Adds to one of several losses.
  ///
  /// @param name its key in `log.jsonl`
  /// @param shares one element each, added in fp32 before they are added to what came before; the
  ///   caller's
  public void add(String name, Tensor... shares) {
    parts
        .computeIfAbsent(name, _ -> new ArrayList<>())
        .add(Arrays.stream(shares).map(reads::read).toList());
  }

  /// Adds a loss that was found on the host.
  ///
  /// @param name its key in `log.jsonl`
  public void add(String name, double part) {
    parts.computeIfAbsent(name, _ -> new ArrayList<>()).add(List.of(() -> part));
  }

  /// To be called when all was added, before anything is differentiated where that can be: throws
  /// what the judge of the step throws.
  public void known() {
    known.accept(this);
  }

  /// What was added so far.
  ///
  /// @throws IllegalStateException where the numbers were not read yet
  public Losses sum() {
    Map<String, Double> sums = new LinkedHashMap<>();
    parts.forEach(
        (name, found) ->
            sums.put(name, found.stream().mapToDouble(StepLosses::inFloat).reduce(0, Double::sum)));
    double total = sums.values().stream().mapToDouble(each -> each).sum();
    sums.remove(ALONE);
    return new Losses(total, sums);
  }

  private static double inFloat(List<DoubleSupplier> shares) {
    if (shares.size() == 1) {
      return shares.getFirst().getAsDouble();
    }
    float sum = 0;
    for (DoubleSupplier share : shares) {
      sum += (float) share.getAsDouble();
    }
    return sum;
  }
}
