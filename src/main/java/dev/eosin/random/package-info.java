/// Randomness without state: every draw is a function of a run's seed, a purpose and a position,
/// never of threads, batch sizes or the clock.
///
/// Ring 0: may use nothing. Start reading at `RandomKey`.
@NullMarked
package dev.eosin.random;

import org.jspecify.annotations.NullMarked;
