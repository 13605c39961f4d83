package dev.eosin.eval.activations;

import dev.eosin.checkpoint.SavedTensor;
import dev.eosin.config.DataException;
import dev.eosin.data.listed.ListedImages;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Opens what Multimodal-Probes leaves in its `activation_datasets`: a tensor a layer [n,c] in
/// `NAME.0.pt`, `NAME.1.pt`, ..., in fp32, fp16 or 8 bits by channel, its rows those of a table
/// beside it. File k holds the state behind block k + 1. Files are taken by their numbers: by name,
/// 10 would come before 2.
///
/// Source: peterhan91/Multimodal-Probes 0203182, what it writes and reads.
final class ForeignActivations {
  private static final Pattern FILE = Pattern.compile("(.*)\\.(\\d{1,6})\\.pt");

  private ForeignActivations() {}

  static StoredActivations folder(Path folder, Optional<Path> table) throws DataException {
    SortedMap<Integer, Path> files = files(folder);
    if (table.isEmpty()) {
      throw new DataException(
          "%s: its files do not say what their rows are; name their table, such as filepaths,cat,is_test"
              .formatted(folder));
    }
    List<ActivationRow> rows = rows(table.get());
    SortedMap<Integer, StoredActivations.Layer> layers = new TreeMap<>();
    files.forEach(
        (number, file) -> layers.put(number + 1, () -> read(file, rows.size(), table.get())));
    return new StoredActivations(folder, List.copyOf(files.values()), rows, layers, () -> {});
  }

  private static SortedMap<Integer, Path> files(Path folder) throws DataException {
    SortedMap<Integer, Path> files = new TreeMap<>();
    SortedSet<String> names = new TreeSet<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*.pt")) {
      for (Path file : found) {
        Matcher name = FILE.matcher(String.valueOf(file.getFileName()));
        if (name.matches()) {
          names.add(name.group(1));
          Path before = files.put(Integer.parseInt(name.group(2)), file);
          if (before != null && names.size() == 1) {
            throw new DataException(
                "%s: %s and %s are of one layer"
                    .formatted(folder, before.getFileName(), file.getFileName()));
          }
        }
      }
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(folder + ": cannot be listed: " + AtomicFile.reason(e), e);
    }
    if (files.isEmpty()) {
      throw new DataException(
          folder + ": holds no hidden states; files such as NAME.0.pt, NAME.1.pt are expected");
    }
    if (names.size() > 1) {
      throw new DataException(
          "%s: holds states of several: %s; keep those of one".formatted(folder, names));
    }
    return files;
  }

  private static float[] read(Path file, int rows, Path table) throws DataException {
    SavedTensor tensor = SavedTensor.read(file);
    if (tensor.shape().size() != 2 || tensor.shape().getFirst() != rows) {
      throw new DataException(
          "%s: has the shape %s; a state for each of the %d rows of %s is expected"
              .formatted(file, tensor.shape(), rows, table));
    }
    return tensor.values();
  }

  /// The rows of a table; their images need not be there.
  static List<ActivationRow> rows(Path table) throws DataException {
    ListedImages listed = ListedImages.named(table, ListedImages.Columns.GUESSED);
    List<ActivationRow> rows = new ArrayList<>();
    for (long row = 0; row < listed.size(); row++) {
      rows.add(ActivationRow.of(row, listed.get(row)));
    }
    if (rows.isEmpty()) {
      throw new DataException(table + ": has no rows");
    }
    return rows;
  }
}
