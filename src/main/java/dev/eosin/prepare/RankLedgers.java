package dev.eosin.prepare;

import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The files in which ranks but the first record what becomes of their rows, beside the ledger,
/// which takes them over once all rows are through, or when the next run begins.
final class RankLedgers {
  private static final Pattern NAME = Pattern.compile("ledger-rank-\\d{5,}\\.jsonl");

  private RankLedgers() {}

  /// @param ledger of the folder
  /// @param rank from 1
  static Path of(Path ledger, int rank) {
    return ledger.resolveSibling(String.format(Locale.ROOT, "ledger-rank-%05d.jsonl", rank));
  }

  static boolean isOne(String name) {
    return NAME.matcher(name).matches();
  }

  /// Those that are there, in the order of ranks.
  static List<Path> beside(Path ledger) throws DataException {
    Path folder = ledger.toAbsolutePath().resolveSibling("");
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> isOne(String.valueOf(file.getFileName())))
          .sorted()
          .map(file -> ledger.resolveSibling(file.getFileName()))
          .toList();
    } catch (IOException e) {
      throw new DataException(folder + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  static void remove(List<Path> files) throws DataException {
    for (Path file : files) {
      try {
        Files.delete(file);
      } catch (IOException e) {
        throw new DataException(file + ": cannot be removed: " + AtomicFile.reason(e), e);
      }
    }
  }
}
