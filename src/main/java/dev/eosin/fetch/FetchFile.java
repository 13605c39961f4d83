package dev.eosin.fetch;

import dev.eosin.config.Doc;
import dev.eosin.file.AtomicFolder;
import java.net.URI;
import java.util.Optional;

/// One file of a [FetchManifest].
///
/// @param name here
/// @param path on the server
/// @param sha256 64 digits, or `unpinned`
/// @param pinnedBy where those digits stand, or why there are none
@Doc("One file that is fetched.")
public record FetchFile(
    @Doc("Its name here.") String name,
    @Doc("Its path on the server, and on a mirror.") String path,
    @Doc("64 hexadecimal digits, or 'unpinned': then the first fetch decides, by the lock file.")
        String sha256,
    @Doc("Where the digits stand in public, or why there are none.") String pinnedBy) {
  private static final String UNPINNED = "unpinned";

  /// @throws IllegalArgumentException for a name with a folder, an absolute path, other digits
  public FetchFile {
    if (!AtomicFolder.isPlain(name)) {
      throw new IllegalArgumentException("name: '" + name + "' is not the plain name of a file");
    }
    if (path.startsWith("/") || path.contains("..") || path.contains("://")) {
      throw new IllegalArgumentException("path: '" + path + "' is not relative to the server");
    }
    if (!sha256.equals(UNPINNED) && !sha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(
          "sha256: '" + sha256 + "' is neither 64 small hexadecimal digits nor 'unpinned'");
    }
  }

  /// The digest that the manifest names.
  public Optional<String> pinned() {
    return Optional.of(sha256).filter(digits -> !digits.equals(UNPINNED));
  }

  /// Where it lies on a server or mirror.
  ///
  /// @throws IllegalArgumentException when that is no address
  public URI at(String server) {
    return URI.create(server.replaceAll("/+$", "") + "/" + path);
  }
}
