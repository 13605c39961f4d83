/// Embeddings of images and texts, kept in files: computed in batches by passes that may be killed
/// anywhere, remembered by the content of image files, and read again, those of other programs too.
/// docs/formats.md has the files, which are those of hidden states with one vector a row.
///
/// Ring 3, a sub-package of eval, above eval.activations, whose files it shares. Start reading at
/// [EmbeddingPass], then [EmbeddingCache] and [StoredEmbeddings].
@NullMarked
package dev.eosin.eval.embeddings;

import org.jspecify.annotations.NullMarked;
