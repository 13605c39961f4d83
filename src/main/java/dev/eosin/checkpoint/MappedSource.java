package dev.eosin.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.file.FileDigest;
import dev.eosin.file.SharedFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Weights that are used in place, and the digest by which a run that resumes knows them again.
///
/// A digest is computed once and remembered by the file's real path, size and time of change, so
/// that a start need not read a large model whole. A file that changes and keeps all three passes
/// for the old one. Files that are gone are forgotten when the next one is remembered.
///
/// @param path of the file or of the index
/// @param sha256 of the file; of several what `sha256sum FILES | sha256sum` gives, run in their
///   folder: the index, then its files in the order of their names
public record MappedSource(Path path, String sha256) {
  /// The file of remembered digests, in a folder such as [dev.eosin.file.UserCache].
  public static final String MEMORY = "digests.json";

  /// File systems tell times apart that lie so far from each other. A file that changed later than
  /// this before it was read might change again and have the same time.
  private static final Duration TICK = Duration.ofSeconds(2);

  /// What a file is known again by.
  private record Identity(long bytes, String modified) {
    static Identity of(Path file) throws IOException {
      return new Identity(Files.size(file), Files.getLastModifiedTime(file).toString());
    }

    static Identity of(JsonFields entry) throws DataException {
      return new Identity(entry.count("bytes"), entry.text("modified"));
    }
  }

  /// Reads those files whose digests are not remembered.
  ///
  /// @param folder of [#MEMORY], made when first needed; several processes may share it, and one
  ///   waits while another reads
  /// @throws DataException when a file cannot be read or changes meanwhile, or the memory is not
  ///   what it should be or cannot be written
  public static MappedSource of(StoredTensors file, Path folder) throws DataException {
    Path memory = folder.resolve(MEMORY);
    List<Path> files = file.files();
    try (var all = new FileDigest.Stream(OutputStream.nullOutputStream())) {
      if (files.size() == 1) {
        return new MappedSource(file.path(), sha256(files.getFirst(), memory));
      }
      for (Path each : files) {
        String line = "%s  %s\n".formatted(sha256(each, memory), each.getFileName());
        all.write(line.getBytes(StandardCharsets.UTF_8));
      }
      return new MappedSource(file.path(), all.digest().sha256());
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(file.path() + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  private static String sha256(Path file, Path memory) throws IOException {
    Path real = file.toRealPath();
    Identity identity = Identity.of(real);
    Optional<String> known = remembered(memory, real, identity);
    return known.isPresent() ? known.get() : computed(memory, real, identity);
  }

  private static Optional<String> remembered(Path memory, Path real, Identity identity)
      throws DataException {
    try {
      Optional<JsonFields> entry = new JsonFields(memory, read(memory)).object(real.toString());
      return entry.isPresent() && identity.equals(Identity.of(entry.get()))
          ? Optional.of(entry.get().text("sha256"))
          : Optional.empty();
    } catch (DataException e) {
      throw new DataException(e.getMessage() + "; it may be removed, digests are found anew", e);
    }
  }

  /// One at a time, so that no other process reads the same file or loses this one's entry.
  private static String computed(Path memory, Path real, Identity identity) throws IOException {
    return SharedFile.alone(
        memory,
        () -> {
          Optional<String> meanwhile = remembered(memory, real, identity);
          return meanwhile.isPresent() ? meanwhile.get() : read(memory, real, identity);
        });
  }

  private static String read(Path memory, Path real, Identity identity) throws IOException {
    boolean settled = Instant.parse(identity.modified).isBefore(Instant.now().minus(TICK));
    FileDigest digest = FileDigest.of(real);
    if (digest.bytes() != identity.bytes || !Identity.of(real).equals(identity)) {
      throw new DataException(real + ": changed while it was read; start again once it is whole");
    }
    if (settled) {
      ObjectNode all = read(memory);
      all.properties().removeIf(entry -> Files.notExists(Path.of(entry.getKey())));
      all.putObject(real.toString())
          .put("bytes", identity.bytes)
          .put("modified", identity.modified)
          .put("sha256", digest.sha256());
      AtomicFile.write(memory, FileContent.text(all.toPrettyString() + "\n"));
    }
    return digest.sha256();
  }

  private static ObjectNode read(Path memory) throws DataException {
    return Files.exists(memory)
        ? (ObjectNode) JsonFields.of(memory).json()
        : JsonNodeFactory.instance.objectNode();
  }
}
