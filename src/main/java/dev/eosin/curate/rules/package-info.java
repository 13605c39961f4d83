/// Steps that look at rows beside each other, as rules of all rows in one process or spread over
/// machines: duplicates, likeness, groups, leaks.
///
/// Ring 4: above `curate.steps`, below `curate`; may use rings 0 to 3. Start reading at
/// `SpreadSteps`.
@NullMarked
package dev.eosin.curate.rules;

import org.jspecify.annotations.NullMarked;
