/// Language models as graphs in ONNX's format, and their answers by such graphs.
///
/// Ring 3, above `language.stored`. Start reading at [DecoderGraph] and [T5Graph], then
/// [LanguageGraphs].
@NullMarked
package dev.eosin.language.graphs;

import org.jspecify.annotations.NullMarked;
