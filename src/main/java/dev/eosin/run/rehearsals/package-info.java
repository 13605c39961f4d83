/// What is found out of a recipe without a long run: dry runs, smoke tests, rate tests, learning by
/// heart, the cost of ranks.
///
/// Ring 7, above `run`. Start reading at [DryRun] and [Smoke].
@NullMarked
package dev.eosin.run.rehearsals;

import org.jspecify.annotations.NullMarked;
