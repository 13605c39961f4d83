package dev.eosin.language;

import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Keys and values of every layer for the columns of some rows, allocated once and written in
/// place: what any [RowMemory] of a causal decoder keeps.
///
/// Not thread safe.
final class RememberedColumns implements AutoCloseable {
  private final Engine engine;
  private List<Tensor> tensors = new ArrayList<>();
  private Columns columns = Columns.whole(0);
  private int rows;
  private int at;
  // Columns up to here are the same in all rows that were made of one, so that they stay in place.
  private int prompt;
  // Which of the first rows each row was made of; empty while none was.
  private int[] origins = {};

  /// Room for `most` columns: [b,heads,most,width] for keys and for values of each layer.
  RememberedColumns(
      Engine engine, DType type, int layers, int rows, int heads, int most, int width) {
    this.engine = engine;
    this.rows = rows;
    for (int i = 0; i < 2 * layers; i++) {
      tensors.add(engine.zeros(type, rows, heads, most, width));
    }
  }

  /// Keys and values of each layer, one after the other.
  List<Tensor> tensors() {
    return tensors;
  }

  /// Where the rows' prompts stood; one start for all of them where they are alike.
  Columns columns() {
    return columns;
  }

  int rows() {
    return rows;
  }

  /// Columns that are written.
  int at() {
    return at;
  }

  void begin(Columns prompts) {
    columns = prompts;
    prompt = prompts.width();
  }

  void advance(int count) {
    at += count;
  }

  /// Which columns from `first` on `n` new tokens may see, boolean [k,1,n,at+n-first]; nothing
  /// where each sees all up to itself. The caller closes it.
  Optional<Tensor> seen(int n, int first, int window) {
    boolean several = n > 1 && (at > 0 || (window > 0 && window < n));
    if (!several && Arrays.stream(columns.starts()).allMatch(start -> start <= first)) {
      return Optional.empty();
    }
    try (Tensor starts = engine.of(columns.starts(), columns.starts().length)) {
      return Optional.of(engine.kernels().one("seen_columns", starts, at, n, first, window));
    }
  }

  /// Row i becomes what row `from[i]` was.
  ///
  /// @return whether every row was made of the same prompt as the row in its place before, so that
  ///   prompts stayed where they are
  boolean choose(int[] from) {
    boolean same = from.length == rows && samePrompts(from);
    try (Tensor chosen = places(from)) {
      if (same) {
        engine.kernels().run("exchange_columns", tensors, chosen, prompt, at);
      } else {
        tensors = chosen(tensors, chosen, at);
      }
    }
    if (columns.starts().length > 1) {
      long[] starts = Arrays.stream(from).mapToLong(row -> columns.starts()[row]).toArray();
      columns = new Columns(columns.width(), starts);
    }
    origins = Arrays.stream(from).map(row -> origins.length == 0 ? row : origins[row]).toArray();
    rows = from.length;
    return same;
  }

  /// The first `used` columns of some rows of each tensor, in new tensors; the old ones are closed.
  List<Tensor> chosen(List<Tensor> old, Tensor chosen, int used) {
    List<Tensor> fresh = engine.kernels().list("remembered_rows", old, chosen, used);
    old.forEach(Tensor::close);
    return fresh;
  }

  /// int64 [b]; the caller closes it.
  Tensor places(int[] from) {
    return engine.of(Arrays.stream(from).asLongStream().toArray(), from.length);
  }

  private boolean samePrompts(int[] from) {
    for (int i = 0; i < from.length; i++) {
      boolean same = origins.length == 0 ? from[i] == i : origins[from[i]] == origins[i];
      if (!same) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() {
    tensors.forEach(Tensor::close);
  }
}
