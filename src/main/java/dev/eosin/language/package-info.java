/// Language models as they are computed: decoders of LLaMA's kind and OPT, T5 as an encoder with a
/// decoder; what they remember of what they read, and their adapters.
///
/// Ring 3: may use `train` and what lies below. Start reading at [Decoder] and [T5];
/// `language.spec` says what models are, `language.stored` opens them, `language.rows` makes their
/// rows and trains them, `language.graphs` gives them to other programs.
@NullMarked
package dev.eosin.language;

import org.jspecify.annotations.NullMarked;
