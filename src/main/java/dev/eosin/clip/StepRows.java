package dev.eosin.clip;

import dev.eosin.data.batches.RowMarks;
import dev.eosin.nn.AdapterDropout;
import dev.eosin.tensor.Tensor;
import java.util.Optional;

/// The rows of one step as tensors, any range of them, as often as asked: a gradient cache embeds
/// every range twice. b rows, h x w pixels, n tokens.
public interface StepRows {
  /// b
  int size();

  /// Normalised pixels [to-from,3,h,w] in the compute type; the caller closes them.
  Tensor pixels(int from, int to);

  /// Token ids int64 [to-from,n], cut after the longest caption of the range; the caller closes
  /// them.
  Tensor ids(int from, int to);

  /// By which rows share their positives; none where each has its own.
  Optional<RowMarks> marks(LossSettings.Positives positives);

  /// A row's global sample position, by which it draws at random.
  long position(int row);

  /// The same rows with nothing left out, as a teacher sees them.
  default StepRows whole() {
    return this;
  }

  /// Which tokens of each image enter the first block, int64 [to-from,k], where not all do; the
  /// caller closes them.
  default Optional<Tensor> keptTokens(int from, int to) {
    return Optional.empty();
  }

  /// What of the inputs of adapters a range of rows leaves out, in a step that leaves out any.
  default Optional<AdapterDropout> adapterDropout(int from, int to) {
    return Optional.empty();
  }

  /// Seeds of the text tower's dropout, int64 [to-from,s], where a step has any; the caller closes
  /// them.
  default Optional<Tensor> dropoutSeeds(int from, int to) {
    return Optional.empty();
  }
}
