package dev.eosin.fetch;

import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileDigest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Where a manifest's files lie: `<root>/<name>/<file>`, with `<root>/<name>.lock` beside.
///
/// @param manifest what is fetched
/// @param root such as `checkpoints`
public record FetchFolder(FetchManifest manifest, Path root) {
  /// One file as it is here now.
  ///
  /// @param file of the manifest
  /// @param digest of its bytes
  /// @param isNew whether the lock file did not know it before
  public record Present(FetchFile file, FileDigest digest, boolean isNew) {}

  /// Where a file of the manifest lies.
  public Path path(FetchFile file) {
    return root.resolve(manifest.name()).resolve(file.name());
  }

  /// Whether every file is there, whatever its bytes.
  public boolean isComplete() {
    return manifest.files().stream().allMatch(file -> Files.isRegularFile(path(file)));
  }

  /// Fetches what is missing and verifies what is there.
  ///
  /// @param server the manifest's own, or a mirror
  /// @throws DataException when a file cannot be had, or is not what manifest or lock file say
  public List<Present> fetch(Download download, String server) throws DataException {
    List<Present> all = new ArrayList<>();
    for (FetchFile file : manifest.files()) {
      Optional<String> known = known(file);
      if (known.isPresent() && Files.isRegularFile(path(file))) {
        all.add(verify(file));
        continue;
      }
      Download.Expected expected = new Download.Expected(OptionalLong.empty(), known);
      URI source = address(file, server);
      all.add(lock(file, download.to(path(file), source, expected).digest()));
    }
    return all;
  }

  /// Reads every file and compares it with manifest and lock file; files that neither knows are
  /// locked as they are.
  ///
  /// @throws DataException naming the first file that is missing or wrong
  public List<Present> verify() throws DataException {
    List<Present> all = new ArrayList<>();
    for (FetchFile file : manifest.files()) {
      all.add(verify(file));
    }
    return all;
  }

  private Present verify(FetchFile file) throws DataException {
    Path path = path(file);
    try {
      if (!Files.isRegularFile(path)) {
        throw new DataException(path + ": is missing; 'eosin fetch " + manifest.name() + "'");
      }
      FileDigest digest = FileDigest.of(path);
      Optional<String> wrong =
          new Download.Expected(OptionalLong.empty(), known(file)).mismatch(digest);
      if (wrong.isPresent()) {
        throw new DataException(path + ": " + wrong.get() + "; remove it and fetch it again");
      }
      return lock(file, digest);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(path + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  private Present lock(FetchFile file, FileDigest digest) throws DataException {
    FetchLock lock = FetchLock.read(lockFile());
    boolean isNew = lock.digest(locked(file)).isEmpty();
    if (isNew) {
      lock.with(locked(file), digest.sha256());
    }
    return new Present(file, digest, isNew);
  }

  private Optional<String> known(FetchFile file) throws DataException {
    Optional<String> locked = FetchLock.read(lockFile()).digest(locked(file));
    if (locked.isPresent() && file.pinned().isPresent() && !locked.equals(file.pinned())) {
      throw new DataException(
          "%s: locks %s as %s, but the manifest says %s; remove the line if the manifest is right"
              .formatted(lockFile(), file.name(), locked.get(), file.pinned().get()));
    }
    return locked.or(file::pinned);
  }

  private Path lockFile() {
    return root.resolve(manifest.name() + ".lock");
  }

  private String locked(FetchFile file) {
    return manifest.name() + "/" + file.name();
  }

  private static URI address(FetchFile file, String server) throws DataException {
    try {
      return file.at(server);
    } catch (IllegalArgumentException e) {
      throw new DataException(Quote.of(server) + " is not an address of http:// or https://", e);
    }
  }
}
