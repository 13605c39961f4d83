package dev.eosin.prepare;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.regex.Pattern;

/// The files that a preparation is for. Each is written under a temporary name, and gets its own
/// once all are written and durable. Used by one thread.
public final class Outputs implements AutoCloseable {
  static final String REJECTS = "rejects.jsonl";
  static final String FUNNEL = "funnel.json";
  static final String LEDGER = "ledger.jsonl";

  private static final Set<String> OWN = Set.of(REJECTS, FUNNEL, LEDGER, FolderLock.NAME);
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

  private final Path folder;
  private final int rows;
  private final SequencedMap<String, Path> temporary = new LinkedHashMap<>();
  private final List<OutputStream> open = new ArrayList<>();

  /// @param rows of which there are outcomes
  Outputs(Path folder, int rows) {
    this.folder = folder;
    this.rows = rows;
  }

  /// Values, one a line.
  @FunctionalInterface
  public interface Lines {
    void write(JsonNode value) throws IOException;
  }

  /// The folder of the results, where steps of rows kept what is large.
  public Path folder() {
    return folder;
  }

  /// How many rows there are, those included that are left out already.
  public int rows() {
    return rows;
  }

  /// Where a file of this name is to be written by who asks, who also closes it in
  /// [RowPreparation.Assembly#finish].
  ///
  /// @param name letters, digits, dots, dashes and underscores, each name once
  public Path path(String name) {
    if (OWN.contains(name) || RankLedgers.isOne(name)) {
      throw new IllegalArgumentException("the file " + name + " is the run's own");
    }
    return reserve(name);
  }

  private Path reserve(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("'" + name + "' is no name of an output");
    }
    Path path = folder.resolve("." + name + ".partial");
    if (temporary.putIfAbsent(name, path) != null) {
      throw new IllegalArgumentException("the file " + name + " is opened twice");
    }
    return path;
  }

  /// A new file; it is closed by the run.
  public OutputStream open(String name) throws IOException {
    return create(path(name));
  }

  /// A new file of one JSON value a line; it is closed by the run.
  public Lines jsonLines(String name) throws IOException {
    return lines(path(name));
  }

  Lines rejects() throws IOException {
    return lines(reserve(REJECTS));
  }

  private Lines lines(Path path) throws IOException {
    OutputStream out = create(path);
    return value -> {
      out.write(Json.bytes(value));
      out.write('\n');
    };
  }

  private OutputStream create(Path path) throws IOException {
    OutputStream out = new BufferedOutputStream(Files.newOutputStream(path), 1 << 16);
    open.add(out);
    return out;
  }

  /// Makes the files durable, then gives them their names.
  ///
  /// @return the size of each in bytes
  Map<String, Long> commit() throws IOException {
    for (OutputStream out : open) {
      out.close();
    }
    SequencedMap<String, Long> sizes = new LinkedHashMap<>();
    for (Map.Entry<String, Path> file : temporary.entrySet()) {
      try (FileChannel channel = FileChannel.open(file.getValue(), StandardOpenOption.WRITE)) {
        channel.force(true);
        sizes.put(file.getKey(), channel.size());
      }
    }
    for (Map.Entry<String, Path> file : temporary.entrySet()) {
      Files.move(file.getValue(), folder.resolve(file.getKey()), StandardCopyOption.ATOMIC_MOVE);
    }
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
    return sizes;
  }

  /// Removes what was not committed.
  @Override
  public void close() throws DataException {
    try {
      for (OutputStream out : open) {
        closeQuietly(out);
      }
      for (Path path : temporary.values()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new DataException(folder + ": cannot be written: " + AtomicFile.reason(e), e);
    }
  }

  /// A stream whose buffer cannot be written cannot be closed either; its file goes.
  private static void closeQuietly(OutputStream out) {
    try {
      out.close();
    } catch (IOException alreadyReported) {
      return;
    }
  }
}
