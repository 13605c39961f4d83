package dev.eosin.eval.answers;

import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The answers of a file.
///
/// @param rows in the file's order
/// @param wholeBytes of the lines that have their end
/// @param tornBytes that follow them
/// @param notes what a user should know of the file, one line each
public record AnswersFile(
    List<AnswerRow> rows, long wholeBytes, long tornBytes, List<String> notes) {
  private static final int MOST_NAMED = 8;

  public AnswersFile {
    rows = List.copyOf(rows);
    notes = List.copyOf(notes);
  }

  /// Reads a file to score it: every line has to be an answer, also a last one without its end.
  ///
  /// @throws DataException naming the line and the field, what was found and what was expected;
  ///   also for a file without answers, two rows of one key, and rows of one question that do not
  ///   agree
  public static AnswersFile read(Path file) throws DataException {
    AnswersFile found = new Scan(file, true).read();
    if (found.rows.isEmpty()) {
      throw new DataException(file + ": has no answers; expected one JSON object a line");
    }
    return found;
  }

  /// Reads the lines that were written to their end, to go on after them.
  static AnswersFile whole(Path file) throws DataException {
    return new Scan(file, false).read();
  }

  /// A row as a line of such a file, with its end.
  public static byte[] line(AnswerRow row) {
    byte[] line = AnswerLine.bytes(row);
    byte[] ended = Arrays.copyOf(line, line.length + 1);
    ended[line.length] = '\n';
    return ended;
  }

  private static final class Scan {
    private final Path file;
    private final boolean scored;
    private final List<AnswerRow> rows = new ArrayList<>();
    private final Map<AnswerRow.Key, Long> lineOfKey = new HashMap<>();
    private final Map<String, AnswerRow> firstOfId = new HashMap<>();
    private final Map<String, Long> further = new TreeMap<>();
    private long line;

    Scan(Path file, boolean scored) {
      this.file = file;
      this.scored = scored;
    }

    AnswersFile read() throws DataException {
      try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
        return read(in);
      } catch (DataException e) {
        throw e;
      } catch (IOException e) {
        throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
      }
    }

    private AnswersFile read(InputStream in) throws IOException {
      var text = new ByteArrayOutputStream();
      long whole = 0;
      for (int b = in.read(); b >= 0; b = in.read()) {
        if (b == '\n') {
          take(text.toByteArray());
          whole += text.size() + 1;
          text.reset();
        } else {
          text.write(b);
        }
      }
      if (scored) {
        take(text.toByteArray());
      }
      List<String> notes = new ArrayList<>();
      if (!further.isEmpty()) {
        List<String> names =
            further.entrySet().stream()
                .map(each -> "%s (%d rows)".formatted(each.getKey(), each.getValue()))
                .toList();
        notes.add("%s: kept, but not used: %s".formatted(file, Quote.some(names, MOST_NAMED)));
      }
      return new AnswersFile(rows, whole, text.size(), notes);
    }

    private void take(byte[] text) throws DataException {
      line++;
      if (new String(text, StandardCharsets.ISO_8859_1).isBlank()) {
        return;
      }
      String place = file + ": line " + line;
      AnswerRow row = AnswerLine.row(place, text, scored);
      Long earlier = lineOfKey.putIfAbsent(row.key(), line);
      if (earlier != null) {
        throw new DataException(
            "%s: %s stands in line %d already; each answer may stand once, remove one of them"
                .formatted(place, Quote.line(row.key().toString()), earlier));
      }
      requireAgreement(place, firstOfId.computeIfAbsent(row.id(), unknown -> row), row);
      row.further().keySet().forEach(name -> further.merge(name, 1L, Long::sum));
      rows.add(row);
    }

    private static void requireAgreement(String place, AnswerRow first, AnswerRow row)
        throws DataException {
      requireSame(place, row.id(), "question", first.question(), row.question());
      requireSame(place, row.id(), "type", first.type(), row.type());
      requireSame(place, row.id(), "fact", first.fact(), row.fact());
      requireSame(place, row.id(), "group", first.group(), row.group());
      if (!first.options().isEmpty() || !row.options().isEmpty()) {
        requireSame(place, row.id(), "gold (as an option)", right(first), right(row));
        requireSame(
            place, row.id(), "number of options", first.options().size(), row.options().size());
      } else {
        requireSame(place, row.id(), "gold", first.gold(), row.gold());
      }
    }

    private static String right(AnswerRow row) {
      return row.options().isEmpty() || row.gold().isBlank()
          ? row.gold()
          : row.options().get(row.rightOption().orElseThrow());
    }

    private static void requireSame(
        String place, String id, String field, Object first, Object found) throws DataException {
      if (!first.equals(found)) {
        throw new DataException(
            "%s: the rows of id %s do not agree in %s: %s, and %s before; give each question an id of its own"
                .formatted(
                    place,
                    Quote.of(id),
                    field,
                    Quote.of(found.toString()),
                    Quote.of(first.toString())));
      }
    }
  }
}
