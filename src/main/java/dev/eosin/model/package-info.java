/// What any model of parts can do, whatever its family: what it keeps in memory while it trains.
///
/// Ring 2: may use rings 0 and 1. Start reading at `PartMemory`.
@NullMarked
package dev.eosin.model;

import org.jspecify.annotations.NullMarked;
