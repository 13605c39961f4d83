/// Commands on recipes and their runs, on data and the machine, in one process: first recipes, rate
/// tests, overviews, reports, batch scripts.
///
/// Ring 8, below `cli`. Start reading at [RunsCommand] and [NewCommand].
@NullMarked
package dev.eosin.cli.recipes;

import org.jspecify.annotations.NullMarked;
