package dev.eosin.data;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Pixels;
import dev.eosin.config.Range;

/// `type: synthetic`: tiles drawn by Eosin itself, for trying things out without data.
@Doc("Drawn H&E-like tiles with captions: no data needed.")
public record SyntheticSettings(
    @Doc("How many different tiles.") @Range(min = 1) long samples,
    @Doc("Tiles of the two splits never coincide.") @OrElse("train") Split split,
    @Doc("Width and height of a tile.") @OrElse("224 px") Pixels tile,
    @Doc("Chooses the tiles; independent of the run's seed.") @OrElse("0") long seed)
    implements SourceSettings {
  /// The two sides of a data set.
  public enum Split {
    TRAIN,
    VALIDATION
  }
}
