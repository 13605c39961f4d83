/// Runs graphs by onnxruntime, to prove that they give what Eosin gives, and where a server is
/// given a bundle of them. Its library is loaded when the first graph is opened.
///
/// Ring 1, above `onnx`; alone uses onnxruntime. Start reading at [GraphSession].
@NullMarked
package dev.eosin.onnx.runtime;

import org.jspecify.annotations.NullMarked;
