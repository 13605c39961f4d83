package dev.eosin.prepare;

import dev.eosin.data.parquet.VectorTableWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A Parquet file with a column of numbers, `row`, and columns of texts. Used by one thread.
public final class ParquetTexts {
  private static final int GROUP_ROWS = 1 << 14;

  private final VectorTableWriter writer;
  private final List<List<Optional<String>>> values = new ArrayList<>();
  private final long[] numbers = new long[GROUP_ROWS];
  private int count;

  /// @param out not closed
  /// @param fields names of the columns of texts
  public ParquetTexts(OutputStream out, List<String> fields) throws IOException {
    writer = new VectorTableWriter(out, fields, List.of());
    fields.forEach(_ -> values.add(new ArrayList<>()));
  }

  /// Adds a row.
  ///
  /// @param texts one for each column; empty for none
  public void add(long number, List<Optional<String>> texts) throws IOException {
    for (int i = 0; i < texts.size(); i++) {
      values.get(i).add(texts.get(i));
    }
    numbers[count++] = number;
    if (count == GROUP_ROWS) {
      group();
    }
  }

  private void group() throws IOException {
    writer.group(Arrays.copyOf(numbers, count), values, (_, _, _, _) -> {});
    values.forEach(List::clear);
    count = 0;
  }

  /// Ends the file.
  public void finish() throws IOException {
    if (count > 0) {
      group();
    }
    writer.finish(Map.of());
  }
}
