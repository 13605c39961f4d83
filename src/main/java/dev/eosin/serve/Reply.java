package dev.eosin.serve;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/// What an endpoint answers.
sealed interface Reply {
  /// One line of JSON.
  record Json(ObjectNode value) implements Reply {}

  /// Anything else.
  ///
  /// @param headers besides those that every answer has
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record Content(String type, byte[] bytes, Map<String, String> headers) implements Reply {
    public Content {
      headers = Map.copyOf(headers);
    }
  }

  /// Server-sent events, written as they happen.
  record Events(Writer writer) implements Reply {}

  /// Writes events; what is flushed is sent.
  interface Writer {
    void write(OutputStream to)
        throws IOException, ApiException, ExecutionException, InterruptedException;
  }
}
