/// Network parts as kernel calls on a graph: transformer blocks, their parameters' shapes and
/// initial values.
///
/// Ring 1: may use config and tensor. Start reading at `Part`, then `Transformer`.
@NullMarked
package dev.eosin.nn;

import org.jspecify.annotations.NullMarked;
