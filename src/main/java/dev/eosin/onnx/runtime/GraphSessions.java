package dev.eosin.onnx.runtime;

import dev.eosin.config.DataException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/// Graphs opened by onnxruntime, by name. Close it.
public final class GraphSessions implements AutoCloseable {
  private final Map<String, GraphSession> sessions = new LinkedHashMap<>();

  private GraphSessions() {}

  /// Opens them all, or none.
  ///
  /// @param files by the names that [#get] is asked for
  /// @param threads for products
  /// @throws DataException naming the file and what onnxruntime says
  public static GraphSessions open(Map<String, Path> files, int threads) throws DataException {
    var opened = new GraphSessions();
    try {
      for (Map.Entry<String, Path> file : files.entrySet()) {
        opened.sessions.put(file.getKey(), GraphSession.open(file.getValue(), threads));
      }
      return opened;
    } catch (DataException | RuntimeException | Error e) {
      try (opened) {
        throw e;
      }
    }
  }

  /// One of them.
  ///
  /// @throws NullPointerException when there is none of that name
  public GraphSession get(String name) {
    return Objects.requireNonNull(sessions.get(name), name);
  }

  /// Closes all, whatever one of them throws.
  @Override
  public void close() throws DataException {
    close(sessions.values().iterator());
  }

  private static void close(Iterator<GraphSession> rest) throws DataException {
    if (rest.hasNext()) {
      try (GraphSession _ = rest.next()) {
        close(rest);
      }
    }
  }
}
