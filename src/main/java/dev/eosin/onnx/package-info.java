/// Graphs in ONNX's format: values, operators, weights that are streamed from files, and the
/// emitters from which every model's graph is made (linears, norms, attention, activations, rows of
/// tables). What is made of them stands beside what computes the same in training: a transformer's
/// blocks in `nn`, towers in `tower`, decoders in `language`. In `onnx.runtime` graphs are run.
///
/// Ring 1, after `checkpoint`: may use ring 0 and `checkpoint`; alone uses ONNX's protobuf classes.
/// Start reading at [GraphBuilder], then [GraphPass] and [Linears].
@NullMarked
package dev.eosin.onnx;

import org.jspecify.annotations.NullMarked;
