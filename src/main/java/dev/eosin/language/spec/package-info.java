/// What language models are: their sizes and choices, and what the configurations of others say of
/// them.
///
/// Ring 3, the lowest package of language's. Start reading at [LanguageSpec], then
/// [LanguageConfig].
@NullMarked
package dev.eosin.language.spec;

import org.jspecify.annotations.NullMarked;
