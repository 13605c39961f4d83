package dev.eosin.eval.answers;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeSet;

/// Adds answers to a file, also to one that a killed run left: its whole lines are kept, and what
/// follows them is cut off and said.
///
/// Beside the file stands `<name>.pins.json`, which says what the answers depend on besides the
/// questions: with other pins a file is not continued. One process at a time writes to a file.
public final class AnswersWriter implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FORMAT = "eosin-answers";
  private static final int VERSION = 1;

  private final Path file;
  private final FileChannel channel;
  private final AnswersFile found;

  private AnswersWriter(Path file, FileChannel channel, AnswersFile found) {
    this.file = file;
    this.channel = channel;
    this.found = found;
  }

  /// Opens a file, or begins one with its folders.
  ///
  /// @param pins what the answers depend on, by name: digest of the model, seed, prompt, ...
  /// @throws DataException when the file was begun with other pins or without any, when another
  ///   process writes to it, or when it is damaged; it is then unchanged
  public static AnswersWriter open(Path file, SortedMap<String, String> pins) throws DataException {
    FileChannel channel = channel(file);
    try {
      lock(file, channel);
      requireSame(file, pins);
      AnswersFile found = AnswersFile.whole(file);
      channel.truncate(found.wholeBytes());
      channel.position(found.wholeBytes());
      channel.force(true);
      return new AnswersWriter(file, channel, found);
    } catch (IOException e) {
      closeAfter(channel, e);
      throw e instanceof DataException known ? known : failure(file, e);
    }
  }

  private static FileChannel channel(Path file) throws DataException {
    try {
      Files.createDirectories(AtomicFile.parent(file.toAbsolutePath().normalize()));
      return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  private static void closeAfter(FileChannel channel, IOException failure) {
    try {
      channel.close();
    } catch (IOException left) {
      failure.addSuppressed(left);
    }
  }

  private static void lock(Path file, FileChannel channel) throws IOException {
    boolean locked;
    try {
      locked = channel.tryLock() != null;
    } catch (OverlappingFileLockException thisProcess) {
      locked = false;
    }
    if (!locked) {
      throw new DataException(
          file + ": another process writes to it; wait for it, or choose another file");
    }
  }

  private static void requireSame(Path file, SortedMap<String, String> pins) throws IOException {
    Path kept = pins(file);
    if (!Files.exists(kept)) {
      if (Files.size(file) > 0) {
        throw new DataException(
            "%s: holds answers of which nothing says how they were made, as %s is missing; choose another file"
                .formatted(file, kept));
      }
      ObjectNode json = JSON.createObjectNode().put("format", FORMAT).put("version", VERSION);
      pins.forEach(json.putObject("pins")::put);
      AtomicFile.write(kept, FileContent.text(json.toPrettyString() + "\n"));
      return;
    }
    JsonNode before = read(kept);
    var names = new TreeSet<>(pins.keySet());
    before.fieldNames().forEachRemaining(names::add);
    List<String> differ = new ArrayList<>();
    for (String name : names) {
      String was = before.path(name).asText("nothing");
      String is = pins.getOrDefault(name, "nothing");
      if (!was.equals(is)) {
        differ.add("%s was %s and is %s".formatted(name, Quote.of(was), Quote.of(is)));
      }
    }
    if (!differ.isEmpty()) {
      throw new DataException(
          "%s: its answers were made otherwise: %s; choose another file, or give what was given then"
              .formatted(file, String.join("; ", differ)));
    }
  }

  private static JsonNode read(Path kept) throws IOException {
    try {
      JsonNode json = JSON.readTree(kept.toFile());
      if (json.path("format").asText().equals(FORMAT)
          && json.path("version").asInt() == VERSION
          && json.path("pins").isObject()) {
        return json.path("pins");
      }
    } catch (JsonProcessingException e) {
      throw new DataException(kept + ": is not JSON: " + Quote.line(e.getOriginalMessage()), e);
    }
    throw new DataException(
        "%s: expected the format %s, version %d; another program or version wrote it"
            .formatted(kept, FORMAT, VERSION));
  }

  private static Path pins(Path file) {
    return file.resolveSibling(file.getFileName() + ".pins.json");
  }

  /// The answers that were there when the file was opened, by key in the file's order.
  public Map<AnswerRow.Key, AnswerRow> present() {
    Map<AnswerRow.Key, AnswerRow> present = new LinkedHashMap<>();
    found.rows().forEach(row -> present.put(row.key(), row));
    return present;
  }

  /// What was repaired when the file was opened.
  public Optional<String> note() {
    return found.tornBytes() == 0
        ? Optional.empty()
        : Optional.of(
            "%s: cut off the %d bytes after the first %d, an answer that was not written to its end; it is asked again"
                .formatted(file, found.tornBytes(), found.wholeBytes()));
  }

  /// Adds rows; they are durable when this returns.
  ///
  /// @throws DataException naming the reason; the same command goes on once it is mended
  public void append(List<AnswerRow> rows) throws DataException {
    var bytes = new ByteArrayOutputStream();
    for (AnswerRow row : rows) {
      bytes.writeBytes(AnswersFile.line(row));
    }
    ByteBuffer lines = ByteBuffer.wrap(bytes.toByteArray());
    try {
      while (lines.hasRemaining()) {
        channel.write(lines);
      }
      channel.force(false);
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  @Override
  public void close() throws DataException {
    try {
      channel.close();
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  private static DataException failure(Path file, IOException e) {
    return new DataException(file + ": cannot be written: " + AtomicFile.reason(e), e);
  }
}
