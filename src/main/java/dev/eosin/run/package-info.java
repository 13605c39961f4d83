/// Everything that a run does, whatever it trains: its folder, going on, rehearsals, plans, dry
/// runs, rate tests, overviews and comparisons; and what a command line names as a stored model.
///
/// Ring 7: may use rings 0 to 6. Start reading at `Run`.
@NullMarked
package dev.eosin.run;

import org.jspecify.annotations.NullMarked;
