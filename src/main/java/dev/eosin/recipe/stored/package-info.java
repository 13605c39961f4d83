/// Stored models at work, whatever trained them: who answers, who embeds, who judges pairs, whose
/// hidden states are told; and how they are exported.
///
/// Ring 6, above `recipe.models`, below `recipe.evaluated` and `recipe.prepared`. Start reading at
/// [StoredAnswerers], [StoredEmbedder] and [StoredPairs].
@NullMarked
package dev.eosin.recipe.stored;

import org.jspecify.annotations.NullMarked;
