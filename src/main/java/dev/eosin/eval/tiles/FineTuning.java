package dev.eosin.eval.tiles;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.eval.probes.LabelScores;
import dev.eosin.eval.probes.MeanFigures;
import dev.eosin.eval.probes.SharedScores;
import dev.eosin.eval.probes.StoppedException;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/// Trains a model's image tower on, with a linear layer above it, as PLIP's study of fine-tuning
/// does (PathologyFoundation/plip c7c2fef, `fine_tuning_train.py`): every learning rate on a share
/// of the tiles, the one with the best weighted F1 on validation tiles anew on both, judged by test
/// tiles. Unlike there, tiles are shuffled in every epoch, a share is drawn of each class, and the
/// sides are those of all tasks, so that no group is on two of them.
final class FineTuning {
  private final TileTask.FineTune task;
  private final TileSides sides;
  private final TunableModel model;
  private final RandomKey key;
  private final TileTasks.Watch watch;
  private final DoneTrainings done;

  /// @param task of one share
  /// @param done what earlier calls trained already
  FineTuning(
      TileTask.FineTune task,
      TileSides sides,
      TunableModel model,
      RandomKey key,
      TileTasks.Watch watch,
      DoneTrainings done) {
    this.task = task;
    this.sides = sides;
    this.model = model;
    this.key = key;
    this.watch = watch;
    this.done = done;
  }

  /// What tiles of a run are for.
  private record Drawn(int[] train, int[] validation) {
    int[] both() {
      return IntStream.concat(IntStream.of(train), IntStream.of(validation)).sorted().toArray();
    }
  }

  /// A rate, and what it reached; NaN where nothing was chosen.
  private record Chosen(double rate, double reached) {}

  /// @throws StoppedException when it was asked to stop
  /// @throws DataException when no learning rate gives a loss that is finite
  /// @throws IOException when weights or tiles cannot be read any more
  TaskResult run() throws IOException {
    int[] test = sides.split().test();
    ObjectNode details = ClassDetails.object().put("version", task.version());
    details.put("share", task.shares().getFirst().value()).put("epochs", task.epochs());
    details.put("batch", task.batch()).put("weight_decay", task.weightDecay());
    ArrayNode rates = details.putArray("lrs");
    task.lrs().forEach(rates::add);
    ArrayNode each = details.putArray("runs");
    List<Chosen> chosen = chosen();
    List<double[]> shares =
        shared(
            task.runs(),
            (run, stop) -> {
              double rate = chosen.get(run).rate();
              return trained(drawn(run).both(), test, rate, run, stop)
                  .map(SharedScores::flat)
                  .orElseThrow(() -> diverged(List.of(rate)));
            });
    List<LabelScores> runs = new ArrayList<>();
    for (int run = 0; run < task.runs(); run++) {
      Drawn drawn = drawn(run);
      ObjectNode said = each.addObject().put("lr", chosen.get(run).rate());
      ClassDetails.put(said, "validation_f1_weighted", chosen.get(run).reached());
      said.put("train", drawn.train().length).put("validation", drawn.validation().length);
      runs.add(new LabelScores(SharedScores.rows(shares.get(run), test.length), sides.truth(test)));
    }
    details.put("test", test.length);
    var mean = new MeanFigures(List.copyOf(runs));
    ClassDetails.put(details, mean.spreads());
    ClassDetails.put(details.putObject("first_run"), runs.getFirst(), sides.set().labels());
    return TaskResult.of(
        task.title(),
        mean,
        TileSides.samples(sides.set(), test),
        sides.set().labels(),
        key,
        details,
        ClassDetails.notes(task.title(), runs.getFirst(), sides.set().labels()));
  }

  /// One of the trainings that ranks share.
  private interface Unit {
    double[] done(int number, BooleanSupplier stop) throws IOException;
  }

  private List<double[]> shared(int count, Unit unit) throws IOException {
    return watch
        .units()
        .all(
            count,
            (number, stop) -> {
              try {
                return Optional.of(unit.done(number, stop));
              } catch (StoppedException _) {
                return Optional.empty();
              } catch (UncheckedIOException e) {
                throw e.getCause();
              }
            })
        .orElseThrow(StoppedException::new);
  }

  private Drawn drawn(int run) {
    return new Drawn(
        share(sides.split().train(), run, 0), share(sides.split().validation(), run, 1));
  }

  private int[] share(int[] rows, int run, int side) {
    return ClassShares.drawn(
        sides,
        rows,
        task.shares().getFirst(),
        label -> key.stream(Purpose.FINE_TUNING, run, 2L * label + side));
  }

