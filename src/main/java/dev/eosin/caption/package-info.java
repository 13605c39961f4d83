/// Answers of language models that run elsewhere: a client of OpenAI-compatible services, for
/// captions, instructions and whatever else is asked over rows.
///
/// Ring 4: may use rings 0 to 3. Start reading at `LlmClient`, which asks, then `ChatRequest` (what
/// is sent, and what of it is recorded) and `ChatService` (how a service may fail, and what is done
/// about it). Prompts and what becomes of answers belong to the preparations that ask.
@NullMarked
package dev.eosin.caption;

import org.jspecify.annotations.NullMarked;
