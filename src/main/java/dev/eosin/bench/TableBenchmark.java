package dev.eosin.bench;

import dev.eosin.config.DataException;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.settings.CsvColumns;
import dev.eosin.data.settings.CsvSettings;
import dev.eosin.data.settings.JsonLinesSettings;
import dev.eosin.data.settings.JsonSettings;
import dev.eosin.data.settings.ParquetSettings;
import dev.eosin.data.settings.RowFields;
import dev.eosin.data.settings.SourceSettings;
import dev.eosin.data.synthetic.SyntheticTiles;
import dev.eosin.image.Png;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.io.file.PathUtils;

/// Speed and memory of opening a table of samples and of reading its rows in random order.
///
/// @param rows of the table that is written where none is given
/// @param batch rows read in a step
/// @param steps timed, after one that is not
public record TableBenchmark(int rows, int batch, int steps) {
  private static final String CAPTION =
      "%s Row %d of a table that was written to measure how long it takes to open one, with about"
          + " as many letters as a caption of the published sets has.";

  /// Opens a table with the columns `image` and `caption`.
  ///
  /// @param table ends in .csv, .tsv, .json, .jsonl or .parquet; a CSV is written without it
  /// @throws DataException when the table cannot be read
  public String open(Optional<Path> table) throws IOException {
    if (table.isPresent()) {
      return measure(table.get());
    }
    Path folder = Files.createTempDirectory("eosin-table");
    try {
      return measure(write(folder));
    } finally {
      PathUtils.deleteDirectory(folder);
    }
  }

  private String measure(Path table) throws IOException {
    long heapBefore = heapBytes();
    long started = System.nanoTime();
    Source source = Sources.open(settings(table), new ImageDecoder());
    double seconds = (System.nanoTime() - started) / 1e9;
    long heap = heapBytes() - heapBefore;
    RandomStream random = new RandomKey(0).stream(Purpose.SAMPLE_ORDER, 0, 0);
    double[] rates = Rates.measure(batch, steps, () -> read(source, random));
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("input", table.getFileName().toString());
    settings.put("file_mib", Files.size(table) >> 20);
    settings.put("samples", source.size());
    settings.put("batch", batch);
    settings.put("steps", steps);
    return new BenchmarkResult("table")
        .rates("rows_per_s", rates)
        .with("open_s", seconds)
        .with("heap_mib", heap / (double) (1 << 20))
        .settings(settings)
        .line();
  }

  /// Reads captions and encoded images, but decodes none.
  private void read(Source source, RandomStream random) {
    for (int i = 0; i < batch; i++) {
      Sample sample = source.get(random.nextLong(source.size()));
      try {
        sample.image().encoded();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static long heapBytes() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private Path write(Path folder) throws IOException {
    SyntheticTiles tiles = new SyntheticTiles(new RandomKey(0), 0, 32);
    Files.write(folder.resolve("tile.png"), Png.encode(tiles.draw(0)));
    List<String> captions = tiles.captions(0);
    Path table = folder.resolve("table.csv");
    try (BufferedWriter out = Files.newBufferedWriter(table)) {
      out.write("image,caption\n");
      for (int row = 0; row < rows; row++) {
        String caption = CAPTION.formatted(captions.get(row % captions.size()), row);
        out.write("tile.png,\"" + caption + "\"\n");
      }
    }
    return table;
  }

  private static SourceSettings settings(Path table) throws DataException {
    String name = String.valueOf(table.getFileName());
    Optional<String> caption = Optional.of("caption");
    RowFields fields = new RowFields("image", caption, Optional.empty(), Optional.empty());
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "csv" -> csv(table, ",");
      case "tsv" -> csv(table, "\t");
      case "json" ->
          new JsonSettings(
              table, Optional.empty(), Optional.empty(), fields, Map.of(), Map.of(), List.of());
      case "jsonl" ->
          new JsonLinesSettings(table, Optional.empty(), fields, Map.of(), Map.of(), List.of());
      case "parquet" ->
          new ParquetSettings(table, Optional.empty(), fields, Map.of(), Map.of(), List.of());
      default ->
          throw new DataException(
              table + ": ends in none of .csv, .tsv, .json, .jsonl and .parquet");
    };
  }

  private static CsvSettings csv(Path table, String separator) {
    CsvColumns columns =
        new CsvColumns(
            "image", Optional.of("caption"), List.of(), Optional.empty(), Optional.empty());
    return new CsvSettings(
        table, separator, Optional.empty(), columns, Map.of(), Map.of(), List.of());
  }
}
