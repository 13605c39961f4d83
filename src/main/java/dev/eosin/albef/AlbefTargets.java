package dev.eosin.albef;

import dev.eosin.tensor.Kernels;
import dev.eosin.tensor.Tensor;
import java.util.List;

/// What own rows' features are compared with, and what is to come of it: the own pair, softened by
/// what another encoder finds. b own rows of a batch of B, n features to be told apart, d embedding
/// size.
///
/// @param own what that encoder makes of own rows [b,d]; the caller's
/// @param allImages of the batch in its order, then others [n,d]
/// @param allTexts of the batch in its order, then others [n,d]
/// @param alpha share of the targets that is that encoder's
public record AlbefTargets(Features own, Tensor allImages, Tensor allTexts, double alpha)
    implements AutoCloseable {
  /// One direction.
  ///
  /// @param like rows by which the other encoder looks among the others [b,d]
  /// @param others to be told apart [n,d]
  /// @param alpha share of the targets that is the other encoder's
  record Wanted(Tensor like, Tensor others, double alpha) {}

  /// Of the batch before what is in a queue.
  ///
  /// @param batch of all ranks' rows [B,d]
  public static AlbefTargets before(
      FeatureQueue queue, Features own, Features batch, double alpha) {
    Kernels kernels = queue.images().engine().kernels();
    return new AlbefTargets(
        own,
        kernels.one("stacked", List.of(batch.images(), queue.images())),
        kernels.one("stacked", List.of(batch.texts(), queue.texts())),
        alpha);
  }

  /// Of the batch alone, hard.
  public static AlbefTargets alone(Features batch) {
    Kernels kernels = batch.images().engine().kernels();
    return new AlbefTargets(
        batch, kernels.one("copied", batch.images()), kernels.one("copied", batch.texts()), 0);
  }

  Wanted images() {
    return new Wanted(own.images(), allTexts, alpha);
  }

  Wanted texts() {
    return new Wanted(own.texts(), allImages, alpha);
  }

  @Override
  public void close() {
    allImages.close();
    allTexts.close();
  }
}
