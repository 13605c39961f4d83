package dev.eosin.eval.activations;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;

/// States on their way into a file: a folder with a file of bare numbers for each layer, and a line
/// for each row that was done. A line is written when its states are durable: what a killed process
/// leaves behind the last whole line is cut off, and the next one goes on there. One process at a
/// time writes to a folder.
public final class ActivationLog implements AutoCloseable {
  static final String ROWS = "rows.jsonl";
  static final String LEFT_OUT = "left_out";

  private static final String PINS = "pins.json";
  private static final String SHAPE = "shape.json";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MOST_BYTES = 8 << 20;
  private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final Path folder;
  private final FileChannel rows;
  private final ByteArrayOutputStream lines = new ByteArrayOutputStream();
  private final List<FileChannel> layers = new ArrayList<>();
  private final List<ByteArrayOutputStream> waiting = new ArrayList<>();
  private Optional<ActivationShape> shape = Optional.empty();
  private long done;
  private long kept;
  private long flushed = System.nanoTime();

  private ActivationLog(Path folder, FileChannel rows) {
    this.folder = folder;
    this.rows = rows;
  }

  /// Begins a folder, or opens what an earlier process left.
  ///
  /// @throws DataException when it was begun with other pins, is damaged, or another process writes
  ///   to it
  public static ActivationLog open(Path folder, SortedMap<String, String> pins)
      throws DataException {
    return open(folder, pins, Long.MAX_VALUE);
  }

  /// As above, with at most so many of the rows that were done; those behind them are done anew.
  public static ActivationLog open(Path folder, SortedMap<String, String> pins, long most)
      throws DataException {
    try {
      Files.createDirectories(folder);
      FileChannel rows =
          FileChannel.open(
              folder.resolve(ROWS),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      ActivationLog log = new ActivationLog(folder, rows);
      try {
        log.lock();
        log.requireSame(pins);
        log.resume(most);
        return log;
      } catch (IOException | RuntimeException | Error e) {
        log.close();
        throw e;
      }
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw failure(folder, e);
    }
  }

  /// A folder without rows may become that of anything.
  private void requireSame(SortedMap<String, String> pins) throws IOException {
    Path file = folder.resolve(PINS);
    if (!Files.exists(file) || rows.size() == 0) {
      Files.deleteIfExists(folder.resolve(SHAPE));
      ObjectNode json = JSON.createObjectNode();
      pins.forEach(json::put);
      AtomicFile.write(file, FileContent.text(json.toPrettyString() + "\n"));
      return;
    }
    List<String> differ = ActivationPins.differences(JSON.readTree(file.toFile()), pins);
    if (!differ.isEmpty()) {
      throw new DataException(
          "%s: was begun otherwise: %s; remove it, choose another file, or give what was given then"
              .formatted(folder, String.join("; ", differ)));
    }
  }

  private void lock() throws IOException {
    boolean locked;
    try {
      locked = rows.tryLock() != null;
    } catch (OverlappingFileLockException thisProcess) {
      locked = false;
    }
    if (!locked) {
      throw new DataException(
          folder + ": another process writes to it; wait for it, or choose another file");
    }
  }

  private void resume(long most) throws IOException {
    long whole = wholeLines(most);
    rows.truncate(whole);
    rows.position(whole);
    if (Files.exists(folder.resolve(SHAPE))) {
      JsonNode json = JSON.readTree(folder.resolve(SHAPE).toFile());
      List<Integer> numbers = new ArrayList<>();
      json.path("layers").forEach(layer -> numbers.add(layer.asInt()));
      begin(
          new ActivationShape(
              numbers, json.path("width").asInt(), NumberType.valueOf(json.path("type").asText())));
    }
  }

  private long wholeLines(long most) throws IOException {
    long whole = 0;
    try (BufferedReader reader =
        Files.newBufferedReader(folder.resolve(ROWS), StandardCharsets.ISO_8859_1)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        long end = whole + line.length() + 1;
        if (end > rows.size() || done == most) {
          break;
        }
        JsonNode json = JSON.readTree(line.getBytes(StandardCharsets.ISO_8859_1));
        if (json.path("row").asLong(-1) != done) {
          throw new DataException(
              "%s: line %d is not that of row %d; remove the folder"
                  .formatted(folder.resolve(ROWS), done + 1, done));
        }
        kept += json.has(LEFT_OUT) ? 0 : 1;
        done++;
        whole = end;
      }
    } catch (JsonProcessingException e) {
      throw new DataException(
          "%s: line %d is damaged: %s; remove the folder"
              .formatted(folder.resolve(ROWS), done + 1, Quote.line(e.getOriginalMessage())),
          e);
    }
    return whole;
  }

  private void begin(ActivationShape wanted) throws IOException {
    for (Path file : files(wanted)) {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      layers.add(channel);
      waiting.add(new ByteArrayOutputStream());
      long bytes = kept * wanted.rowBytes();
      if (channel.size() < bytes) {
        throw new DataException(
            "%s: has %d bytes, %d rows of states have %d; remove the folder"
                .formatted(file, channel.size(), kept, bytes));
      }
      channel.truncate(bytes);
      channel.position(bytes);
    }
    shape = Optional.of(wanted);
  }

