/// Tokenizers and the caption clean-up that belongs to them.
///
/// Ring 1: may use config, file and tensor, and `ai.djl.huggingface`. Start reading at `Tokenizer`,
/// then `ClipTokenizer` for open_clip's ids, whose clean-up is `TextRepair` rule by rule. What
/// language models read and write is `LanguageTokenizer` and `TextStream`; `BytePairTrainer` makes
/// a vocabulary.
@NullMarked
package dev.eosin.text;

import org.jspecify.annotations.NullMarked;
