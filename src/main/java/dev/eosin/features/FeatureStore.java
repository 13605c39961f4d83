package dev.eosin.features;

import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.Disk;
import dev.eosin.file.FileContent;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import dev.eosin.train.StoredWeights;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Features on disk: a folder for each [FeatureContents], in it a safetensors file for each image,
/// named by the digest of its pixels. A file is synced before it gets its name, so that a process
/// that is killed leaves it whole or not at all. Several processes may use a folder at once.
///
/// @param folder of the contents
/// @param contents what the features are of
/// @param disk that is written to
public record FeatureStore(Path folder, FeatureContents contents, Disk disk) {
  /// What the features are of, for people.
  static final String DESCRIPTION = "contents.txt";

  private static final String TENSOR = "features";
  private static final String SUFFIX = ".safetensors";
  private static final int FANNED = 2;

  /// @param all the folder of all contents; made when features are first written
  public static FeatureStore in(Path all, FeatureContents contents) {
    return new FeatureStore(all.resolve(contents.name()), contents, Disk.REAL);
  }

  private Path file(String key) {
    return folder.resolve(key.substring(0, FANNED)).resolve(key + SUFFIX);
  }

  /// Features of an image in the type of the store, on the engine's device [1,n,c]; the caller's.
  ///
  /// @param key as [FeatureContents#key] gives it
  /// @return empty where there are none
  /// @throws DataException when the file is not what was written
  Optional<Tensor> read(Engine engine, String key) throws DataException {
    Path file = file(key);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try (SafetensorsFile stored = SafetensorsFile.open(file)) {
      TensorData data = stored.entry(TENSOR);
      long[] shape = {1, contents.tokens(), contents.width()};
      try (Tensor mapped = StoredWeights.mapped(engine, data)) {
        if (data.elements() != shape[1] * shape[2]
            || mapped.dtype() != contents.type().elements()) {
          throw new DataException(
              "holds %s %s, not %d x %d numbers in %s"
                  .formatted(data.type(), data.shape(), shape[1], shape[2], contents.type()));
        }
        Tensor found = engine.zeros(contents.type().elements(), shape);
        engine.kernels().run("assign", found, mapped);
        return Optional.of(found);
      }
    } catch (DataException e) {
      throw new DataException(
          "%s: are no features of this tower: %s; remove the file, they are computed anew"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  /// Keeps features of an image.
  ///
  /// @param features in the type of the store [1,n,c]
  /// @throws DataException when they cannot be written
  void write(String key, Tensor features) throws DataException {
    Path file = file(key);
    String own =
        "%d-%d".formatted(ProcessHandle.current().pid(), Thread.currentThread().threadId());
    Path temporary = file.resolveSibling(".%s.%s.partial".formatted(key, own));
    try {
      describe();
      Files.createDirectories(AtomicFile.parent(file));
      try (Tensor host = features.hostCopy();
          Disk.SyncedOutput out = disk.create(temporary)) {
        new SafetensorsWriter(Map.of()).add(TENSOR, TensorData.ofHost(host)).writeTo(out);
        out.sync();
      }
      disk.rename(temporary, file);
      disk.syncFolder(AtomicFile.parent(file));
    } catch (IOException e) {
      DataException failure =
          new DataException(
              "%s: features cannot be kept: %s".formatted(file, AtomicFile.reason(e)), e);
      try {
        disk.delete(temporary);
      } catch (IOException left) {
        failure.addSuppressed(left);
      }
      throw failure;
    }
  }

  private void describe() throws IOException {
    Path description = folder.resolve(DESCRIPTION);
    if (!Files.exists(description)) {
      Files.createDirectories(folder);
      AtomicFile.write(description, FileContent.text(contents.text()));
    }
  }

  /// How many images' features are there.
  ///
  /// @throws DataException when the folder cannot be listed
  public long count() throws DataException {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    long count = 0;
    try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, Files::isDirectory)) {
      for (Path part : parts) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(part, "[!.]*" + SUFFIX)) {
          for (Path _ : files) {
            count++;
          }
        }
      }
    } catch (IOException e) {
      throw new DataException(
          "%s: cannot be listed: %s".formatted(folder, AtomicFile.reason(e)), e);
    }
    return count;
  }
}
