package dev.eosin.data.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.eosin.config.DataException;
import dev.eosin.data.OneLine;
import dev.eosin.data.settings.TableFiles;
import dev.eosin.file.AtomicFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/// A file of JSON records, any of which can be read at any time. Thread safe.
///
/// Records are read from the open file, so it must not change while a run uses it.
public final class JsonFile {
  // Python writes NaN for a missing number; the fields that Eosin reads are texts.
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                  .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
                  .build())
          .build();
  private static final ObjectReader RECORD =
      JSON.readerFor(JsonNode.class).with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final Path path;
  private final FileChannel channel;

  private JsonFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /// Takes each record of a file as the file is read.
  @FunctionalInterface
  public interface RecordConsumer {
    /// @param place the record's line or its number in the array, from 1
    /// @param start in the file, in bytes
    /// @param length in bytes
    void accept(JsonNode record, long place, long start, int length) throws DataException;
  }

  /// @throws DataException when the file is missing, unreadable or compressed
  static JsonFile open(Path path) throws DataException {
    TableFiles.checkText(path);
    try {
      return new JsonFile(path, FileChannel.open(path));
    } catch (IOException e) {
      throw new DataException(path + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  Path path() {
    return path;
  }

  /// Whether the first character that is no space is `[`: an array, not an object a line.
  boolean startsWithArray() throws DataException {
    try (InputStream in = Files.newInputStream(path)) {
      int first = in.read();
      // A byte order mark is EF BB BF.
      while (first >= 0 && (first <= ' ' || first >= 0x80)) {
        first = in.read();
      }
      return first == '[';
    } catch (IOException e) {
      throw new DataException(path + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  /// A record that was indexed when the file was opened.
  ///
  /// @throws DataException when the file has changed since
  JsonNode read(long start, int length) throws DataException {
    try {
      ByteBuffer bytes = ByteBuffer.allocate(length);
      while (bytes.hasRemaining()) {
        if (channel.read(bytes, start + bytes.position()) < 0) {
          throw new EOFException("it is shorter than when it was opened");
        }
      }
      return parse(bytes.array(), 0, length);
    } catch (IOException e) {
      throw new DataException(
          "%s: the record at byte %d cannot be read again: %s".formatted(path, start, reason(e)),
          e);
    }
  }

  /// @throws IOException when the bytes are not exactly one JSON value
  static JsonNode parse(byte[] bytes, int start, int length) throws IOException {
    return RECORD.readValue(bytes, start, length);
  }

  /// Reads a file of any size token by token.
  static JsonParser parser(InputStream in) throws IOException {
    return JSON.createParser(in);
  }

  /// The reason in one line, without the place, which counts from the start of the record.
  static String reason(IOException e) {
    String message =
        e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
    return OneLine.of(String.valueOf(message));
  }
}
