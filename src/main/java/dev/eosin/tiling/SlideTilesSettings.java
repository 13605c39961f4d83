package dev.eosin.tiling;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.config.Share;
import dev.eosin.data.settings.SlideListSettings;
import dev.eosin.slide.TilingSettings;
import dev.eosin.slide.TissueSettings;

/// The key `tiles` of `kind: tiles`.
@Doc("Whole slides, and the tiles that are cut of them.")
public record SlideTilesSettings(
    @Doc("The slides.") SlideListSettings slides,
    @Doc("Which tiles are cut.") TilingSettings cut,
    @Doc("Which tiles are kept.") @OrElse("{}") TissueSettings tissue,
    @Doc("How tiles are written.") @OrElse("jpeg") Format format,
    @Doc("Of JPEG.") @OrElse("90") @Range(min = 1, max = 100) int quality,
    @Doc(
            "A slide's tiles are written in shards of so many that are looked at; a killed run does at most so many again.")
        @OrElse("1000")
        @Range(min = 1, max = 100_000)
        int shardTiles,
    @Doc("A slide is left out when a larger share of its tiles with tissue cannot be read.")
        @OrElse("5 %")
        Share unreadable) {
  /// How tiles are written.
  public enum Format {
    JPEG,
    /// Exactly these pixels.
    PNG
  }
}
