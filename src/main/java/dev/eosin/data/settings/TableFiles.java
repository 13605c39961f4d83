package dev.eosin.data.settings;

import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.text.Utf8Text;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// What every table file must be before its format matters.
public final class TableFiles {
  private static final int GZIP_FIRST = 0x1f;
  private static final int GZIP_SECOND = 0x8b;

  private TableFiles() {}

  /// Why a path may name nothing: what was an address lost one of its slashes.
  private static String hint(Path path) {
    return path.toString().matches("[A-Za-z][A-Za-z0-9+.-]+:/.*")
        ? "only type: webdataset reads addresses, at http:// and https://; copy the data to this machine first"
        : "a relative path starts from the working folder " + Path.of("").toAbsolutePath();
  }

  /// @throws DataException when the folder is missing
  public static void checkFolder(Path folder) throws DataException {
    if (!Files.isDirectory(folder)) {
      throw new DataException("%s: no such folder (%s)".formatted(folder, hint(folder)));
    }
  }

  /// The same for a table of text.
  ///
  /// @throws DataException when the file is missing, compressed or not UTF-8
  public static void checkText(Path file) throws DataException {
    check(file);
    try {
      Utf8Text.check(file);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  /// @throws DataException when a text holds zero bytes
  public static void checkZeros(Path file) throws DataException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      long position = 0;
      for (int value = in.read(); value >= 0; value = in.read()) {
        if (value == 0) {
          throw new DataException(
              "%s: byte %d is zero, which no text holds; remove it: tr -d '\\000'"
                  .formatted(file, position));
        }
        position++;
      }
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  /// @throws DataException when the file is missing, a folder, unreadable or compressed: rows are
  ///   read at any place, which a gzip file does not allow
  public static void check(Path file) throws DataException {
    if (!Files.isRegularFile(file)) {
      throw new DataException("%s: no such file (%s)".formatted(file, hint(file)));
    }
    try (InputStream in = Files.newInputStream(file)) {
      if (in.read() == GZIP_FIRST && in.read() == GZIP_SECOND) {
        throw new DataException(
            "%s: is compressed with gzip; unpack it first: gunzip --keep %s".formatted(file, file));
      }
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }
}
