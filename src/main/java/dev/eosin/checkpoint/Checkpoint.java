package dev.eosin.checkpoint;

import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileDigest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A checkpoint on disk whose files were found to be what its manifest says.
///
/// @param folder for example `runs/a/checkpoints/step-00000100`
/// @param state the contents of `state.json`
public record Checkpoint(Path folder, CheckpointState state) {
  /// The file of the parameters.
  public static final String MODEL = "model.safetensors";

  static final String OPTIMIZER = "optimizer.safetensors";
  static final String STATE = "state.json";

  /// The name in `optimizer.safetensors` of Adam's first moment of a parameter.
  public static String firstMoment(String parameter) {
    return "first-moment." + parameter;
  }

  /// The name in `optimizer.safetensors` of Adam's second moment of a parameter.
  public static String secondMoment(String parameter) {
    return "second-moment." + parameter;
  }

  /// Parameters by Eosin's names, fp32 masters.
  public SafetensorsFile model() throws DataException {
    return SafetensorsFile.open(folder.resolve(MODEL));
  }

  /// Optimiser state, see [#firstMoment(String)] and [#secondMoment(String)].
  public SafetensorsFile optimizer() throws DataException {
    return SafetensorsFile.open(folder.resolve(OPTIMIZER));
  }

  /// A further file that the trainer put in, for example averaged weights.
  public Path file(String name) {
    return folder.resolve(name);
  }

  /// What the manifest says of a file that it lists.
  ///
  /// @throws DataException when the manifest cannot be read or does not list it
  public String sha256(String name) throws DataException {
    FileDigest digest = manifest(folder).files().get(name);
    if (digest == null) {
      throw new DataException(folder + ": the manifest does not list " + name);
    }
    return digest.sha256();
  }

  /// What a checkpoint is wanted for.
  public enum Use {
    /// To go on training: every byte counts.
    TRAINING,
    /// For what it computes: of the optimiser's moments, two thirds of all bytes, the length is
    /// enough.
    MODEL
  }

  /// Reads every byte of a checkpoint folder and compares it with the manifest.
  ///
  /// @throws DataException naming the first file that is missing, incomplete or altered
  public static Checkpoint verify(Path folder) throws DataException {
    return verify(folder, Use.TRAINING);
  }

  /// Compares a checkpoint folder with its manifest as far as it is of use.
  ///
  /// @throws DataException naming the first file that is missing, incomplete or altered
  public static Checkpoint verify(Path folder, Use use) throws DataException {
    CheckpointManifest manifest = manifest(folder);
    // One core takes one file's digest: the files of a checkpoint are read side by side.
    Optional<DataException> problem =
        manifest.files().keySet().parallelStream()
            .map(name -> problem(folder, manifest, name, use))
            .toList()
            .stream()
            .flatMap(Optional::stream)
            .findFirst();
    if (problem.isPresent()) {
      throw problem.get();
    }
    return new Checkpoint(folder, readState(folder, manifest));
  }

  private static Optional<DataException> problem(
      Path folder, CheckpointManifest manifest, String name, Use use) {
    try {
      if (name.equals(OPTIMIZER) && use == Use.MODEL) {
        requireLength(folder, manifest, name);
      } else {
        verifyFile(folder, manifest, name);
      }
      return Optional.empty();
    } catch (DataException e) {
      return Optional.of(e);
    }
  }

  /// Only the state, of a folder whose manifest and `state.json` are whole.
  static CheckpointState state(Path folder) throws DataException {
    CheckpointManifest manifest = manifest(folder);
    verifyFile(folder, manifest, STATE);
    return readState(folder, manifest);
  }

  private static CheckpointManifest manifest(Path folder) throws DataException {
    Path file = folder.resolve(CheckpointManifest.NAME);
    CheckpointManifest manifest = CheckpointManifest.read(file);
    for (String required : List.of(MODEL, OPTIMIZER, STATE)) {
      if (!manifest.files().containsKey(required)) {
        throw new DataException(file + ": does not list " + required);
      }
    }
    return manifest;
  }

  private static FileDigest requireLength(Path folder, CheckpointManifest manifest, String name)
      throws DataException {
    Path file = folder.resolve(name);
    FileDigest expected = manifest.files().get(name);
    if (expected == null || !Files.isRegularFile(file)) {
      throw new DataException(file + ": is missing");
    }
    try {
      long bytes = Files.size(file);
      if (bytes != expected.bytes()) {
        throw new DataException(
            "%s: has %d bytes, the manifest says %d".formatted(file, bytes, expected.bytes()));
      }
      return expected;
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static void verifyFile(Path folder, CheckpointManifest manifest, String name)
      throws DataException {
    FileDigest expected = requireLength(folder, manifest, name);
    Path file = folder.resolve(name);
    try {
      if (!FileDigest.of(file).equals(expected)) {
        throw new DataException(file + ": its sha256 is not the manifest's; the file was altered");
      }
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static DataException unreadable(Path file, IOException e) {
    return new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
  }

  private static CheckpointState readState(Path folder, CheckpointManifest manifest)
      throws DataException {
    Path file = folder.resolve(STATE);
    CheckpointState state = CheckpointState.read(file, JsonFields.of(file).json());
    if (state.step() != manifest.step()) {
      throw new DataException(
          "%s: has step %d, the manifest says %d".formatted(file, state.step(), manifest.step()));
    }
    return state;
  }
}
