package dev.eosin.eval.embeddings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.eval.activations.ActivationPins;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;

/// Embeddings that were computed once, by the SHA-256 of the image's file: a folder for each set of
/// pins (model, preprocessing, device, batch), in it a file of vectors and one of their keys. A key
/// is written when its vector is durable and holds a checksum of both, so that a killed process
/// leaves nothing that is taken for an embedding; a vector that does not fit its checksum is
/// computed anew.
///
/// One process writes to a folder at a time; others read what was there when they came. One thread
/// keeps embeddings and closes; meanwhile any number of others may look for some.
public final class EmbeddingCache implements AutoCloseable {
  private static final String ABOUT = "about.json";
  private static final int DIGEST = 32;
  private static final int KEY = DIGEST + Integer.BYTES;
  private static final int MOST_BYTES = 8 << 20;
  private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final int width;
  private final FileChannel keys;
  private final FileChannel vectors;
  private final boolean writes;
  private final DigestTable places = new DigestTable();
  private final ByteArrayOutputStream newKeys = new ByteArrayOutputStream();
  private final ByteArrayOutputStream newVectors = new ByteArrayOutputStream();
  private int durable;
  private int count;
  private long flushed = System.nanoTime();

  private EmbeddingCache(
      Path folder, int width, FileChannel keys, FileChannel vectors, boolean writes) {
    this.folder = folder;
    this.width = width;
    this.keys = keys;
    this.vectors = vectors;
    this.writes = writes;
  }

  /// Opens the embeddings of a model, or begins them.
  ///
  /// @param all the folder of all models
  /// @param pins what an embedding depends on besides the image's file
  /// @param width e, of each embedding
  /// @throws DataException when the folder cannot be used, or is another model's
  public static EmbeddingCache open(Path all, SortedMap<String, String> pins, int width)
      throws DataException {
    Path folder = all;
    try {
      folder = all.resolve(ActivationPins.fingerprint(pins).substring(0, DIGEST));
      Files.createDirectories(folder);
      requireSame(folder, pins);
      FileChannel keys = channel(folder.resolve("keys"));
      FileChannel vectors = channel(folder.resolve("vectors"));
      var cache = new EmbeddingCache(folder, width, keys, vectors, locked(keys));
      cache.read();
      return cache;
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw failure(folder, e);
    }
  }

  private static FileChannel channel(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private static boolean locked(FileChannel keys) throws IOException {
    try {
      return keys.tryLock() != null;
    } catch (OverlappingFileLockException thisProcess) {
      return false;
    }
  }

  private static void requireSame(Path folder, SortedMap<String, String> pins) throws IOException {
    Path about = folder.resolve(ABOUT);
    if (!Files.exists(about)) {
      String text = ActivationPins.json(pins).toPrettyString() + "\n";
      AtomicFile.write(about, FileContent.text(text));
      return;
    }
    JsonNode before;
    try {
      before = JSON.readTree(about.toFile());
    } catch (JsonProcessingException e) {
      throw new DataException(
          "%s: is damaged: %s; remove the folder %s"
              .formatted(about, Quote.line(e.getOriginalMessage()), folder),
          e);
    }
    List<String> differ = ActivationPins.differences(before, pins);
    if (!differ.isEmpty()) {
      throw new DataException(
          "%s: holds embeddings of another model: %s; remove the folder"
              .formatted(folder, String.join("; ", differ)));
    }
  }

  private void read() throws IOException {
    long whole = Math.min(keys.size() / KEY, vectors.size() / rowBytes());
    int pieceRows = 1 << 15;
    ByteBuffer piece = ByteBuffer.allocate(pieceRows * KEY);
    byte[] digest = new byte[DIGEST];
    while (count < whole) {
      piece.clear().limit((int) Math.min(pieceRows, whole - count) * KEY);
      fill(keys, piece, (long) count * KEY);
      for (piece.flip(); piece.hasRemaining(); count++) {
        piece.get(digest).getInt();
        places.put(digest, count);
      }
    }
    durable = count;
    if (writes) {
      keys.truncate(whole * KEY);
      vectors.truncate(whole * rowBytes());
    }
  }

  private int rowBytes() {
    return width * Float.BYTES;
  }

  private static void fill(FileChannel channel, ByteBuffer buffer, long at) throws IOException {
    while (buffer.hasRemaining()) {
      int read = channel.read(buffer, at + buffer.position());
      if (read < 0) {
        throw new IOException("ends too early");
      }
    }
  }

  /// Where these embeddings lie.
  public Path folder() {
    return folder;
  }

  /// Whether new embeddings are kept: not where another process writes.
  public boolean writes() {
    return writes;
  }

  /// The embedding of an image, where it was computed before.
  ///
  /// @param digest SHA-256 of its file
  /// @throws DataException when it cannot be read
  Optional<float[]> find(byte[] digest) throws DataException {
    int place;
    synchronized (this) {
      place = places.find(digest);
      if (place < 0 || place >= durable) {
        return Optional.empty();
      }
    }
    try {
      ByteBuffer key = ByteBuffer.allocate(KEY);
      fill(keys, key, (long) place * KEY);
      ByteBuffer bytes = ByteBuffer.allocate(rowBytes()).order(ByteOrder.LITTLE_ENDIAN);
      fill(vectors, bytes, (long) place * rowBytes());
      if (key.getInt(DIGEST) != checksum(digest, bytes.array())) {
        return Optional.empty();
      }
      float[] vector = new float[width];
      bytes.flip().asFloatBuffer().get(vector);
      return Optional.of(vector);
    } catch (IOException e) {
      throw failure(folder, e);
    }
  }

  private static int checksum(byte[] digest, byte[] vector) {
    var checksum = new CRC32C();
    checksum.update(digest);
    checksum.update(vector);
    return (int) checksum.getValue();
  }

  /// Keeps an embedding.
  ///
  /// @throws DataException when it cannot be written
  void put(byte[] digest, float[] vector) throws DataException {
    if (!writes) {
      return;
    }
    ByteBuffer bytes = ByteBuffer.allocate(rowBytes()).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(vector);
    ByteBuffer key = ByteBuffer.allocate(KEY).put(digest);
    key.putInt(checksum(digest, bytes.array()));
    newVectors.writeBytes(bytes.array());
    newKeys.writeBytes(key.array());
    synchronized (this) {
      places.put(digest, count++);
    }
    if (newVectors.size() > MOST_BYTES || System.nanoTime() - flushed > MOST_NANOS) {
      flush();
    }
  }

  /// Makes all embeddings durable, before their keys.
  void flush() throws DataException {
    if (!writes) {
      return;
    }
    try {
      append(vectors, newVectors);
      append(keys, newKeys);
    } catch (IOException e) {
      throw failure(folder, e);
    }
    synchronized (this) {
      durable = count;
    }
    flushed = System.nanoTime();
  }

  private static void append(FileChannel channel, ByteArrayOutputStream bytes) throws IOException {
    if (bytes.size() > 0) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes.toByteArray());
      for (long at = channel.size(); buffer.hasRemaining(); ) {
        at += channel.write(buffer, at);
      }
      channel.force(false);
      bytes.reset();
    }
  }

  private static DataException failure(Path folder, IOException e) {
    return new DataException(
        "%s: the embedding cache cannot be used: %s; name another folder, or go without it"
            .formatted(folder, AtomicFile.reason(e)),
        e);
  }

  @Override
  public void close() throws DataException {
    try (keys;
        vectors) {
      flush();
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw failure(folder, e);
    }
  }
}
