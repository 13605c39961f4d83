/// Instructions: questions about images with their answers, out of captions, labels and folders of
/// slides, for the second stage of models that answer.
///
/// Ring 4: may use rings 0 to 3, and `caption`, whose client asks language models. Start reading at
/// `CaptionInstructions` (questions that a language model makes of a caption, and questions from
/// templates) and `FewShotInstructions` (tiles of a few slides).
@NullMarked
package dev.eosin.instruct;

import org.jspecify.annotations.NullMarked;
