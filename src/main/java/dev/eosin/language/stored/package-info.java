/// Language models on disk: folders of Hugging Face's, the names of their weights, adapters of
/// PEFT's, and models that are asked.
///
/// Ring 3, above `language.rows`. Start reading at [LanguageFolder], then [LanguageNames] and
/// [StoredLanguage]; the port of everything that answers is [StoredAnswerer].
@NullMarked
package dev.eosin.language.stored;

import org.jspecify.annotations.NullMarked;
