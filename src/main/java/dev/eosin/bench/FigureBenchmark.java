package dev.eosin.bench;

import dev.eosin.config.Pixels;
import dev.eosin.curate.FigureMarks;
import dev.eosin.data.Source;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.settings.FolderSettings;
import dev.eosin.data.settings.SourceSettings;
import dev.eosin.data.settings.SyntheticSettings;
import dev.eosin.image.Filter;
import dev.eosin.image.Jpeg;
import dev.eosin.image.Raster;
import dev.eosin.image.Resize;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// What the detectors of panels, arrows and letters find on images whose marks are known: tiles as
/// they are, tiles beside each other, and tiles with arrows or words drawn on them, each once
/// through JPEG.
///
/// @param each images of each of the four kinds
/// @param images a folder with a folder of tiles for each class; without it drawn tiles
public record FigureBenchmark(int each, Optional<Path> images) {
  private static final int SIDE = 256;

  private enum Kind {
    PLAIN,
    PANELS,
    ARROWS,
    TEXT
  }

  /// @return one line
  public String run() throws IOException {
    SourceSettings settings =
        images
            .<SourceSettings>map(
                folder ->
                    new FolderSettings(
                        folder, Map.of(), List.of(), List.of("png", "jpg", "jpeg", "tif")))
            .orElse(
                new SyntheticSettings(
                    4L * each,
                    SyntheticSettings.Split.TRAIN,
                    new Pixels(SIDE),
                    0,
                    SyntheticSettings.FactDrawing.NATURAL,
                    SyntheticSettings.Says.CAPTIONS));
    Source source = Sources.open(settings, new ImageDecoder());
    int[][] found = new int[3][Kind.values().length];
    for (Kind kind : Kind.values()) {
      for (int i = 0; i < each; i++) {
        FigureMarks marks = FigureMarks.of(drawn(kind, i, source));
        found[0][kind.ordinal()] += marks.panels() > 1 ? 1 : 0;
        found[1][kind.ordinal()] += marks.arrows() > 0 ? 1 : 0;
        found[2][kind.ordinal()] += marks.letters() > 0 ? 1 : 0;
      }
    }
    return line(found);
  }

  private String line(int[][] found) throws IOException {
    BenchmarkResult result = new BenchmarkResult("figures");
    for (Kind kind : List.of(Kind.PANELS, Kind.ARROWS, Kind.TEXT)) {
      int[] of = found[kind.ordinal() - 1];
      int all = IntStream.of(of).sum();
      int right = of[kind.ordinal()];
      String name = kind.name().toLowerCase(Locale.ROOT);
      result.with(name + "_precision", all == 0 ? Double.NaN : (double) right / all);
      result.with(name + "_recall", (double) right / each);
      result.with(name + "_of_plain", (double) of[Kind.PLAIN.ordinal()] / each);
    }
    Map<String, Object> what = new LinkedHashMap<>();
    what.put("each", each);
    what.put("images", images.map(Path::toString).orElse("drawn"));
    return result.settings(what).line();
  }

  private static RgbImage drawn(Kind kind, int number, Source source) throws IOException {
    RandomStream random = new RandomKey(0).stream(Purpose.PREPARATION, kind.ordinal() + 1L, number);
    RgbImage tile = tile(source, random);
    var drawing = new FigureDrawing(random);
    RgbImage drawn =
        switch (kind) {
          case PLAIN -> tile;
          case PANELS -> {
            int more = List.of(1, 2, 3).get(random.nextInt(3));
            List<RgbImage> tiles = new ArrayList<>(List.of(tile));
            for (int i = 0; i < more; i++) {
              tiles.add(tile(source, random));
            }
            yield drawing.panels(tiles);
          }
          case ARROWS -> drawing.arrows(tile);
          case TEXT -> drawing.text(tile);
        };
    byte[] jpeg = Jpeg.encode(drawn, 75 + random.nextInt(21));
    return new ImageDecoder().decode(jpeg, "a drawn figure").toRgb();
  }

  private static RgbImage tile(Source source, RandomStream random) throws IOException {
    long at = (long) (random.nextDouble() * source.size());
    Raster raster = source.get(at).image().read();
    return Resize.whole(raster.width(), raster.height(), SIDE, SIDE, Filter.BICUBIC)
        .apply(raster)
        .toRgb();
  }
}
