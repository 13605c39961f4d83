/// Hidden states of a model's layers at the last token of a prompt, kept in files: taken of a model
/// that answers, row by row, in passes that may be killed anywhere, and read again, those of other
/// programs too. docs/formats.md has the files.
///
/// Ring 3, a sub-package of eval, above its ports. Start reading at [ActivationPass], then
/// [ActivationLog], [ActivationFile] and [StoredActivations].
@NullMarked
package dev.eosin.eval.activations;

import org.jspecify.annotations.NullMarked;
