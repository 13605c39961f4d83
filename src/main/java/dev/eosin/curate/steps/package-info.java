/// What a list of curation may say: its steps with their settings, the columns of its table, and
/// the files that it reads besides.
///
/// Ring 4: below `curate.rules` and `curate`; may use rings 0 to 3, and `caption`. Start reading at
/// `CurationStep`.
@NullMarked
package dev.eosin.curate.steps;

import org.jspecify.annotations.NullMarked;
