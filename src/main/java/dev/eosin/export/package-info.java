/// Models for programs of others: bundles with graphs in ONNX's format, each proven equal by
/// onnxruntime on held-out tiles before it appears, with everything that a server or a reader needs
/// beside them.
///
/// Ring 5: may use rings 0 to 4. Start reading at [ClipBundle], then [ClipVerification]; for models
/// that answer at [AnswerBundle] and [ExportedFamily].
@NullMarked
package dev.eosin.export;

import org.jspecify.annotations.NullMarked;
