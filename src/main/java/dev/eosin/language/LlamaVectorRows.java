package dev.eosin.language;

import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.tensor.vectors.RememberedKeys;
import dev.eosin.tensor.vectors.RowMath;
import java.util.List;

/// What [LlamaVectors] computes in: room for one token of each of b rows.
///
/// @param count b
/// @param states what goes from block to block [b,c]
/// @param normed behind a norm [b,c]
/// @param product of the matrix that is read, before it is added [b,c]
/// @param queries [b,hd]
/// @param keys [b,gd]
/// @param values [b,gd]
/// @param attended what queries read [b,hd]
/// @param gate [b,f], then the MLP's hidden state
/// @param up [b,f]
/// @param cos of each row's position [b][d/2]
/// @param sin likewise
@SuppressWarnings("ArrayRecordComponent") // room to compute in, never compared
record LlamaVectorRows(
    int count,
    float[] states,
    float[] normed,
    float[] product,
    float[] queries,
    float[] keys,
    float[] values,
    float[] attended,
    float[] gate,
    float[] up,
    float[][] cos,
    float[][] sin) {
  /// Which columns are looked at.
  ///
  /// @param starts first column of each row; one for all of them where rows are alike
  /// @param first column that any row may look back to
  /// @param end columns, the new token's included
  record Seen(long[] starts, int first, int end) {
    int from(int row) {
      return Math.max(first, Math.toIntExact(starts[starts.length == 1 ? 0 : row]));
    }
  }

  static LlamaVectorRows of(LlamaSpec spec, int count) {
    int c = spec.width();
    int q = spec.heads() * spec.headWidth();
    int kv = spec.groups() * spec.headWidth();
    return new LlamaVectorRows(
        count,
        new float[count * c],
        new float[count * c],
        new float[count * c],
        new float[count * q],
        new float[count * kv],
        new float[count * kv],
        new float[count * q],
        new float[count * spec.mlpWidth()],
        new float[count * spec.mlpWidth()],
        new float[count][spec.headWidth() / 2],
        new float[count][spec.headWidth() / 2]);
  }

  /// Sets how far pairs turn.
  ///
  /// @param positions of each row; one for all of them where rows are alike
  /// @param frequencies radians per position [d/2]
  void turn(long[] positions, double[] frequencies) {
    for (int row = 0; row < count; row++) {
      float position = positions[positions.length == 1 ? 0 : row];
      for (int i = 0; i < frequencies.length; i++) {
        float angle = position * (float) frequencies[i];
        cos[row][i] = (float) Math.cos(angle);
        sin[row][i] = (float) Math.sin(angle);
      }
    }
  }

  /// Queries, keys and values.
  List<float[]> attentionInputs() {
    return List.of(queries, keys, values);
  }

  void rotate(LlamaSpec spec) {
    int d = spec.headWidth();
    for (int row = 0; row < count; row++) {
      for (int head = 0; head < spec.heads(); head++) {
        RowMath.rotate(queries, (row * spec.heads() + head) * d, cos[row], sin[row]);
      }
      for (int group = 0; group < spec.groups(); group++) {
        RowMath.rotate(keys, (row * spec.groups() + group) * d, cos[row], sin[row]);
      }
    }
  }

  /// Writes the new token's keys and values behind the others.
  void remember(RememberedKeys memory, Seen seen) {
    for (int row = 0; row < count; row++) {
      int at = row * memory.groups() * memory.width();
      memory.write(row, seen.end() - 1, keys, values, at);
    }
  }

  /// Some heads of all rows [b h] look at what is remembered.
  void attend(RememberedKeys memory, Seen seen, int from, int to) {
    int heads = queries.length / (count * memory.width());
    float[] scores = new float[seen.end()];
    for (int i = from; i < to; i++) {
      int row = i / heads;
      int group = i % heads / (heads / memory.groups());
      int at = i * memory.width();
      memory.attend(row, group, seen.from(row), seen.end(), queries, at, attended, scores);
    }
  }

  @Override
  public String toString() {
    return "room for %d rows".formatted(count);
  }
}
