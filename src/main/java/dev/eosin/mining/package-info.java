/// Mining of tiles: which of many represent a slide or a collection, found by their embeddings
/// through prompts, through clusters, and by what they are too like.
///
/// Ring 4: may use rings 0 to 3. Start reading at `TileMining`; what one slide gives is
/// `TileMiner`.
@NullMarked
package dev.eosin.mining;

import org.jspecify.annotations.NullMarked;
