package dev.eosin.eval.embeddings;

import dev.eosin.config.DataException;
import dev.eosin.eval.activations.ActivationRow;
import dev.eosin.eval.activations.RowTexts;
import dev.eosin.file.AtomicFile;
import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Features of slides' tiles as TRIDENT and CLAM keep them: an HDF5 file for each slide with
/// `features` [n,d] (or [1,n,d]) and `coords` [n,2], the tiles' corners at level 0. A slide's name
/// is its file's; it is the group of its rows, which are named `SLIDE_X_Y`.
///
/// Source: mahmoodlab/TRIDENT and mahmoodlab/CLAM, what they write.
final class SlideFeatures {
  private static final String FEATURES = "features";
  private static final String COORDINATES = "coords";
  private static final String ENCODER = "encoder";
  private static final List<String> ENDINGS = List.of(".h5", ".hdf5");

  private SlideFeatures() {}

  /// Whether a path is such a file, or a folder that holds some.
  static boolean are(Path path) throws DataException {
    return Files.isDirectory(path) ? !files(path).isEmpty() : named(path);
  }

  private static boolean named(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return ENDINGS.stream().anyMatch(name::endsWith);
  }

  private static List<Path> files(Path path) throws DataException {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> inside = Files.list(path)) {
      return inside.filter(SlideFeatures::named).sorted().toList();
    } catch (IOException e) {
      throw new DataException(path + ": cannot be listed: " + AtomicFile.reason(e), e);
    }
  }

  /// @param table of all rows, instead of what the files say
  /// @throws DataException when a file is none of these, or is of another encoder or width than the
  ///   first
  static StoredEmbeddings open(Path path, Optional<Path> table) throws DataException {
    List<Path> files = files(path);
    List<ActivationRow> rows = new ArrayList<>();
    Slide first = null;
    for (Path file : files) {
      Slide slide = slide(file, rows);
      if (first != null) {
        requireSame(first, slide);
      } else {
        first = slide;
      }
    }
    if (first == null) {
      throw new DataException(path + ": holds no .h5 file");
    }
    Map<String, String> metadata = new HashMap<>();
    first.encoder().ifPresent(encoder -> metadata.put(ENCODER, encoder));
    List<ActivationRow> named = table.isPresent() ? RowTexts.of(table.get()) : rows;
    if (named.size() != rows.size()) {
      throw new DataException(
          "%s: has %d embeddings, its table %d rows".formatted(path, rows.size(), named.size()));
    }
    int width = first.width();
    return new StoredEmbeddings(
        path, named, width, metadata, taking -> read(files, width, taking), () -> {});
  }

  private record Slide(Path file, int width, Optional<String> encoder) {}

  private static void requireSame(Slide first, Slide other) throws DataException {
    if (first.width() != other.width() || !first.encoder().equals(other.encoder())) {
      throw new DataException(
          "%s has features of %d numbers by %s, %s of %d by %s: they are of different models"
              .formatted(
                  first.file(),
                  first.width(),
                  first.encoder().orElse("an encoder it does not name"),
                  other.file(),
                  other.width(),
                  other.encoder().orElse("an encoder it does not name")));
    }
  }

  private static Slide slide(Path file, List<ActivationRow> rows) throws DataException {
    return using(
        file,
        hdf -> {
          Dataset features = features(file, hdf);
          int[] shape = features.getDimensions();
          int count = shape[shape.length - 2];
          String name = String.valueOf(file.getFileName()).replaceFirst("\\.[^.]+$", "");
          long[][] corners =
              hdf.getChild(COORDINATES) instanceof Dataset coords
                  ? corners(file, coords, count)
                  : new long[0][];
          for (int i = 0; i < count; i++) {
            String path =
                corners.length == 0
                    ? "%s/%d".formatted(name, i)
                    : "%s_%d_%d".formatted(name, corners[i][0], corners[i][1]);
            rows.add(
                new ActivationRow(
                    rows.size(), path, Optional.of(name), Optional.empty(), Optional.empty()));
          }
          Attribute encoder = features.getAttribute(ENCODER);
          return new Slide(
              file,
              shape[shape.length - 1],
              Optional.ofNullable(encoder).map(said -> String.valueOf(said.getData())));
        });
  }

  private static Dataset features(Path file, HdfFile hdf) throws DataException {
    if (!(hdf.getChild(FEATURES) instanceof Dataset features)) {
      throw new DataException(
          "%s: has no dataset '%s', but %s"
              .formatted(file, FEATURES, List.copyOf(hdf.getChildren().keySet())));
    }
    int[] shape = features.getDimensions();
    if (shape.length != 2 && !(shape.length == 3 && shape[0] == 1)) {
      throw new DataException(
          "%s: features have the shape %s; [n,d] is expected"
              .formatted(file, Arrays.toString(shape)));
    }
    return features;
  }

  private static long[][] corners(Path file, Dataset coords, int count) throws DataException {
    long[][] corners =
        switch (coords.getData()) {
          case long[][] numbers -> numbers;
          case int[][] numbers ->
              Stream.of(numbers)
                  .map(row -> Arrays.stream(row).asLongStream().toArray())
                  .toArray(long[][]::new);
          default -> throw new DataException(file + ": coords are no whole numbers [n,2]");
        };
    if (corners.length != count || (count > 0 && corners[0].length != 2)) {
      throw new DataException(
          "%s: has %d features and %d coords".formatted(file, count, corners.length));
    }
    return corners;
  }

  private static void read(List<Path> files, int width, VectorStream.Taking taking)
      throws IOException {
    for (Path file : files) {
      using(
          file,
          hdf -> {
            float[] all = floats(file, features(file, hdf));
            int some = VectorStream.ROWS * width;
            for (int from = 0; from < all.length; from += some) {
              taking.take(Arrays.copyOfRange(all, from, Math.min(all.length, from + some)));
            }
            return all.length;
          });
    }
  }

  /// Of one slide at once: parts of datasets were seen to be read wrongly.
  private static float[] floats(Path file, Dataset features) throws DataException {
    return switch (features.getDataFlat()) {
      case float[] numbers -> numbers;
      case double[] numbers -> {
        float[] narrowed = new float[numbers.length];
        for (int i = 0; i < narrowed.length; i++) {
          narrowed[i] = (float) numbers[i];
        }
        yield narrowed;
      }
      default ->
          throw new DataException(
              "%s: features are of type %s; floating-point numbers are expected"
                  .formatted(file, features.getJavaType()));
    };
  }

  private interface Reading<T> {
    T read(HdfFile hdf) throws IOException;
  }

  /// The library answers damage with all kinds of exceptions.
  private static <T> T using(Path file, Reading<T> reading) throws DataException {
    try (HdfFile hdf = new HdfFile(file)) {
      return reading.read(hdf);
    } catch (DataException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new DataException("%s: cannot be read as HDF5: %s".formatted(file, e.getMessage()), e);
    }
  }
}
