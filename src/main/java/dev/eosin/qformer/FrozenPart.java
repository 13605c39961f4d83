package dev.eosin.qformer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.MappedSource;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.file.UserCache;
import dev.eosin.language.spec.ConfigFields;
import dev.eosin.model.OverlaidTensors;
import dev.eosin.train.TrainingCheckpoint;
import dev.eosin.train.WeightsPart;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// A part of a model that stays where it is: frozen, and too large to be copied with each training.
///
/// @param path of its folder or file, absolute; of a run's average the checkpoint's folder
/// @param sha256 of its weights, as [MappedSource] takes it; of an average over all files of
///   weights, since locked ones are in the model's
/// @param settings with which it is opened, by name; empty where there is nothing to say
public record FrozenPart(Path path, String sha256, SortedMap<String, String> settings) {
  private static final String PATH = "path";
  private static final String DIGEST = "sha256";
  private static final String PART = "part";

  public FrozenPart {
    settings = new TreeMap<>(settings);
  }

  /// Takes the digest of what is there now.
  ///
  /// @throws DataException when it cannot be read
  public static FrozenPart of(Path path, SortedMap<String, String> settings) throws DataException {
    return new FrozenPart(path.toAbsolutePath().normalize(), digest(path, settings), settings);
  }

  /// The moving average in a run's checkpoint.
  ///
  /// @param checkpoint its folder
  /// @throws DataException when it cannot be read
  public static FrozenPart ofAverage(Path checkpoint, SortedMap<String, String> settings)
      throws DataException {
    SortedMap<String, String> all = new TreeMap<>(settings);
    all.put(PART, WeightsPart.AVERAGE.name().toLowerCase(Locale.ROOT));
    return of(checkpoint, all);
  }

  private static String digest(Path path, SortedMap<String, String> settings) throws DataException {
    try (StoredTensors file = open(path, settings)) {
      return MappedSource.of(file, UserCache.folder()).sha256();
    }
  }

  private static StoredTensors open(Path path, SortedMap<String, String> settings)
      throws DataException {
    StoredTensors file = StoredTensors.open(path);
    if (!WeightsPart.AVERAGE.name().equalsIgnoreCase(settings.get(PART))) {
      return file;
    }
    try {
      return new OverlaidTensors(
          file, StoredTensors.open(path.resolve(TrainingCheckpoint.AVERAGE)));
    } catch (DataException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  /// Compares what is there with what the model was trained on.
  ///
  /// @param what it is, for the message
  /// @param by the file that names it
  /// @throws DataException when it is gone or another
  public void require(String what, Path by) throws DataException {
    if (!Files.exists(path)) {
      throw new DataException(
          "%s: the %s that this model needs is not at %s; put it there, or name its place in %s"
              .formatted(by, what, path, by.getFileName()));
    }
    String found = digest(path, settings);
    if (!found.equals(sha256)) {
      throw new DataException(
          "%s: the %s at %s has the sha256 %s, but this model was trained with %s; name the folder of that one"
              .formatted(by, what, path, found, sha256));
    }
  }

  void write(ObjectNode json) {
    json.put(PATH, path.toString());
    json.put(DIGEST, sha256);
    settings.forEach(json::put);
  }

  static Optional<FrozenPart> read(ConfigFields fields, String name) throws DataException {
    Optional<ConfigFields> part = fields.object(name);
    if (part.isEmpty()) {
      return Optional.empty();
    }
    SortedMap<String, String> settings = new TreeMap<>();
    for (String key : part.get().names()) {
      settings.put(key, part.get().text(key));
    }
    Path path = Path.of(part.get().text(PATH));
    String sha256 = part.get().text(DIGEST);
    settings.keySet().removeAll(Set.of(PATH, DIGEST));
    Path folder = fields.file().toAbsolutePath().getParent();
    return Optional.of(
        new FrozenPart(folder == null ? path : folder.resolve(path).normalize(), sha256, settings));
  }
}
