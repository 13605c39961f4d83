package dev.eosin.file;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Writes a folder of files that appears whole or not at all:
///
/// ```java
/// try (AtomicFolder folder = AtomicFolder.begin(path)) {
///   folder.write("config.json", FileContent.text(json));
///   folder.write("model.safetensors", writer);
///   folder.commit();
/// }
/// ```
///
/// The files go to `.<name>.partial` beside the target, each synced; [#commit()] renames the
/// folder. An existing target is moved to `.<name>.old` first and removed last; a power cut between
/// the two renames leaves it there, and [#tidy(Path)] moves it back.
public final class AtomicFolder implements AutoCloseable {
  private static final String PARTIAL = ".partial";
  private static final String OLD = ".old";

  private final Disk disk;
  private final Path target;
  private final Path partial;
  private final Set<String> inner = new TreeSet<>();
  private boolean committed;

  private AtomicFolder(Disk disk, Path target) {
    this.disk = disk;
    this.target = target;
    this.partial = sibling(target, PARTIAL);
  }

  /// Starts an empty folder; missing parents are made, leftovers of an interrupted attempt removed.
  ///
  /// @throws DataException naming the folder and the reason
  public static AtomicFolder begin(Path target) throws DataException {
    return begin(Disk.REAL, target);
  }

  public static AtomicFolder begin(Disk disk, Path target) throws DataException {
    AtomicFolder folder = new AtomicFolder(disk, target.toAbsolutePath().normalize());
    try {
      createParents(disk, folder.target);
      tidy(disk, folder.target);
      disk.createFolder(folder.partial);
    } catch (IOException e) {
      throw folder.failure(e);
    }
    return folder;
  }

  private static void createParents(Disk disk, Path path) throws IOException {
    Path parent = path.getParent();
    if (parent != null && !Files.isDirectory(parent)) {
      createParents(disk, parent);
      disk.createFolder(parent);
      disk.syncFolder(AtomicFile.parent(parent));
    }
  }

  /// As [#write(String, FileContent)], into a folder within this one.
  ///
  /// @param name of the inner folders, outermost first, and the file's, with slashes between
  public FileDigest writeWithin(String name, FileContent content) throws DataException {
    makeFolders(name);
    return written(name, content);
  }

  /// The same file under a second name, which takes no room of its own where the file system can do
  /// that.
  ///
  /// @param name as for [#writeWithin]
  /// @param existing what was written already
  /// @throws DataException naming the file and the reason
  public void linkWithin(String name, String existing) throws DataException {
    makeFolders(name);
    try {
      disk.link(partial.resolve(name), partial.resolve(existing));
    } catch (IOException | UnsupportedOperationException e) {
      written(name, FileContent.copyOf(partial.resolve(existing)));
    }
  }

  /// Where a file lies until [#commit()], for who looks at what was written.
  public Path place(String name) {
    return partial.resolve(name);
  }

  private void makeFolders(String name) throws DataException {
    String[] parts = name.split("/", -1);
    for (String part : parts) {
      requirePlain(part);
    }
    String folder = "";
    for (int i = 0; i + 1 < parts.length; i++) {
      folder = folder.isEmpty() ? parts[i] : folder + "/" + parts[i];
      if (inner.add(folder)) {
        try {
          disk.createFolder(partial.resolve(folder));
        } catch (IOException e) {
          throw failure(e);
        }
      }
    }
  }

  /// A folder within this one for files that another library writes, and syncs itself.
  ///
  /// @throws DataException naming the folder and the reason
  public Path within(String name) throws DataException {
    requirePlain(name);
    try {
      if (inner.add(name)) {
        disk.createFolder(partial.resolve(name));
      }
      return partial.resolve(name);
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /// Writes and syncs one file.
  ///
  /// @param name without folders
  /// @return the digest of what was written, taken on the way
  /// @throws DataException naming the file and the reason; the target is unchanged
  public FileDigest write(String name, FileContent content) throws DataException {
    requirePlain(name);
    return written(name, content);
  }

  private FileDigest written(String name, FileContent content) throws DataException {
    try (Disk.SyncedOutput out = disk.create(partial.resolve(name))) {
      FileDigest.Stream digested = new FileDigest.Stream(out);
      content.writeTo(digested);
      out.sync();
      return digested.digest();
    } catch (DataException e) {
      // What should have been written could not be read: that file is at fault, not this one.
      throw e;
    } catch (IOException e) {
      throw new DataException(
          target.resolve(name) + ": cannot be written: " + AtomicFile.reason(e), e);
    }
  }

  /// Puts the folder in the target's place; when it returns, it is durable.
  ///
  /// @throws DataException naming the folder and the reason
  public void commit() throws DataException {
    Path old = sibling(target, OLD);
    try {
      for (String folder : inner) {
        disk.syncFolder(partial.resolve(folder));
      }
      disk.syncFolder(partial);
      boolean replaces = Files.exists(target, LinkOption.NOFOLLOW_LINKS);
      if (replaces) {
        disk.rename(target, old);
      }
      rename(old, replaces);
      disk.syncFolder(AtomicFile.parent(target));
      committed = true;
      if (replaces) {
        delete(disk, old);
      }
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private void rename(Path old, boolean replaces) throws IOException {
    try {
      disk.rename(partial, target);
    } catch (IOException e) {
      if (replaces) {
        disk.rename(old, target);
      }
      throw e;
    }
  }

  /// Removes what was written if it was not committed.
  @Override
  public void close() throws DataException {
    if (!committed) {
      try {
        delete(disk, partial);
      } catch (IOException e) {
        throw failure(e);
      }
    }
  }

  /// Removes the leftovers of interrupted writes of `target`, or moves its old content back when
  /// that was the last step done.
  ///
  /// @throws DataException naming the folder and the reason
  public static void tidy(Path target) throws DataException {
    Path absolute = target.toAbsolutePath().normalize();
    try {
      tidy(Disk.REAL, absolute);
    } catch (IOException e) {
      throw new DataException(target + ": cannot be tidied: " + AtomicFile.reason(e), e);
    }
  }

  public static void tidy(Disk disk, Path target) throws IOException {
    delete(disk, sibling(target, PARTIAL));
    Path old = sibling(target, OLD);
    if (Files.exists(old, LinkOption.NOFOLLOW_LINKS)) {
      if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
        delete(disk, old);
      } else {
        disk.rename(old, target);
      }
    }
  }

  /// Removes a folder: first under a name that no reader takes for a whole one.
  public static void remove(Disk disk, Path folder) throws IOException {
    Path partial = sibling(folder, PARTIAL);
    disk.rename(folder, partial);
    delete(disk, partial);
  }

  private static void delete(Disk disk, Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    List<Path> deepestFirst;
    try (Stream<Path> inside = Files.walk(path)) {
      deepestFirst = inside.toList().reversed();
    }
    for (Path each : deepestFirst) {
      disk.delete(each);
    }
  }

  private static Path sibling(Path target, String suffix) {
    return target.resolveSibling("." + target.getFileName() + suffix);
  }

  private static void requirePlain(String name) {
    if (!isPlain(name)) {
      throw new IllegalArgumentException("'" + name + "' is not the plain name of a file");
    }
  }

  public static boolean isPlain(String name) {
    return !name.isEmpty()
        && !name.startsWith(".")
        && name.chars().allMatch(c -> c > ' ' && c < 127 && c != '/' && c != '\\');
  }

  private DataException failure(IOException e) {
    return new DataException(target + ": cannot be written: " + AtomicFile.reason(e), e);
  }
}
