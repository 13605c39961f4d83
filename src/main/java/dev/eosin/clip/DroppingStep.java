package dev.eosin.clip;

import dev.eosin.data.batches.RowMarks;
import dev.eosin.nn.AdapterDropout;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Tensor;
import dev.eosin.train.StepLosses;
import java.util.Optional;
import java.util.stream.IntStream;

/// A step with dropout: on a part of each image's patches, with a part of what enters the adapters
/// of models that have them so, and with what a text tower of BERT kind leaves out. All by the
/// samples' global positions.
record DroppingStep(ClipStep step, PatchDropout patches, Clip clip) implements ClipStep {
  @Override
  public void run(StepRows rows, double scale, StepLosses losses, GradientSink sink) {
    step.run(leavingOut(rows), scale, losses, sink);
  }

  /// The rows without what is left out of them.
  StepRows leavingOut(StepRows rows) {
    return new Dropped(rows);
  }

  private final class Dropped implements StepRows {
    private final StepRows rows;

    private Dropped(StepRows rows) {
      this.rows = rows;
    }

    @Override
    public int size() {
      return rows.size();
    }

    @Override
    public Tensor pixels(int from, int to) {
      return rows.pixels(from, to);
    }

    @Override
    public Tensor ids(int from, int to) {
      return rows.ids(from, to);
    }

    @Override
    public long position(int row) {
      return rows.position(row);
    }

    @Override
    public Optional<RowMarks> marks(LossSettings.Positives positives) {
      return rows.marks(positives);
    }

    @Override
    public StepRows whole() {
      return rows.whole();
    }

    @Override
    public Optional<Tensor> keptTokens(int from, int to) {
      if (patches.share() == 0) {
        return rows.keptTokens(from, to);
      }
      int all = clip.spec().image().tokens() - 1;
      return Optional.of(patches.places(clip.engine(), rows, from, to, all));
    }

    @Override
    public Optional<AdapterDropout> adapterDropout(int from, int to) {
      return clip.dropsInputsOfAdapters()
          ? Optional.of(
              new AdapterDropout(
                  patches.key(), IntStream.range(from, to).mapToLong(rows::position).toArray()))
          : Optional.empty();
    }

    @Override
    public Optional<Tensor> dropoutSeeds(int from, int to) {
      return TextDropout.isIn(clip)
          ? Optional.of(new TextDropout(patches.key()).seeds(clip, rows, from, to))
          : Optional.empty();
    }
  }
}
