package dev.eosin.export;

import dev.eosin.checkpoint.TensorData;
import dev.eosin.text.CaptionEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Texts as a text tower takes them: ids, and which of them count.
///
/// @param rows ids of each text, start and end included
/// @param padding what shorter rows are filled with
record TextRows(List<int[]> rows, int padding) {
  TextRows {
    rows = List.copyOf(rows);
  }

  static TextRows of(List<String> texts, CaptionEncoder captions) {
    List<int[]> rows = new ArrayList<>();
    for (String text : texts) {
      rows.add(captions.tokenizer().encode(text, captions.contextLength()));
    }
    return new TextRows(rows, captions.tokenizer().paddingId());
  }

  int size() {
    return rows.size();
  }

  TextRows only(int from, int to) {
    return new TextRows(rows.subList(from, to), padding);
  }

  int longest() {
    return rows.stream().mapToInt(row -> row.length).max().orElse(0);
  }

  /// int64 [b,n]
  TensorData ids() {
    int n = longest();
    long[] ids = new long[rows.size() * n];
    Arrays.fill(ids, padding);
    for (int row = 0; row < rows.size(); row++) {
      for (int i = 0; i < rows.get(row).length; i++) {
        ids[row * n + i] = rows.get(row)[i];
      }
    }
    return TensorData.of(ids, rows.size(), n);
  }

  /// int64 [b,n], 1 for a token and 0 for padding
  TensorData counts() {
    int n = longest();
    long[] counts = new long[rows.size() * n];
    for (int row = 0; row < rows.size(); row++) {
      Arrays.fill(counts, row * n, row * n + rows.get(row).length, 1);
    }
    return TensorData.of(counts, rows.size(), n);
  }
}
