package dev.eosin;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// One recorded parity case: a folder of files with numbers taken from a peer implementation.
///
/// The cases lie in `src/test/resources/parity`. Where the environment variable `EOSIN_SHARED` (or
/// the system property `eosin.shared`) names a folder, cases that its `parity` folder holds are
/// read there instead. They may have been recorded at other sizes: a test takes every size and name
/// from the case's files, and cases that belong together from one folder, see [#beside]. A missing
/// case or file fails the test and names the path; nothing is skipped.
///
/// @param name the case's folder name
/// @param folder where its files are
public record ParityCase(String name, Path folder) {
  public static ParityCase open(String name) {
    String shared = System.getProperty("eosin.shared", System.getenv("EOSIN_SHARED"));
    if (shared != null && !shared.isBlank()) {
      Path folder = Path.of(shared).resolve("parity").resolve(name).toAbsolutePath();
      if (Files.isDirectory(folder)) {
        return new ParityCase(name, folder);
      }
    }
    return own(name);
  }

  /// The case in `src/test/resources/parity`, whatever `EOSIN_SHARED` names: for other files of
  /// `src/test/resources` that were recorded with it.
  public static ParityCase own(String name) {
    return in(ownCases(), name);
  }

  /// The case that this one was recorded with, from the same folder of cases.
  public ParityCase beside(String other) {
    return in(folder.resolveSibling(""), other);
  }

  private static ParityCase in(Path cases, String name) {
    Path folder = cases.resolve(name);
    if (!Files.isDirectory(folder)) {
      throw new AssertionError("parity case '" + name + "' is missing: no folder " + folder);
    }
    return new ParityCase(name, folder);
  }

  /// The path of a file of the case, for example `config.json`.
  public Path file(String fileName) {
    Path file = folder.resolve(fileName);
    if (!Files.exists(file)) {
      throw new AssertionError("parity case '" + name + "' lacks the file " + file);
    }
    return file;
  }

  /// The contents of a text file of the case.
  public String text(String fileName) throws IOException {
    return Files.readString(file(fileName));
  }

  private static Path ownCases() {
    @Nullable URL resource = ParityCase.class.getResource("/parity");
    if (resource == null) {
      throw new AssertionError("no parity cases: src/test/resources/parity is missing");
    }
    return Path.of(URI.create(resource.toString()));
  }
}
