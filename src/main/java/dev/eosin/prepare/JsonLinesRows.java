package dev.eosin.prepare;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One JSON object a line; blank lines are passed over.
final class JsonLinesRows implements Rows {
  private final Path file;
  private final String key;
  private final BufferedReader lines;
  private long line;

  private JsonLinesRows(Path file, String key, BufferedReader lines) {
    this.file = file;
    this.key = key;
    this.lines = lines;
  }

  static Rows open(Path file, String key) throws DataException {
    try {
      return new JsonLinesRows(file, key, Files.newBufferedReader(file));
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  @Override
  public Optional<Row> next() throws DataException {
    for (String text = read(); text != null; text = read()) {
      if (!text.isBlank()) {
        return Optional.of(row(text));
      }
    }
    return Optional.empty();
  }

  private @Nullable String read() throws DataException {
    line++;
    try {
      return lines.readLine();
    } catch (MalformedInputException e) {
      throw new DataException(
          "%s: is not UTF-8 soon after line %d; convert it: iconv -f ENCODING -t UTF-8 %s"
              .formatted(file, line - 1, file),
          e);
    } catch (IOException e) {
      throw new DataException(
          "%s: cannot be read after line %d: %s".formatted(file, line - 1, AtomicFile.reason(e)),
          e);
    }
  }

  private Row row(String text) throws DataException {
    String place = file + ": line " + line;
    JsonNode content = content(text, place);
    JsonNode name = content.path(key);
    if (!name.isTextual() && !name.isIntegralNumber()) {
      throw new BadRowException(
          "%s: field %s is %s, expected the row's name, a text or a whole number"
              .formatted(
                  place,
                  Quote.of(key),
                  name.isMissingNode() ? "missing" : Quote.line(name.toString())));
    }
    return new Row(name.asText(), place, content);
  }

  private static JsonNode content(String text, String place) throws BadRowException {
    try {
      return Json.object(text, place);
    } catch (DataException e) {
      throw new BadRowException(e);
    }
  }

  @Override
  public void close() throws DataException {
    try {
      lines.close();
    } catch (IOException e) {
      throw new DataException(file + ": cannot be closed: " + AtomicFile.reason(e), e);
    }
  }
}
