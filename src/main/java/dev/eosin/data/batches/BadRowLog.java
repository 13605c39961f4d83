package dev.eosin.data.batches;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.data.settings.BadRowSettings;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Counts the samples that cannot be read, lists them, and stops the run when there are too many.
///
/// The list, `bad-rows.jsonl`, has one line for each such position, in order of position:
/// `{"position":17,"key":"a.png","reason":"...","failed_refills":["b.png"],"replaced_by":"c.png"}`
/// (the last two where there are any). Used by one thread.
public final class BadRowLog {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int REASONS_SHOWN = 3;

  private final String side;
  private final Optional<Path> file;
  private final BadRowSettings settings;
  private final long epochSize;
  private final BatchShare share;
  private final List<String> firstReasons = new ArrayList<>();
  // A sample that comes again in later epochs is one bad sample, not several.
  private final Set<String> distinct = new HashSet<>();
  private long count;

  private BadRowLog(
      String side, Optional<Path> file, BadRowSettings settings, long epochSize, BatchShare share) {
    this.side = side;
    this.file = file;
    this.settings = settings;
    this.epochSize = epochSize;
    this.share = share;
  }

  /// A log that is not written anywhere, for evaluation.
  ///
  /// @param side names the samples in messages, such as `data.validation`
  /// @param epochSize number of samples in the source
  public static BadRowLog unlisted(String side, BadRowSettings settings, long epochSize) {
    return new BadRowLog(side, Optional.empty(), settings, epochSize, new BatchShare(1, 0, 1));
  }

  /// Opens or starts the list and cuts it back to the rows before `position`.
  ///
  /// @param side names the samples in messages, such as `data.train`
  /// @param epochSize number of samples in the source
  /// @param position where the run starts or resumes
  /// @throws DataException when the file cannot be read or written
  public static BadRowLog open(
      String side, Path file, BadRowSettings settings, long epochSize, long position)
      throws DataException {
    return open(side, file, settings, epochSize, position, new BatchShare(1, 0, 1));
  }

  /// As above, of one rank, which sees its share of every batch and judges by that.
  public static BadRowLog open(
      String side,
      Path file,
      BadRowSettings settings,
      long epochSize,
      long position,
      BatchShare share)
      throws DataException {
    BadRowLog log = new BadRowLog(side, Optional.of(file), settings, epochSize, share);
    try {
      log.cutBack(file, position);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
    return log;
  }

  /// How many positions so far.
  public long count() {
    return count;
  }

  /// What became of them, for a person; empty where none was bad.
  public Optional<String> told() {
    return count == 0
        ? Optional.empty()
        : Optional.of(
            "%d of the rows read so far (%d different samples) could not be read and were replaced%s"
                .formatted(
                    count,
                    distinct.size(),
                    file.map(path -> "; they are listed in " + path).orElse("")));
  }

  /// Lists the unreadable rows of one batch.
  ///
  /// The run stops when more different samples were bad than `limit` x max(different samples so
  /// far, min(1,000, samples in the source)).
  ///
  /// @param position the stream's position after the batch
  /// @throws DataException when there are too many, with the first reasons
  void account(long position, List<BadRow> badRows) throws DataException {
    if (badRows.isEmpty()) {
      return;
    }
    append(badRows);
    badRows.forEach(bad -> note(bad.key(), bad.reason()));
    if (settings.exceeded(distinct.size(), seen(position), epochSize)) {
      throw new DataException(describe(position));
    }
  }

  /// How many different samples came to this rank before `position`: at most all there are.
  private long seen(long position) {
    return Math.min(position / share.all() * share.size() + position % share.all(), epochSize);
  }

  private void note(String key, String reason) {
    count++;
    // Parts of a mixture may use the same key; reasons name the file.
    boolean first = distinct.add(key + "\n" + reason);
    if (first && firstReasons.size() < REASONS_SHOWN) {
      firstReasons.add(reason.contains(key) ? reason : key + ": " + reason);
    }
  }

  private String describe(long position) {
    return "%s: %d of the %s%d samples (%.1f %%) cannot be read, more than data.bad-rows.limit (%s) allows: %s%s; mend or remove them, or raise that limit"
        .formatted(
            side,
            distinct.size(),
            seen(position) < epochSize ? "first " : "",
            seen(position),
            100.0 * distinct.size() / seen(position),
            settings.limit(),
            String.join("; ", firstReasons),
            file.map(path -> "; all are listed in " + path).orElse(""));
  }

  private void append(List<BadRow> badRows) throws DataException {
    if (file.isEmpty()) {
      return;
    }
    StringBuilder lines = new StringBuilder();
    badRows.forEach(bad -> lines.append(line(bad)));
    try {
      Files.writeString(file.get(), lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new DataException(file.get() + ": cannot be written: " + AtomicFile.reason(e), e);
    }
  }

  /// One line of the list.
  public static String line(BadRow bad) {
    return toJson(bad) + "\n";
  }

  private static JsonNode toJson(BadRow bad) {
    ObjectNode line = JSON.createObjectNode();
    line.put("position", bad.position()).put("key", bad.key()).put("reason", bad.reason());
    if (!bad.failedRefills().isEmpty()) {
      bad.failedRefills().forEach(line.withArray("failed_refills")::add);
    }
    bad.replacedBy().ifPresent(key -> line.put("replaced_by", key));
    return line;
  }

  private void cutBack(Path path, long position) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    StringBuilder kept = new StringBuilder();
    for (String line : Files.readAllLines(path)) {
      Optional<JsonNode> row = parse(line);
      if (row.isPresent() && row.get().path("position").asLong(Long.MAX_VALUE) < position) {
        kept.append(line).append('\n');
        note(row.get().path("key").asText(), row.get().path("reason").asText());
      }
    }
    AtomicFile.write(path, FileContent.text(kept.toString()));
  }

  /// A line torn by a kill is no row.
  private static Optional<JsonNode> parse(String line) {
    try {
      return Optional.of(JSON.readTree(line));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
