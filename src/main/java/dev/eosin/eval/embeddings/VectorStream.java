package dev.eosin.eval.embeddings;

import dev.eosin.checkpoint.NumpyHeader;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.data.parquet.VectorTable;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/// Vectors of a file, read from the first to the last, some rows at a time.
interface VectorStream {
  /// Rows that are read at a time.
  int ROWS = 4096;

  /// Takes rows.
  @FunctionalInterface
  interface Taking {
    /// @param values [k,e], k of the reader's choice
    void take(float[] values) throws IOException;
  }

  /// Reads all vectors.
  void read(Taking taking) throws IOException;

  /// Where numbers of numpy's come from.
  @FunctionalInterface
  interface Opening {
    /// Begins at the header.
    InputStream open() throws IOException;
  }

  /// Of a tensor [n,e].
  static VectorStream of(SafetensorsFile file, String name) {
    return taking -> {
      TensorData all = file.entry(name);
      long rows = all.shape().getFirst();
      for (long first = 0; first < rows; first += ROWS) {
        taking.take(all.rows(first, Math.min(ROWS, rows - first)).floats());
      }
    };
  }

  /// Of a column of lists.
  static VectorStream of(VectorTable table, String column) {
    return taking -> table.vectors(column, taking::take);
  }

  /// Of an array [n,e].
  ///
  /// @param name for messages
  static VectorStream of(Opening opening, String name) {
    return taking -> {
      try (InputStream in = opening.open()) {
        NumpyHeader header = NumpyHeader.readFrom(in, name);
        StoredType type = header.floating(name);
        List<Long> shape = header.shape();
        int row = Math.toIntExact(shape.getLast() * type.bytes());
        long left = shape.getFirst();
        while (left > 0) {
          int rows = (int) Math.min(ROWS, left);
          byte[] bytes = in.readNBytes(rows * row);
          if (bytes.length < rows * row) {
            throw new DataException(name + ": ends within its numbers; is it truncated?");
          }
          taking.take(NumpyHeader.floats(bytes, type));
          left -= rows;
        }
      }
    };
  }
}
