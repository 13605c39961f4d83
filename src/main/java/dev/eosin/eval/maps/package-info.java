/// Embeddings on a plane, to be looked at: principal components and t-SNE, the same points from the
/// same vectors and key. Start reading at [dev.eosin.eval.maps.EmbeddingMap].
@NullMarked
package dev.eosin.eval.maps;

import org.jspecify.annotations.NullMarked;