  private List<Path> files(ActivationShape of) {
    return of.names().stream().map(folder::resolve).toList();
  }

  /// Rows that were done, those that were left out among them.
  public long done() {
    return done;
  }

  /// Rows whose states are there.
  public long kept() {
    return kept;
  }

  /// Adds the states of the next row.
  ///
  /// @param states of every layer of the model [layers][c]
  /// @throws DataException when they are no numbers, or of another shape than those before
  void add(ActivationRow row, float[][] states, LayerChoice choice, NumberType type)
      throws IOException {
    var found = new ActivationShape(choice.of(states.length), states[0].length, type);
    float[][] kept = new float[found.layers().size()][];
    Arrays.setAll(kept, i -> states[found.layers().get(i) - 1]);
    add(row, kept, found);
  }

  /// Adds what is kept of the next row.
  ///
  /// @param states `[layers][c]`, one alone where `found` is of embeddings
  /// @throws DataException when they are no numbers, or of another shape than those before
  public void add(ActivationRow row, float[][] states, ActivationShape found) throws IOException {
    if (shape.isEmpty()) {
      ObjectNode json = JSON.createObjectNode().put("width", found.width());
      json.put("type", found.type().name());
      ArrayNode layersOf = json.putArray("layers");
      found.layers().forEach(layersOf::add);
      AtomicFile.write(folder.resolve(SHAPE), FileContent.text(json + "\n"));
      begin(found);
    }
    if (!shape.get().equals(found)) {
      throw new DataException(
          "%s: %d layers of width %d are there, the model has others: %d of width %d"
              .formatted(
                  folder,
                  shape.get().layers().size(),
                  shape.get().width(),
                  found.layers().size(),
                  found.width()));
    }
    for (int i = 0; i < states.length; i++) {
      waiting.get(i).write(bytes(row, found.title(i), states[i], found));
    }
    kept++;
    line(row.json());
  }

  private static byte[] bytes(ActivationRow row, String what, float[] state, ActivationShape shape)
      throws DataException {
    ByteBuffer bytes = ByteBuffer.allocate(shape.rowBytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : state) {
      if (!shape.type().put(bytes, value)) {
        throw new DataException(
            Float.isFinite(value)
                ? "%s: %s holds %s, more than fp16 does; keep fp32"
                    .formatted(row.path(), what, value)
                : "%s: %s holds %s; the model computes no numbers of it"
                    .formatted(row.path(), what, value));
      }
    }
    return bytes.array();
  }

  /// Notes that the next row has no states.
  ///
  /// @param reason one line
  public void leaveOut(ActivationRow row, String reason) throws IOException {
    line(row.json().put(LEFT_OUT, reason));
  }

  private void line(ObjectNode json) throws IOException {
    lines.write(JSON.writeValueAsBytes(json));
    lines.write('\n');
    done++;
    long bytes = lines.size() + waiting.stream().mapToLong(ByteArrayOutputStream::size).sum();
    if (bytes > MOST_BYTES || System.nanoTime() - flushed > MOST_NANOS) {
      flush();
    }
  }

  /// Makes all rows durable, their states before their lines.
  public void flush() throws DataException {
    try {
      for (int i = 0; i < layers.size(); i++) {
        write(layers.get(i), waiting.get(i));
      }
      write(rows, lines);
    } catch (IOException e) {
      throw failure(folder, e);
    }
    flushed = System.nanoTime();
  }

  private static void write(FileChannel channel, ByteArrayOutputStream bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes.toByteArray());
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    channel.force(false);
    bytes.reset();
  }

  /// What the rows are made of that were done.
  ///
  /// @throws DataException when that cannot be read
  public RowDigests digests() throws DataException {
    var digests = new RowDigests();
    try (BufferedReader reader = Files.newBufferedReader(folder.resolve(ROWS))) {
      for (long row = 0; row < done; row++) {
        digests.add(ActivationRow.ofLine(String.valueOf(reader.readLine())).sha256());
      }
      return digests;
    } catch (IOException | IllegalArgumentException e) {
      throw new DataException(
          "%s: is damaged: %s; remove the folder"
              .formatted(folder.resolve(ROWS), Quote.line(String.valueOf(e.getMessage()))),
          e);
    }
  }

  /// What is there once all rows are done.
  ///
  /// @throws IllegalStateException when no row has states
  public ActivationParts parts() {
    ActivationShape all = shape.orElseThrow();
    return new ActivationParts(all, kept, folder.resolve(ROWS), files(all));
  }

  /// Removes the folder; nothing can be added any more.
  public void remove() throws DataException {
    close();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException e) {
      throw new DataException(folder + ": cannot be removed: " + AtomicFile.reason(e), e);
    }
  }

  private static DataException failure(Path folder, IOException e) {
    return new DataException(folder + ": cannot be written: " + AtomicFile.reason(e), e);
  }

  @Override
  public void close() throws DataException {
    try {
      rows.close();
      for (FileChannel layer : layers) {
        layer.close();
      }
    } catch (IOException e) {
      throw failure(folder, e);
    }
  }
}
