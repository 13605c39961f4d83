/// The folder of a run: its files, how a run goes on from one, what people read of several, and
/// sweeps.
///
/// Ring 7, below `run`. Start reading at [RunFolder], then [FromCheckpoint] and [RunOverview].
@NullMarked
package dev.eosin.run.folders;

import org.jspecify.annotations.NullMarked;
