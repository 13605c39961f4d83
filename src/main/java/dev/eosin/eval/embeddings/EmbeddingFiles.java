package dev.eosin.eval.embeddings;

import dev.eosin.checkpoint.NumpyHeader;
import dev.eosin.checkpoint.Quote;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.config.DataException;
import dev.eosin.data.parquet.VectorTable;
import dev.eosin.eval.activations.ActivationFile;
import dev.eosin.eval.activations.ActivationRow;
import dev.eosin.eval.activations.ActivationShape;
import dev.eosin.eval.activations.NumpyFile;
import dev.eosin.eval.activations.RowTexts;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipFile;

/// Opens each format of embeddings.
final class EmbeddingFiles {
  /// What others call embeddings, in the order in which they are looked for.
  private static final List<String> NAMES =
      List.of(
          ActivationShape.EMBEDDING,
          "embeddings",
          "features",
          "image_embeds",
          "text_embeds",
          "feats");

  private static final String ENDING = ".npy";

  private EmbeddingFiles() {}

  static StoredEmbeddings parquet(Path path, Optional<Path> table) throws IOException {
    VectorTable file = VectorTable.open(path);
    try {
      String name = name(path, file.lists(), "column of lists");
      int width = file.width(name);
      List<ActivationRow> rows = rows(path, file.rows(), table, () -> RowTexts.of(file));
      return new StoredEmbeddings(
          path, rows, width, file.metadata(), VectorStream.of(file, name), file::close);
    } catch (IOException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  static StoredEmbeddings safetensors(Path path, Optional<Path> table) throws IOException {
    SafetensorsFile file = SafetensorsFile.open(path);
    try {
      List<String> matrices = new ArrayList<>();
      for (String each : file.names()) {
        if (file.header(each).shape().size() == 2 && file.header(each).type().isFloating()) {
          matrices.add(each);
        }
      }
      String name = name(path, matrices, "matrix");
      List<Long> shape = file.header(name).shape();
      List<ActivationRow> rows = rows(path, shape.getFirst(), table, () -> RowTexts.of(path, file));
      return new StoredEmbeddings(
          path,
          rows,
          width(path, shape),
          file.metadata(),
          VectorStream.of(file, name),
          file::close);
    } catch (IOException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  static StoredEmbeddings npy(Path path, Optional<Path> table) throws IOException {
    VectorStream.Opening opening =
        () -> new BufferedInputStream(Files.newInputStream(path), 1 << 16);
    List<Long> shape = shape(path.toString(), opening);
    Optional<Path> beside = table.or(() -> RowTexts.beside(path));
    List<ActivationRow> rows = rows(path, shape.getFirst(), beside, List::of);
    Map<String, String> metadata = ActivationFile.ofEmbeddings(path).metadata();
    return new StoredEmbeddings(
        path,
        rows,
        width(path, shape),
        metadata,
        VectorStream.of(opening, path.toString()),
        () -> {});
  }

  static StoredEmbeddings npz(Path path, Optional<Path> table) throws IOException {
    Map<String, String> metadata = ActivationFile.ofEmbeddings(path).metadata();
    ZipFile zip = NumpyFile.open(path);
    try {
      List<String> matrices = new ArrayList<>();
      for (String each : NumpyFile.arrays(zip)) {
        NumpyHeader header = header(zip, path, each);
        if (header.shape().size() == 2 && header.type().startsWith("<f")) {
          matrices.add(each);
        }
      }
      String name = name(path, matrices, "matrix");
      VectorStream.Opening opening = () -> array(zip, name);
      List<Long> shape = header(zip, path, name).shape();
      List<ActivationRow> rows = rows(path, shape.getFirst(), table, () -> RowTexts.of(path, zip));
      return new StoredEmbeddings(
          path,
          rows,
          width(path, shape),
          metadata,
          VectorStream.of(opening, path + ": " + name),
          () -> close(path, zip));
    } catch (IOException | RuntimeException | Error e) {
      zip.close();
      throw e;
    }
  }

  private static void close(Path path, ZipFile zip) throws DataException {
    try {
      zip.close();
    } catch (IOException e) {
      throw new DataException(path + ": cannot be closed: " + e.getMessage(), e);
    }
  }

  private static InputStream array(ZipFile zip, String name) throws IOException {
    return new BufferedInputStream(zip.getInputStream(zip.getEntry(name + ENDING)), 1 << 16);
  }

  private static NumpyHeader header(ZipFile zip, Path path, String name) throws IOException {
    try (InputStream in = array(zip, name)) {
      return NumpyHeader.readFrom(in, path + ": " + name);
    }
  }

  private static List<Long> shape(String name, VectorStream.Opening opening) throws IOException {
    try (InputStream in = opening.open()) {
      NumpyHeader header = NumpyHeader.readFrom(in, name);
      header.floating(name);
      if (header.shape().size() != 2) {
        throw new DataException(
            "%s: has the shape %s; a row for each embedding is expected"
                .formatted(name, header.shape()));
      }
      return header.shape();
    }
  }

  private static int width(Path path, List<Long> shape) throws DataException {
    if (shape.getFirst() < 1 || shape.getLast() < 1) {
      throw new DataException("%s: holds no embeddings, its shape is %s".formatted(path, shape));
    }
    return Math.toIntExact(shape.getLast());
  }

  /// The one that is named as embeddings are, or the only one.
  private static String name(Path path, Collection<String> found, String what)
      throws DataException {
    for (String name : NAMES) {
      if (found.contains(name)) {
        return name;
      }
    }
    if (found.size() == 1 && !found.iterator().next().startsWith("layer_")) {
      return found.iterator().next();
    }
    throw new DataException(
        "%s: holds no embeddings: a %s named as one of %s is expected, found %s"
            .formatted(path, what, NAMES, found.isEmpty() ? "none" : Quote.some(found, 5)));
  }

  private interface OwnRows {
    List<ActivationRow> read() throws IOException;
  }

  private static List<ActivationRow> rows(Path path, long count, Optional<Path> table, OwnRows own)
      throws IOException {
    List<ActivationRow> rows = table.isPresent() ? RowTexts.of(table.get()) : own.read();
    if (rows.isEmpty() && count > 0) {
      throw new DataException(
          "%s: does not say what its %d rows are; name their table".formatted(path, count));
    }
    if (rows.size() != count) {
      throw new DataException(
          "%s: has %d embeddings, %s %d rows"
              .formatted(
                  path, count, table.map(Path::toString).orElse("it says it has"), rows.size()));
    }
    return rows;
  }
}
