/// Texts and conversations as rows of ids, how rows share a batch, and how a decoder learns from
/// them.
///
/// Ring 3, above `language`, `language.chat` and `language.generation`. Start reading at [TextRows]
/// and [TokenRows], then [LanguageLearner]; questions to stored models: [ChatPrompts] and
/// [FolderPrompts].
@NullMarked
package dev.eosin.language.rows;

import org.jspecify.annotations.NullMarked;