  /// Of each run; every rate of every run is a unit that ranks share.
  private List<Chosen> chosen() throws IOException {
    if (!task.chooses()) {
      return Collections.nCopies(task.runs(), new Chosen(task.lrs().getFirst(), Double.NaN));
    }
    int count = task.lrs().size();
    List<double[]> reached =
        shared(count * task.runs(), (unit, stop) -> reached(unit / count, unit % count, stop));
    List<Chosen> chosen = new ArrayList<>();
    for (int run = 0; run < task.runs(); run++) {
      Optional<Chosen> best = Optional.empty();
      for (int rate = 0; rate < count; rate++) {
        double[] of = reached.get(run * count + rate);
        if (of.length > 0 && (best.isEmpty() || of[0] > best.get().reached())) {
          best = Optional.of(new Chosen(task.lrs().get(rate), of[0]));
        }
      }
      chosen.add(best.orElseThrow(() -> diverged(task.lrs())));
    }
    return chosen;
  }

  /// @return the weighted F1 on validation tiles; nothing where the loss is not finite
  private double[] reached(int run, int rate, BooleanSupplier stop) throws IOException {
    Drawn drawn = drawn(run);
    int[] truth = sides.truth(drawn.validation());
    return trained(drawn.train(), drawn.validation(), task.lrs().get(rate), run, stop)
        .map(shares -> new double[] {new LabelScores(shares, truth).confusion().f1Weighted()})
        .orElse(new double[0]);
  }

  private DataException diverged(List<Double> rates) {
    return new DataException(
        "%s: the loss is not finite with a learning rate of %s; give smaller ones in lrs"
            .formatted(task.title(), rates));
  }

  /// What a tower takes tiles for once it has learnt from others [n][k]; empty where its loss is
  /// not finite. What an earlier call trained is not trained again.
  private Optional<double[][]> trained(
      int[] rows, int[] asked, double rate, int run, BooleanSupplier stop) throws IOException {
    var training = new DoneTrainings.Training(task, rows, asked, rate, run);
    Optional<Optional<double[][]>> known = done.known(training, sides.classes());
    if (known.isPresent()) {
      watch
          .progress()
          .accept(
              String.format(
                  Locale.ROOT,
                  "%s: run %d of %d, rate %.1e, was trained by an earlier call",
                  task.title(),
                  run + 1,
                  task.runs(),
                  rate));
      return known.get();
    }
    Optional<double[][]> shares = train(rows, asked, rate, run, stop);
    done.keep(training, shares);
    return shares;
  }

  private Optional<double[][]> train(
      int[] rows, int[] asked, double rate, int run, BooleanSupplier stop) throws IOException {
    int perEpoch = Math.ceilDiv(rows.length, task.batch());
    int updates = perEpoch * task.epochs();
    try (TunableModel.Classifier tower =
        model.classifier(sides.classes(), task.weightDecay(), run)) {
      for (int epoch = 0; epoch < task.epochs(); epoch++) {
        watch
            .progress()
            .accept(
                String.format(
                    Locale.ROOT,
                    "%s: run %d of %d, rate %.1e, epoch %d of %d, %d tiles",
                    task.title(),
                    run + 1,
                    task.runs(),
                    rate,
                    epoch + 1,
                    task.epochs(),
                    rows.length));
        int[] order = rows.clone();
        ClassShares.shuffle(order, key.stream(Purpose.PROBE_ORDER, epoch, (1L << 32) + run));
        for (int batch = 0; batch < perEpoch; batch++) {
          double passed = (double) (epoch * perEpoch + batch) / updates;
          int[] part = part(order, batch);
          double loss =
              tower.update(
                  pixels(part, stop),
                  sides.truth(part),
                  rate * (1 + Math.cos(Math.PI * passed)) / 2);
          if (!Double.isFinite(loss)) {
            return Optional.empty();
          }
        }
      }
      return shares(tower, asked, stop);
    }
  }

  private Optional<double[][]> shares(
      TunableModel.Classifier tower, int[] asked, BooleanSupplier stop) {
    List<double[]> all = new ArrayList<>();
    for (int batch = 0; batch * task.batch() < asked.length; batch++) {
      int[] part = part(asked, batch);
      all.addAll(Arrays.asList(tower.shares(pixels(part, stop), part.length)));
    }
    boolean finite = all.stream().flatMapToDouble(Arrays::stream).allMatch(Double::isFinite);
    return finite ? Optional.of(all.toArray(double[][]::new)) : Optional.empty();
  }

  private int[] part(int[] rows, int batch) {
    int from = batch * task.batch();
    return Arrays.copyOfRange(rows, from, Math.min(rows.length, from + task.batch()));
  }

  private byte[] pixels(int[] rows, BooleanSupplier stop) {
    if (stop.getAsBoolean()) {
      throw new StoppedException();
    }
    byte[] pixels = new byte[Math.multiplyExact(rows.length, model.bytes())];
    IntStream.range(0, rows.length)
        .parallel()
        .forEach(
            i -> {
              try {
                model.pixels(rows[i], pixels, i * model.bytes());
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    return pixels;
  }
}
