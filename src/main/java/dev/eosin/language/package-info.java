/// Language models: what they are, how they compute and generate, and what others call their
/// weights. Decoders of LLaMA's kind and OPT, T5 as an encoder with a decoder.
///
/// Ring 3: may use `train` and what lies below. Start reading at [LanguageSpec], then [Decoder] and
/// [T5]; [LanguageFolder] opens a folder of Hugging Face's.
@NullMarked
package dev.eosin.language;

import org.jspecify.annotations.NullMarked;
