/// Tokenizers and the caption clean-up that belongs to them.
///
/// Ring 1: may use config and tensor. Start reading at `Tokenizer`.
@NullMarked
package dev.eosin.text;

import org.jspecify.annotations.NullMarked;
