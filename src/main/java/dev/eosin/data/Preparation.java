package dev.eosin.data;

import dev.eosin.image.TileTransform;
import dev.eosin.text.CaptionEncoder;

/// What happens to a sample on its way into a batch.
///
/// @param transform makes the tile
/// @param captions makes the ids
public record Preparation(TileTransform transform, CaptionEncoder captions) {}
