package dev.eosin.qformer;

import dev.eosin.language.TokenPart;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Rows of a language model that begin with the tokens of an image. b rows, n columns, q tokens of
/// an image, d hidden size.
///
/// @param ids [b n]; those in the image's places are replaced
/// @param width n
/// @param starts first column of each row [b]
/// @param lengths of each row, its image included [b]
/// @param queries q
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record SplicedRows(long[] ids, int width, int[] starts, int[] lengths, int queries) {
  private static final Kernel SPLICED = new Kernel("qformer_spliced");

  /// Rows that begin in the first column.
  ///
  /// @param filler fills rows up; any id of the table
  static SplicedRows beginningTogether(List<int[]> texts, int queries, int filler) {
    return of(texts, queries, filler, false);
  }

  /// Rows that end in the last column.
  static SplicedRows endingTogether(List<int[]> texts, int queries, int filler) {
    return of(texts, queries, filler, true);
  }

  private static SplicedRows of(List<int[]> texts, int queries, int filler, boolean right) {
    int[] lengths = texts.stream().mapToInt(text -> queries + text.length).toArray();
    int width = Arrays.stream(lengths).max().orElseThrow();
    int[] starts = Arrays.stream(lengths).map(length -> right ? width - length : 0).toArray();
    long[] ids = new long[texts.size() * width];
    Arrays.fill(ids, filler);
    for (int row = 0; row < starts.length; row++) {
      int[] text = texts.get(row);
      for (int i = 0; i < text.length; i++) {
        ids[row * width + starts[row] + queries + i] = text[i];
      }
    }
    return new SplicedRows(ids, width, starts, lengths, queries);
  }

  /// b
  int rows() {
    return starts.length;
  }

  /// Where the images' tokens are among all b n, row by row.
  private long[] places() {
    return IntStream.range(0, rows() * queries)
        .mapToLong(i -> (long) i / queries * width + starts[i / queries] + i % queries)
        .toArray();
  }

  /// The rows' tokens with those of the images among them. [b,n,d]
  ///
  /// @param images [b,q,d]; not released
  Value tokens(Pass pass, TokenPart model, Value images) {
    Tensor all = pass.graph().adopt(pass.engine().of(ids, rows(), width)).data();
    long[] where = places();
    Value places = pass.graph().adopt(pass.engine().of(where, where.length));
    Value words = model.embed(pass, all);
    Value tokens = pass.one(SPLICED, List.of(words, images, places), List.of());
    pass.release(words);
    return tokens;
  }
}
