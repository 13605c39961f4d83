/// Finding the nearest of many embeddings: by an exact scan in blocks, or by a graph (HNSW) that
/// visits few of them. docs/formats.md has the folder.
///
/// Ring 3, after eval: may use rings 0 to 2. Lucene is used here alone. Start reading at
/// [VectorIndex], then [ExactScan] and [VectorGraph].
@NullMarked
package dev.eosin.index;

import org.jspecify.annotations.NullMarked;
