package dev.eosin.data.opened;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import dev.eosin.config.DataException;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.batches.BadRow;
import dev.eosin.data.batches.BadRowLog;
import dev.eosin.data.settings.ClassTemplates;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.io.file.PathUtils;

/// Writes the samples of a source into a new folder that any other tool can read:
///
/// - `tiles/00000017.png`: the decoded image, before any resizing, in RGB
/// - `labels.csv`: `filepath,label,label_text,caption,group`, a row for each tile; empty fields
///   where a sample has none, the first caption where it has several
/// - `prompts.json`: `{"templates": [...], "classes": [{"label", "text", "prompts": [...]}]}` in
///   the order of the classes
/// - `bad-rows.jsonl`, where a sample is left out: a line for each, as [BadRowLog] writes them; its
///   position is the number that its tile would have
///
/// The folder appears under its name only when everything is in it.
public final class SplitExport {
  /// The list of what was left out.
  public static final String BAD_ROWS = "bad-rows.jsonl";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Source source;
  private final Path folder;
  private long written;
  private long unreadable;
  private String firstReason = "";

  private SplitExport(Source source, Path folder) {
    this.source = source;
    this.folder = folder;
  }

  /// What an export did.
  ///
  /// @param written number of tiles
  /// @param unreadable number of samples left out because their image cannot be read, as evaluation
  ///   leaves them out
  public record Summary(long written, long unreadable) {}

  /// Writes every sample that can be read.
  ///
  /// @param templates the zero-shot templates, each with `{}` where the class text belongs
  /// @param folder must not exist; missing parent folders are made
  /// @throws DataException when `folder` exists or cannot be written, or no image can be read;
  ///   nothing is left behind
  public static Summary write(Source source, List<String> templates, Path folder)
      throws DataException {
    if (Files.exists(folder)) {
      throw new DataException(folder + ": exists already; name another folder or remove it first");
    }
    Path partial =
        folder.resolveSibling(
            ".%s.%d.partial".formatted(folder.getFileName(), ProcessHandle.current().pid()));
    SplitExport export = new SplitExport(source, partial);
    try {
      Files.createDirectories(partial.resolve("tiles"));
      export.writeTiles();
      export.writePrompts(ClassTemplates.checked("prompts", templates));
      Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
      return new Summary(export.written, export.unreadable);
    } catch (IOException | UncheckedIOException e) {
      throw failure(folder, partial, e);
    }
  }

  private static DataException failure(Path folder, Path partial, Exception e) {
    DataException failure =
        e instanceof DataException known
            ? known
            : new DataException(folder + ": cannot be written: " + AtomicFile.reason(e), e);
    try {
      if (Files.exists(partial)) {
        PathUtils.deleteDirectory(partial);
      }
    } catch (IOException left) {
      failure.addSuppressed(left);
    }
    return failure;
  }

  private void writeTiles() throws IOException {
    try (CsvWriter labels =
        CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(folder.resolve("labels.csv"))) {
      labels.writeRecord("filepath", "label", "label_text", "caption", "group");
      for (long index = 0; index < source.size(); index++) {
        Sample sample = source.get(index);
        Optional<RgbImage> tile = read(index, sample);
        if (tile.isPresent()) {
          labels.writeRecord(row(sample, writeTile(index, tile.get())));
        }
      }
    }
    if (written == 0) {
      throw new DataException(
          "none of the %d images can be read; first: %s".formatted(unreadable, firstReason));
    }
  }

  private Optional<RgbImage> read(long index, Sample sample) throws IOException {
    try {
      return Optional.of(sample.pair().image().read().toRgb());
    } catch (IOException e) {
      leaveOut(index, sample.key(), String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private void leaveOut(long index, String key, String reason) throws IOException {
    firstReason = unreadable == 0 ? reason : firstReason;
    unreadable++;
    BadRow row = new BadRow(index, key, reason, List.of(), Optional.empty());
    Files.writeString(
        folder.resolve(BAD_ROWS),
        BadRowLog.line(row),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  private List<String> row(Sample sample, String file) {
    String label = sample.label().orElse("");
    return List.of(
        file,
        label,
        source.classTexts().getOrDefault(label, ""),
        sample.captions().isEmpty() ? "" : sample.captions().getFirst().text(),
        sample.group().orElse(""));
  }

  private String writeTile(long index, RgbImage tile) throws IOException {
    String name = "tiles/%08d.png".formatted(index);
    Files.write(folder.resolve(name), Png.encode(tile));
    written++;
    return name;
  }

  private void writePrompts(List<String> templates) throws IOException {
    ObjectNode root = JSON.createObjectNode();
    templates.forEach(root.putArray("templates")::add);
    ArrayNode classes = root.putArray("classes");
    for (Map.Entry<String, String> entry : source.classTexts().entrySet()) {
      ObjectNode node = classes.addObject();
      node.put("label", entry.getKey()).put("text", entry.getValue());
      ClassTemplates.fill(templates, entry.getValue()).forEach(node.putArray("prompts")::add);
    }
    AtomicFile.write(folder.resolve("prompts.json"), FileContent.text(root.toPrettyString()));
  }
}
