package dev.eosin.eval.activations;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// All rows of a pass, as an [ActivationLog] keeps them.
///
/// @param shape of the states
/// @param count of rows that have states
/// @param lines a line for each row, those that were left out among them
/// @param layers a file of bare numbers for each layer
public record ActivationParts(ActivationShape shape, long count, Path lines, List<Path> layers) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PIECE = 1 << 20;

  public ActivationParts {
    layers = List.copyOf(layers);
  }

  /// Takes rows one by one.
  interface Taking {
    void take(ActivationRow row) throws IOException;
  }

  /// Takes rows that were left out.
  interface LeftOut {
    void take(ActivationRow row, String reason) throws IOException;
  }

  /// The rows that have states, in order.
  void rows(Taking taking) throws IOException {
    lines(taking, (row, reason) -> {});
  }

  /// The columns of texts that a file of them has: some only where rows say something there.
  List<String> columns() throws IOException {
    Set<String> said = new HashSet<>();
    rows(
        row ->
            ActivationRow.MORE_COLUMNS.stream()
                .filter(name -> row.column(name).isPresent())
                .forEach(said::add));
    List<String> columns = new ArrayList<>(ActivationRow.COLUMNS);
    ActivationRow.MORE_COLUMNS.stream().filter(said::contains).forEach(columns::add);
    return columns;
  }

  /// The rows that have none.
  void leftOut(LeftOut taking) throws IOException {
    lines(row -> {}, taking);
  }

  private void lines(Taking kept, LeftOut leftOut) throws IOException {
    try (BufferedReader reader = Files.newBufferedReader(lines)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        JsonNode json = JSON.readTree(line);
        ActivationRow row = ActivationRow.of(json);
        if (json.has(ActivationLog.LEFT_OUT)) {
          leftOut.take(row, json.path(ActivationLog.LEFT_OUT).asText());
        } else {
          kept.take(row);
        }
      }
    }
  }

  /// Writes the numbers of some rows, little-endian.
  ///
  /// @param layer among those that are kept
  void writeTo(OutputStream out, int layer, long first, long rows) throws IOException {
    long left = rows * shape.rowBytes();
    byte[] piece = new byte[(int) Math.min(PIECE, left)];
    try (FileChannel file = FileChannel.open(layers.get(layer));
        InputStream in = Channels.newInputStream(file.position(first * shape.rowBytes()))) {
      while (left > 0) {
        int read = in.readNBytes(piece, 0, (int) Math.min(piece.length, left));
        if (read == 0) {
          throw new IOException(layers.get(layer) + " ends too early");
        }
        out.write(piece, 0, read);
        left -= read;
      }
    }
  }
}
