package dev.eosin.clip;

import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchImages;
import dev.eosin.data.batches.RowMarks;
import dev.eosin.data.batches.Tokens;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import dev.eosin.tower.PixelInputs;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Turns batches into the model's inputs: uint8 images are copied and normalised on the device, ids
/// are cut after the longest caption (what follows cannot reach a pooled token of a causal tower).
public final class ClipInputs implements AutoCloseable {
  private final Engine engine;
  private final PixelInputs pixels;

  public ClipInputs(Engine engine, DType compute, Normalisation normalisation) {
    this.engine = engine;
    this.pixels = new PixelInputs(engine, compute, normalisation);
  }

  /// What pixels are handed out in.
  public DType compute() {
    return pixels.compute();
  }

  /// The rows of a batch as tensors; valid as long as the batch.
  public StepRows rows(Batch batch) {
    return new BatchRows(batch);
  }

  /// As above, whose images are copied to the device once, however often they are asked for: their
  /// bytes stay there until the rows are closed.
  public KeptRows keptRows(Batch batch) {
    return new KeptRows(batch);
  }

  private sealed class BatchRows implements StepRows permits KeptRows {
    private final Batch batch;

    private BatchRows(Batch batch) {
      this.batch = batch;
    }

    @Override
    public int size() {
      return batch.size();
    }

    BatchImages images() {
      BatchImages images = batch.images();
      images.requireOneEach(batch.size());
      return images;
    }

    @Override
    public Tensor pixels(int from, int to) {
      return ClipInputs.this.pixels(images(), from, to);
    }

    @Override
    public long position(int row) {
      return batch.rows().get(row).position();
    }

    @Override
    public Tensor ids(int from, int to) {
      Tokens caption = batch.caption();
      return ClipInputs.this.ids(
          caption.ids(), from, to, caption.width(), caption.longest(from, to));
    }

    @Override
    public Optional<RowMarks> marks(LossSettings.Positives positives) {
      return positives.marks(batch);
    }
  }

  /// Rows whose images stay on the device.
  public final class KeptRows extends BatchRows implements AutoCloseable {
    private record Range(int from, int to) {}

    private final Map<Range, Tensor> kept = new HashMap<>();

    private KeptRows(Batch batch) {
      super(batch);
    }

    @Override
    public Tensor pixels(int from, int to) {
      return pixels.normalisedFrom(kept.computeIfAbsent(new Range(from, to), this::sent));
    }

    private Tensor sent(Range range) {
      BatchImages images = images();
      return pixels.bytes(images.pixels(), range.from, range.to, images.height(), images.width());
    }

    @Override
    public void close() {
      kept.values().forEach(Tensor::close);
      kept.clear();
    }
  }

  /// Normalised pixels [to-from,3,h,w] in the compute type; the caller closes them.
  ///
  /// @param images [b,3,h,w] uint8
  public Tensor pixels(byte[] images, int from, int to, int height, int width) {
    return pixels.pixels(images, from, to, height, width);
  }

  /// As above, of a batch's images.
  public Tensor pixels(BatchImages images, int from, int to) {
    return pixels.pixels(images.pixels(), from, to, images.height(), images.width());
  }

  /// Token ids int64 [to-from, longest]; the caller closes them.
  ///
  /// @param ids [b, contextLength]
  public Tensor ids(int[] ids, int from, int to, int contextLength, int longest) {
    long[] cut = new long[(to - from) * longest];
    for (int row = from; row < to; row++) {
      for (int i = 0; i < longest; i++) {
        cut[(row - from) * longest + i] = ids[row * contextLength + i];
      }
    }
    return engine.of(cut, to - from, longest);
  }

  @Override
  public void close() {
    pixels.close();
  }
}
