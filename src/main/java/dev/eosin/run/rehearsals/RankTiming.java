package dev.eosin.run.rehearsals;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchLoader;
import dev.eosin.data.opened.DataSets;
import dev.eosin.experiment.Experiment;
import dev.eosin.experiment.Opened;
import dev.eosin.experiment.RunSettings;
import dev.eosin.group.Group;
import dev.eosin.random.RandomKey;
import dev.eosin.run.Optimisers;
import dev.eosin.run.RankedStart;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.KernelListener;
import dev.eosin.train.LossScaling;
import dev.eosin.train.Updater;
import dev.eosin.train.machine.ProcessMemory;
import dev.eosin.train.optimisers.Optimiser;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/// What ranks cost: a recipe's updates on its first batch, with gradients that leave while the
/// backward pass goes on and with gradients that leave after it.
public final class RankTiming {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// The first update of an updater records in which order gradients come.
  private static final int UNMEASURED = 2;

  private static final double RATE = 1e-6;

  private RankTiming() {}

  /// @param steps measured of each kind
  /// @return one JSON line, the same on all ranks but for their speed
  public static String measure(RunSettings recipe, Group group, int steps) throws IOException {
    Experiment experiment = recipe.experiment();
    DataSets data = experiment.data();
    Engine engine = recipe.compute().start(KernelListener.NONE, group);
    try (Opened opened = experiment.open(engine, data, group);
        Optimiser optimiser = Optimisers.of(recipe, opened, group);
        BatchLoader batches =
            data.sharedBatches(
                new RandomKey(recipe.seed()),
                recipe.batch(),
                RankedStart.share(group, recipe),
                0)) {
      opened.begin();
      Batch batch = batches.next().copy();
      ObjectNode line = JSON.createObjectNode().put("what", "ranks").put("ranks", group.size());
      line.put("batch", recipe.batch().global()).put("threads", engine.threads());
      for (boolean overlaps :
          group.size() == 1 ? new boolean[] {true} : new boolean[] {true, false}) {
        var updater =
            new Updater(
                opened.learner(),
                optimiser,
                Optional.empty(),
                group,
                LossScaling.of(
                    opened.learner().compute(), CheckpointState.beginning(recipe.seed(), Map.of())),
                overlaps);
        measure(updater, batch, steps, group, overlaps ? "" : "_without_overlap", line);
      }
      ProcessMemory.peakBytes().ifPresent(peak -> line.put("peak_mib", peak >> 20));
      double rate = recipe.batch().global() / line.get("step_s").asDouble();
      return line.put("rows_per_s", Math.rint(1000 * rate) / 1000).toString();
    }
  }

  private static void measure(
      Updater updater, Batch batch, int steps, Group group, String suffix, ObjectNode line) {
    double[] seconds = new double[steps];
    long bytes = 0;
    for (int step = -UNMEASURED; step < steps; step++) {
      long before = group.bytesMoved();
      long began = System.nanoTime();
      updater.step(batch, RATE, step + UNMEASURED + 1, loss -> {}, phase -> {});
      if (step >= 0) {
        seconds[step] = (System.nanoTime() - began) / 1e9;
        bytes = group.bytesMoved() - before;
      }
    }
    group.settled();
    Arrays.sort(seconds);
    line.put("step_s" + suffix, Math.rint(1e4 * seconds[steps / 2]) / 1e4);
    line.put("bytes_per_step" + suffix, bytes);
  }
}
