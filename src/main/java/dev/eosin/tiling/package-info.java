/// Preparation of tiles: from whole slides to shards that a training reads.
///
/// Ring 4: may use rings 0 to 3. Start reading at `SlideTiles`; what it cuts is `slide`'s affair.
@NullMarked
package dev.eosin.tiling;

import org.jspecify.annotations.NullMarked;
