package dev.eosin.tiling;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Pixels;
import dev.eosin.config.Range;
import dev.eosin.image.Filter;
import dev.eosin.slide.TilingSettings;
import java.nio.file.Path;
import java.util.Optional;

/// The key `crops` of `kind: crops`.
@Doc("PathGen-1.6M's records, and the slides that their tiles are cut of.")
public record CropsSettings(
    @Doc(
            "The records, in UTF-8, an array or one a line: {wsi_id or WSI_id, position: [x, y],"
                + " caption, file_id}.")
        Path records,
    @Doc(
            "The folder of the slides, searched to its depth: flat, by project, or as GDC's client"
                + " lays it out, each slide in a folder named by its file_id.")
        Path slides,
    @Doc("Width and height of a crop in pixels of level 0.") @OrElse("672 px") Pixels side,
    @Doc("Width and height of a crop as it is written; without it as it is cut.")
        Optional<Pixels> size,
    @Doc("How crops are resized where they are, with Pillow's kernels.") @OrElse("bicubic")
        Filter resize,
    @Doc(
            "What becomes of a slide's colour profile: ignore leaves pixels as they are, apply"
                + " brings them to sRGB.")
        @OrElse("ignore")
        TilingSettings.Icc icc,
    @Doc("How crops are written.") @OrElse("jpeg") SlideTilesSettings.Format format,
    @Doc("Of JPEG.") @OrElse("90") @Range(min = 1, max = 100) int quality,
    @Doc(
            "A slide's crops are written in shards of so many; a killed run does at most so many"
                + " again.")
        @OrElse("1000")
        @Range(min = 1, max = 100_000)
        int shardCrops) {
  /// How a slide is cut.
  TilingSettings cut() {
    return new TilingSettings(
        size.orElse(side),
        Optional.empty(),
        Optional.empty(),
        Optional.of(side),
        Optional.empty(),
        resize,
        false,
        Optional.empty(),
        icc);
  }
}
