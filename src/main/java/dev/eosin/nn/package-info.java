/// Network parts as kernel calls on a graph: transformer blocks, their parameters' shapes and
/// initial values; beside them the same parts as graphs in ONNX's format.
///
/// Ring 1, after `onnx`: may use config and tensor. Start reading at `Part`, then `Transformer`;
/// `TransformerGraph` for graphs.
@NullMarked
package dev.eosin.nn;

import org.jspecify.annotations.NullMarked;
