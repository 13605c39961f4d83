/// Network parts as kernel calls on a graph: transformer blocks and towers, their parameters'
/// shapes and initial values.
///
/// Ring 1: may use config and tensor. Start reading at `Transformer`.
@NullMarked
package dev.eosin.nn;

import org.jspecify.annotations.NullMarked;
