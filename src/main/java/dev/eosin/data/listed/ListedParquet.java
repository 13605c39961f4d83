package dev.eosin.data.listed;

import dev.eosin.config.DataException;
import dev.eosin.data.Fingerprint;
import dev.eosin.data.Source;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.parquet.VectorTable;
import dev.eosin.data.settings.ParquetSettings;
import dev.eosin.data.settings.RowFields;
import dev.eosin.image.formats.ImageDecoder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The rows of a Parquet table.
///
/// @param centres of all rows, which samples do not have; empty where no column has them
record ListedParquet(Source source, String centreColumn, List<String> centres)
    implements ListedImages {
  static ListedImages open(Path path, Columns columns, ImageDecoder decoder) throws DataException {
    ListedImages.requireNoSplit(path, columns);
    var fields =
        new RowFields(
            columns.image().orElse("image"), Optional.empty(), columns.label(), columns.group());
    Source source =
        Sources.open(
            new ParquetSettings(path, Optional.empty(), fields, Map.of(), Map.of(), List.of()),
            decoder);
    return columns.centre().isEmpty()
        ? ListedImages.of(source)
        : new ListedParquet(source, columns.centre().get(), centres(path, columns, source));
  }

  private static List<String> centres(Path path, Columns columns, Source source)
      throws DataException {
    try (VectorTable table = VectorTable.open(path)) {
      // A table has many rows and few centres.
      Map<String, String> known = new HashMap<>();
      List<String> centres =
          table.texts(columns.centre().orElseThrow()).stream()
              .map(name -> known.computeIfAbsent(name, same -> same))
              .toList();
      if (centres.size() != source.size()) {
        throw new DataException(
            "%s: has %d rows, of which %d are images; a column of the centre needs all of them"
                .formatted(path, centres.size(), source.size()));
      }
      return centres;
    }
  }

  @Override
  public long size() {
    return source.size();
  }

  @Override
  public ListedImage get(long index) {
    Optional<String> centre = Optional.of(centres.get(Math.toIntExact(index)).strip());
    return ListedImage.of(source.get(index)).from(centre.filter(name -> !name.isEmpty()));
  }

  @Override
  public String fingerprint() {
    return new Fingerprint().add(source.fingerprint()).add("centre").add(centreColumn).hex();
  }

  @Override
  public List<String> notes() {
    return source.notes();
  }
}
