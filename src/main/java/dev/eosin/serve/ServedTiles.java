package dev.eosin.serve;

import dev.eosin.data.listed.ListedImages;
import dev.eosin.index.VectorIndex;
import dev.eosin.tensor.Engine;
import java.util.Optional;
import java.util.OptionalInt;

/// An index of `eosin index`, as the server searches it.
///
/// @param engine that scans it
/// @param breadth candidates that its graph looks at; empty to compare with everything
/// @param images that were embedded, to be shown; empty where they are not there
public record ServedTiles(
    VectorIndex index, Engine engine, OptionalInt breadth, Optional<ListedImages> images) {}
