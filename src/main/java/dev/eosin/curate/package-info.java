/// Curation of collections: which of their pairs are kept, and why the others are not.
///
/// Ring 4: above `curate.rules` and `curate.steps`; may use rings 0 to 3. Start reading at
/// `PairCuration`.
@NullMarked
package dev.eosin.curate;

import org.jspecify.annotations.NullMarked;
