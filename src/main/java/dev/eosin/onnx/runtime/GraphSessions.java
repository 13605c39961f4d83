package dev.eosin.onnx.runtime;

import dev.eosin.checkpoint.TensorData;
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

  /// Opens them all, or none, to be compared: weights beside a graph stay in their file.
  ///
  /// @param files by the names that [#get] is asked for
  /// @param threads for products
  /// @throws DataException naming the file and what onnxruntime says
  public static GraphSessions open(Map<String, Path> files, int threads) throws DataException {
    var opened = new GraphSessions();
    try {
      for (Map.Entry<String, Path> file : files.entrySet()) {
        opened.sessions.put(file.getKey(), GraphSession.inPlace(file.getValue(), threads));
      }
      return opened;
    } catch (DataException | RuntimeException | Error e) {
      try (opened) {
        throw e;
      }
    }
  }

  /// Told of every run of one of them.
  @FunctionalInterface
  public interface Observer {
    /// @param name of the graph
    /// @param inputs as they were given
    /// @param outputs every one
    /// @throws DataException when what it does with them fails, which then fails the run
    void ran(String name, Map<String, TensorData> inputs, Map<String, TensorData> outputs)
        throws DataException;
  }

  /// The same opened graphs, whose runs are told. They are closed once, with either.
  public GraphSessions observed(Observer observer) {
    var observed = new GraphSessions();
    sessions.forEach(
        (name, session) ->
            observed.sessions.put(
                name, session.observed((inputs, outputs) -> observer.ran(name, inputs, outputs))));
    return observed;
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
