/// Everything that a run does, whatever it trains: it opens what a recipe names, goes on, plans its
/// memory, trains, and evaluates and prepares.
///
/// Ring 7: may use rings 0 to 6. Start reading at [Run]. Below it stands `run.folders`, above it
/// `run.rehearsals`, and `run.models` beside it.
@NullMarked
package dev.eosin.run;

import org.jspecify.annotations.NullMarked;
