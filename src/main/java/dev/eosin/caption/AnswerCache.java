package dev.eosin.caption;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.file.FileDigest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// Answers of services that several preparations share: one file for each request, named by the
/// request's digest, with request and whole answer. Thread safe; of several processes that keep the
/// same answer one wins.
record AnswerCache(Path folder, ReentrantLock writing) {
  private static final ObjectMapper JSON = new ObjectMapper();

  AnswerCache(Path folder) {
    this(folder, new ReentrantLock());
  }

  /// What was answered to this request before.
  ///
  /// @param request without pictures, which are named by their pixels
  /// @throws DataException when the file of the answer is broken
  Optional<JsonNode> answer(JsonNode request) throws DataException {
    Path file = file(request);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      JsonNode kept = JSON.readTree(file.toFile());
      if (kept.path("request").equals(JSON.readTree(request.toString()))) {
        return Optional.of(kept.path("answer"));
      }
      throw new IOException("answers another request than its name says");
    } catch (IOException e) {
      throw new DataException(
          "%s: %s; remove this file, and it is asked again".formatted(file, AtomicFile.reason(e)),
          e);
    }
  }

  /// Keeps an answer. A failure ends the run: whoever names a cache counts on it.
  ///
  /// @throws DataException when it cannot be written
  void keep(JsonNode request, JsonNode answer) throws DataException {
    ObjectNode kept = JSON.createObjectNode();
    kept.set("request", request);
    kept.set("answer", answer);
    writing.lock(); // equal requests at once would share a temporary name
    try {
      AtomicFile.write(file(request), FileContent.text(kept + "\n"));
    } finally {
      writing.unlock();
    }
  }

  private Path file(JsonNode request) {
    String name = FileDigest.of(request.toString().getBytes(StandardCharsets.UTF_8)).sha256();
    return folder.resolve(name.substring(0, 2)).resolve(name + ".json");
  }
}
