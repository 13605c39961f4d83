package dev.eosin.eval.activations;

import dev.eosin.checkpoint.NumpyHeader;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.config.DataException;
import dev.eosin.data.parquet.VectorTable;
import dev.eosin.data.tables.NamedRows;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// Reads what files say of their rows.
public final class RowTexts {
  private static final Charset CHARACTERS = Charset.forName("UTF-32LE");

  private RowTexts() {}

  private static List<String> columns() {
    return Stream.concat(ActivationRow.COLUMNS.stream(), ActivationRow.MORE_COLUMNS.stream())
        .toList();
  }

  /// Of a Parquet file; columns that another program did not write are empty.
  ///
  /// @throws DataException when they cannot be read
  public static List<ActivationRow> of(VectorTable file) throws DataException {
    Map<String, List<String>> found = new HashMap<>();
    for (String name : columns()) {
      if (file.columns().contains(name)) {
        found.put(name, file.texts(name));
      }
    }
    List<Long> numbers =
        file.columns().contains("row")
            ? file.texts("row").stream().map(RowTexts::number).toList()
            : List.of();
    return rows(Math.toIntExact(file.rows()), numbers, found);
  }

  private static Long number(String text) {
    return text.isEmpty() ? 0L : Long.parseLong(text);
  }

  private static List<ActivationRow> rows(
      int count, List<Long> numbers, Map<String, List<String>> found) {
    List<ActivationRow> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int at = i;
      long row = numbers.isEmpty() ? i : numbers.get(i);
      rows.add(
          ActivationRow.of(
              row,
              name ->
                  Optional.ofNullable(found.get(name))
                      .map(column -> column.get(at))
                      .filter(value -> !value.isEmpty())));
    }
    return rows;
  }

  /// Of the lines in a safetensors file.
  ///
  /// @throws DataException when there are none, or they are damaged
  public static List<ActivationRow> of(Path path, SafetensorsFile file) throws DataException {
    return OwnActivations.lines(path, file);
  }

  /// Of the arrays of texts in an `.npz`; none where it has no `path`.
  ///
  /// @throws DataException when they cannot be read
  public static List<ActivationRow> of(Path path, ZipFile zip) throws IOException {
    Map<String, List<String>> found = new HashMap<>();
    for (String name : columns()) {
      ZipEntry entry = zip.getEntry(name + ".npy");
      if (entry != null) {
        found.put(name, texts(path + ": " + name, zip, entry));
      }
    }
    ZipEntry numbers = zip.getEntry("row.npy");
    if (!found.containsKey("path")) {
      return List.of();
    }
    List<Long> rows = numbers == null ? List.of() : numbers(path + ": row", zip, numbers);
    return rows(found.get("path").size(), rows, found);
  }

  private static List<String> texts(String name, ZipFile zip, ZipEntry entry) throws IOException {
    try (InputStream in = new BufferedInputStream(zip.getInputStream(entry), 1 << 16)) {
      NumpyHeader header = NumpyHeader.readFrom(in, name);
      if (!header.type().matches("<U\\d{1,6}") || header.shape().size() != 1) {
        throw new DataException(
            "%s: is '%s' of shape %s; a list of texts is expected"
                .formatted(name, header.type(), header.shape()));
      }
      int width = Integer.parseInt(header.type().substring(2)) * Integer.BYTES;
      List<String> texts = new ArrayList<>();
      for (long i = 0; i < header.shape().getFirst(); i++) {
        String padded = new String(in.readNBytes(width), CHARACTERS);
        int end = padded.indexOf('\0');
        texts.add(end < 0 ? padded : padded.substring(0, end));
      }
      return texts;
    }
  }

  private static List<Long> numbers(String name, ZipFile zip, ZipEntry entry) throws IOException {
    try (InputStream in = new BufferedInputStream(zip.getInputStream(entry), 1 << 16)) {
      NumpyHeader header = NumpyHeader.readFrom(in, name);
      if (!header.type().equals("<i8")) {
        throw new DataException("%s: is '%s', '<i8' is expected".formatted(name, header.type()));
      }
      List<Long> numbers = new ArrayList<>();
      for (long i = 0; i < header.shape().getFirst(); i++) {
        byte[] bytes = in.readNBytes(Long.BYTES);
        long value = 0;
        for (int at = bytes.length - 1; at >= 0; at--) {
          value = (value << Byte.SIZE) | (bytes[at] & 0xff);
        }
        numbers.add(value);
      }
      return numbers;
    }
  }

  /// The table of rows beside an array without them: `NAME.npy.rows.csv`, or `NAME.csv`.
  public static Optional<Path> beside(Path array) {
    Path own = BareArray.rows(array);
    String name = String.valueOf(array.getFileName());
    Path other = array.resolveSibling(name.substring(0, name.lastIndexOf('.')) + ".csv");
    return Stream.of(own, other).filter(Files::isRegularFile).findFirst();
  }

  /// Of a table: one with the columns that are written here, or any that names images.
  ///
  /// @throws DataException when it cannot be read, or names no images
  public static List<ActivationRow> of(Path table) throws DataException {
    if (!NamedRows.named(table)) {
      return ForeignActivations.rows(table);
    }
    NamedRows file = NamedRows.open(table);
    List<ActivationRow> rows = new ArrayList<>();
    Optional<Map<String, String>> next = file.next();
    if (next.isPresent() && !next.get().containsKey("path")) {
      return ForeignActivations.rows(table);
    }
    while (next.isPresent()) {
      Map<String, String> row = next.get();
      String number = row.getOrDefault("row", "");
      long at = number.matches("\\d{1,18}") ? Long.parseLong(number) : rows.size();
      rows.add(
          ActivationRow.of(
              at, name -> Optional.ofNullable(row.get(name)).filter(value -> !value.isEmpty())));
      next = file.next();
    }
    return rows;
  }
}
