package dev.eosin.checkpoint;

import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.AtomicFolder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/// Unpacks the libraries of a libtorch zip, `libtorch/lib/<name>`, into one folder; nothing else of
/// the zip is written, so that no entry's name can lead elsewhere.
public final class LibtorchArchive {
  private static final String INSIDE = "libtorch/lib/";
  private static final Pattern LIBRARY = Pattern.compile("[\\w.+-]+\\.(so|dylib)(\\.[\\w.]+)?");
  private static final int PIECE = 1 << 16;

  private LibtorchArchive() {}

  /// @param folder appears whole or not at all; one that is there is replaced
  /// @param mostBytes of all libraries together
  /// @throws DataException when the zip is damaged, has no libtorch or unpacks to more, or the disk
  ///   has no room
  public static void unpack(Path zip, Path folder, long mostBytes) throws DataException {
    try (ZipFile file = new ZipFile(zip.toFile());
        AtomicFolder out = AtomicFolder.begin(folder)) {
      List<? extends ZipEntry> libraries =
          file.stream().filter(LibtorchArchive::isLibrary).toList();
      requireWhole(zip, folder, libraries, mostBytes);
      for (ZipEntry entry : libraries) {
        try (InputStream in = file.getInputStream(entry)) {
          out.write(
              entry.getName().substring(INSIDE.length()),
              target -> copy(in, target, entry.getSize()));
        }
      }
      out.commit();
    } catch (DataException e) {
      throw e;
    } catch (ZipException e) {
      throw new DataException(zip + ": is not a whole zip: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new DataException(zip + ": cannot be unpacked: " + AtomicFile.reason(e), e);
    }
  }

  private static boolean isLibrary(ZipEntry entry) {
    String name = entry.getName();
    return name.startsWith(INSIDE) && LIBRARY.matcher(name.substring(INSIDE.length())).matches();
  }

  private static void requireWhole(
      Path zip, Path folder, List<? extends ZipEntry> libraries, long mostBytes)
      throws IOException {
    if (libraries.stream().noneMatch(entry -> entry.getName().contains("/libtorch."))) {
      throw new DataException(zip + ": has no " + INSIDE + "libtorch.so");
    }
    long bytes = 0;
    for (ZipEntry entry : libraries) {
      if (entry.getSize() < 0 || entry.getSize() > mostBytes - bytes) {
        throw new DataException("%s: unpacks to more than %,d MiB".formatted(zip, mostBytes >> 20));
      }
      bytes += entry.getSize();
    }
    Path parent = AtomicFile.parent(folder.toAbsolutePath().normalize());
    if (bytes > Files.getFileStore(parent).getUsableSpace()) {
      throw new DataException(
          "%s: the disk has no room for %,d MiB".formatted(folder, bytes >> 20));
    }
  }

  // A zip may lie about the size of an entry.
  private static void copy(InputStream in, OutputStream out, long size) throws IOException {
    byte[] piece = new byte[PIECE];
    long copied = 0;
    for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
      copied += length;
      if (copied > size) {
        throw new ZipException("an entry is longer than it says");
      }
      out.write(piece, 0, length);
    }
  }
}
