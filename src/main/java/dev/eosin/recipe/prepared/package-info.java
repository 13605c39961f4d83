/// What recipes of preparations make of rows, and the models that are asked about them.
///
/// Ring 6, above `recipe.stored`. Start reading at [OpenedPreparations].
@NullMarked
package dev.eosin.recipe.prepared;

import org.jspecify.annotations.NullMarked;
