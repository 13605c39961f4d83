package dev.eosin.clip;

import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Tensor;
import java.util.Optional;
import java.util.function.DoubleConsumer;

/// A step on a part of each image's patches.
record DroppingStep(ClipStep step, PatchDropout dropout, Clip clip) implements ClipStep {
  @Override
  public double run(StepRows rows, double scale, DoubleConsumer judge, GradientSink sink) {
    return step.run(new Dropped(rows), scale, judge, sink);
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
    public Tensor captionClasses() {
      return rows.captionClasses();
    }

    @Override
    public StepRows ofWholeImages() {
      return rows.ofWholeImages();
    }

    @Override
    public Optional<Tensor> keptTokens(int from, int to) {
      int patches = clip.spec().image().tokens() - 1;
      return Optional.of(dropout.places(clip.engine(), rows, from, to, patches));
    }
  }
}
