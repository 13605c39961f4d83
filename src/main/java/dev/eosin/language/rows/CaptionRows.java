package dev.eosin.language.rows;

import dev.eosin.data.batches.Tokens;
import dev.eosin.group.Group;
import dev.eosin.language.TokenMask;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Texts of some rows, each beginning in the first column. b rows, t columns.
///
/// @param ids [b t]
/// @param mask which of them are there
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record CaptionRows(long[] ids, TokenMask mask) {
  /// @throws IllegalArgumentException when there are not as many ids as the mask has places
  public CaptionRows {
    if (ids.length != mask.rows() * mask.width()) {
      throw new IllegalArgumentException("%d ids for %s".formatted(ids.length, mask));
    }
  }

  /// The first columns of a batch's captions.
  ///
  /// @param rows b
  /// @param width t, at most the captions'
  public static CaptionRows of(Tokens captions, int rows, int width) {
    long[] ids = new long[rows * width];
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < width; i++) {
        ids[row * width + i] = captions.ids()[row * captions.width() + i];
      }
    }
    return new CaptionRows(ids, TokenMask.of(width, Arrays.copyOf(captions.lengths(), rows)));
  }

  /// Texts of any lengths, filled up to the longest.
  public static CaptionRows of(List<int[]> texts) {
    int[] lengths = texts.stream().mapToInt(text -> text.length).toArray();
    int columns = Arrays.stream(lengths).max().orElseThrow();
    long[] ids = new long[lengths.length * columns];
    for (int row = 0; row < lengths.length; row++) {
      for (int i = 0; i < lengths[row]; i++) {
        ids[row * columns + i] = texts.get(row)[i];
      }
    }
    return new CaptionRows(ids, TokenMask.of(columns, lengths));
  }

  /// b
  public int rows() {
    return mask.rows();
  }

  /// Some rows, in this order.
  public CaptionRows chosen(int... rows) {
    int width = mask.width();
    long[] chosen = new long[rows.length * width];
    long[] present = new long[chosen.length];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(ids, rows[i] * width, chosen, i * width, width);
      System.arraycopy(mask.present(), rows[i] * width, present, i * width, width);
    }
    return new CaptionRows(chosen, new TokenMask(rows.length, width, present));
  }

  /// Those of all ranks, rank by rank; on one rank itself.
  ///
  /// @param group whose rows are all of this width
  public CaptionRows gathered(Engine engine, Group group) {
    if (group.size() == 1) {
      return this;
    }
    long[] all = gathered(engine, group, ids);
    long[] present = gathered(engine, group, mask.present());
    int width = mask.width();
    return new CaptionRows(all, new TokenMask(all.length / width, width, present));
  }

  private long[] gathered(Engine engine, Group group, long... own) {
    try (Tensor mine = engine.of(own, mask.rows(), mask.width());
        Tensor all = group.gather(mine)) {
      return all.toLongs();
    }
  }

  /// The same, each row begun with another id.
  public CaptionRows begunWith(int id) {
    long[] begun = ids.clone();
    for (int row = 0; row < rows(); row++) {
      begun[row * mask.width()] = id;
    }
    return new CaptionRows(begun, mask);
  }

  /// Places whose successors are asked for, among all b t.
  public long[] places() {
    return IntStream.range(0, ids.length)
        .filter(i -> (i + 1) % mask.width() != 0 && mask.present()[i + 1] != 0)
        .asLongStream()
        .toArray();
  }

  /// What follows each of [#places].
  public long[] targets() {
    long[] places = places();
    long[] targets = new long[places.length];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = ids[(int) places[i] + 1];
    }
    return targets;
  }

  /// Words that captions are learned from: of each text all but its first.
  public int asked() {
    return places().length;
  }

  /// int64 [b,t], closed with the graph.
  public Tensor tensor(Pass pass) {
    return pass.graph().adopt(pass.engine().of(ids, rows(), mask.width())).data();
  }
}
