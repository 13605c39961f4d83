/// Asking a model the questions of a data set, and again under each control: no picture, another
/// one, the facts told in words. By the same code for all, batch by batch, into a file that a
/// killed run goes on with.
///
/// Ring 3, above eval.answers. Start reading at [QuestionSet], then [AskingPlan] and [Asking].
@NullMarked
package dev.eosin.eval.asking;

import org.jspecify.annotations.NullMarked;
