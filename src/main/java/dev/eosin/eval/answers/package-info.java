/// Files of answers: what a model said to each question, one JSON object a line, in runs that may
/// be killed anywhere. docs/formats.md has the format.
///
/// Ring 3, below the other sub-packages of eval. Start reading at [AnswerRow], then [AnswersFile]
/// and [AnswersWriter].
@NullMarked
package dev.eosin.eval.answers;

import org.jspecify.annotations.NullMarked;
