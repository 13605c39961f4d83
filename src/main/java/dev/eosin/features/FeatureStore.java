package dev.eosin.features;

import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.Disk;
import dev.eosin.file.FileContent;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

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

  /// Reads an image's features.
  ///
  /// @param key as [FeatureContents#key] gives it
  /// @param into where they are put [1,n,c], in the type of the store
  /// @return whether there were any
  /// @throws DataException when the file is not what was written
  boolean read(String key, TensorData into) throws DataException {
    Path file = file(key);
    if (!Files.exists(file)) {
      return false;
    }
    try (SafetensorsFile stored = SafetensorsFile.read(file)) {
      TensorData data = stored.entry(TENSOR);
      if (data.elements() != into.elements() || data.type() != into.type()) {
        throw new DataException(
            "holds %s %s, not %d x %d numbers in %s"
                .formatted(
                    data.type(),
                    data.shape(),
                    contents.tokens(),
                    contents.width(),
                    contents.type()));
      }
      into.set(data);
      return true;
    } catch (DataException e) {
      throw new DataException(
          "%s: are no features of this tower: %s; remove the file, they are computed anew"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  /// Bytes on their way to a name.
  private record Written(String key, Path temporary, Path file, Disk.SyncedOutput out) {}

  /// Keeps features of several images. Their files are synced at the same time, since a disk takes
  /// little longer for a hundred files than for one.
  ///
  /// @param features [1,n,c] each in the type of the store, by key
  /// @throws DataException when they cannot be written
  void write(Map<String, TensorData> features) throws DataException {
    List<Written> all = new ArrayList<>();
    try {
      describe();
      for (Map.Entry<String, TensorData> one : features.entrySet()) {
        all.add(written(one.getKey(), one.getValue()));
      }
      sync(all);
      for (Written one : all) {
        one.out().close();
        disk.rename(one.temporary(), one.file());
      }
    } catch (IOException e) {
      DataException failure =
          new DataException(
              "%s: features cannot be kept: %s".formatted(folder, AtomicFile.reason(e)), e);
      all.forEach(one -> forget(one, failure));
      throw failure;
    }
  }

  private Written written(String key, TensorData features) throws IOException {
    Path file = file(key);
    Files.createDirectories(AtomicFile.parent(file));
    String own =
        "%d-%d".formatted(ProcessHandle.current().pid(), Thread.currentThread().threadId());
    Path temporary = file.resolveSibling(".%s.%s.partial".formatted(key, own));
    var one = new Written(key, temporary, file, disk.create(temporary));
    try {
      new SafetensorsWriter(Map.of()).add(TENSOR, features).writeTo(one.out());
    } catch (IOException e) {
      forget(one, e);
      throw e;
    }
    return one;
  }

  private static void sync(List<Written> all) throws IOException {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> syncs = new ArrayList<>();
      for (Written one : all) {
        syncs.add(
            threads.submit(
                () -> {
                  one.out().sync();
                  return null;
                }));
      }
      for (Future<?> sync : syncs) {
        sync.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while features were written");
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  /// Removes what has no name yet.
  private void forget(Written one, Exception failure) {
    try {
      one.out().close();
    } catch (IOException left) {
      failure.addSuppressed(left);
    }
    try {
      disk.delete(one.temporary());
    } catch (IOException left) {
      failure.addSuppressed(left);
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
