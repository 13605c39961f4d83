/// Captions with known mistakes, and what mends them: how good captions are degraded, by rules or
/// by a language model, the exact edits that did it, and the chain of models that describe, revise
/// and shorten.
///
/// Ring 4: may use rings 0 to 3, and `caption`, whose client asks language models. Start reading at
/// `CaptionEdit`, the language of edits, then `DegradedRow`.
@NullMarked
package dev.eosin.revise;

import org.jspecify.annotations.NullMarked;
