/// Conversations as text and as ids: one renderer for training, chat and what is written out.
///
/// Ring 3, as `language`: may use `text`, `data` and what lies below. Start reading at
/// [ChatTemplate], then [ChatEncoder].
@NullMarked
package dev.eosin.language.chat;

import org.jspecify.annotations.NullMarked;
