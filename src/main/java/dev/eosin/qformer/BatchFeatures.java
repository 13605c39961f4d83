package dev.eosin.qformer;

import dev.eosin.nn.Pass;
import dev.eosin.tensor.Value;

/// Features of the whole batch, among which own rows find theirs. LAVIS gathers them without
/// gradients: constants then. B rows, q queries, d embedding size.
///
/// @param images unit vectors [B,q,d]
/// @param texts unit vectors [B,d]
/// @param first place of the first of the own rows
/// @param size B
public record BatchFeatures(Value images, Value texts, int first, int size) {
  /// Own rows that are the whole batch, without gradients.
  public static BatchFeatures own(Pass pass, Alignment.Rows rows) {
    int size = Math.toIntExact(rows.textFeatures().data().size(0));
    return new BatchFeatures(
        detached(pass, rows.imageFeatures()), detached(pass, rows.textFeatures()), 0, size);
  }

  private static Value detached(Pass pass, Value value) {
    return pass.graph().adopt(pass.engine().kernels().one("copied", value.data()));
  }
}
