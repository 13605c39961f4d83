package dev.eosin.data;

import dev.eosin.image.TileTransform;
import dev.eosin.text.Tokenizer;

/// What happens to a sample on its way into a batch.
///
/// @param transform makes the tile
/// @param tokenizer makes the ids
/// @param contextLength n, the length that rows of ids are cut and padded to
public record Preparation(TileTransform transform, Tokenizer tokenizer, int contextLength) {}
