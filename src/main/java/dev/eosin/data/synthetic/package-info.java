/// Drawn H&E tiles with captions: stain amounts painted on a plane, developed by Beer-Lambert.
///
/// Ring 2, part of data, which makes a source of it: may use rings 0 and 1. Start reading at
/// `SyntheticTiles`, then `TileRenderer` and one of the painters; for tiles that are asked about at
/// `FactTiles`, then `FactQuestion`.
@NullMarked
package dev.eosin.data.synthetic;

import org.jspecify.annotations.NullMarked;
