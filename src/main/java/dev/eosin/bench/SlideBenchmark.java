package dev.eosin.bench;

import dev.eosin.config.DataException;
import dev.eosin.image.slides.SlideCodecs;
import dev.eosin.slide.PixelSize;
import dev.eosin.slide.Slide;
import dev.eosin.slide.TilePlan;
import dev.eosin.slide.TilingSettings;
import java.nio.file.Path;
import java.util.Optional;

/// How many tiles a second one core cuts of a slide: opens it, reads a grid, resizes, again and
/// again.
///
/// @param pixel micrometres that a pixel of level 0 measures
/// @param mpp of a tile
public record SlideBenchmark(Path slide, double pixel, double mpp) {
  private static final int SIDE = 256;

  /// @param tiles that were cut
  /// @param opened how often the slide was opened
  /// @param perSecond tiles
  public record Result(long tiles, long opened, double perSecond) {}

  /// @param seconds to measure; a third of it is spent before on warming up
  /// @throws DataException when the slide cannot be read
  public Result run(double seconds) throws DataException {
    SlideCodecs codecs = SlideCodecs.find();
    measure(codecs, seconds / 3);
    return measure(codecs, seconds);
  }

  private Result measure(SlideCodecs codecs, double seconds) throws DataException {
    long begun = System.nanoTime();
    long tiles = 0;
    long opened = 0;
    while (System.nanoTime() - begun < seconds * 1e9) {
      try (Slide open = Slide.open(slide, codecs)) {
        TilePlan plan =
            TilePlan.of(
                open, Optional.of(PixelSize.ofTable(pixel)), TilingSettings.ofMpp(SIDE, mpp));
        for (TilePlan.Place place : plan.grid(open)) {
          plan.read(open, place);
          tiles++;
        }
      }
      opened++;
    }
    double passed = (System.nanoTime() - begun) / 1e9;
    return new Result(tiles, opened, tiles / passed);
  }
}
