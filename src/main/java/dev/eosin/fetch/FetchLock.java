package dev.eosin.fetch;

import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `<name>.lock`: the SHA-256 of every file that was fetched, in the form of `sha256sum`, which can
/// check it too. What is locked stays: a later fetch that brings other bytes is refused.
///
/// @param file where it lies
/// @param digests by the files' paths, relative to its folder
record FetchLock(Path file, Map<String, String> digests) {
  private static final Pattern LINE = Pattern.compile("(?<sha256>[0-9a-f]{64})  (?<path>\\S.*)");

  FetchLock {
    digests = Collections.unmodifiableMap(new TreeMap<>(digests));
  }

  /// An absent file locks nothing.
  ///
  /// @throws DataException naming file and line when it is not such a file
  static FetchLock read(Path file) throws DataException {
    Map<String, String> digests = new TreeMap<>();
    if (!Files.exists(file)) {
      return new FetchLock(file, digests);
    }
    try {
      int number = 0;
      for (String line : Files.readAllLines(file)) {
        number++;
        Matcher entry = LINE.matcher(line);
        if (entry.matches()) {
          digests.put(entry.group("path"), entry.group("sha256"));
        } else if (!line.isBlank() && !line.startsWith("#")) {
          throw new DataException(
              "%s: line %d is not '<sha256>  <file>': %s".formatted(file, number, Quote.of(line)));
        }
      }
      return new FetchLock(file, digests);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  Optional<String> digest(String path) {
    return Optional.ofNullable(digests.get(path));
  }

  /// Locks one file more and writes everything.
  FetchLock with(String path, String sha256) throws DataException {
    Map<String, String> more = new TreeMap<>(digests);
    more.put(path, sha256);
    FetchLock lock = new FetchLock(file, more);
    StringBuilder text =
        new StringBuilder("# Written by eosin fetch; sha256sum -c checks it in this folder.\n");
    lock.digests.forEach((each, digits) -> text.append(digits + "  " + each + "\n"));
    AtomicFile.write(file, FileContent.text(text.toString()));
    return lock;
  }
}
