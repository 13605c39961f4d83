package dev.eosin.eval.asking;

import dev.eosin.data.SampleContent.QuestionAnswer;
import java.util.Optional;

/// A question of a data set.
///
/// @param id the sample's key
/// @param picture that it is about; none for text alone
/// @param group slide, patient or the like
record AskedQuestion(
    String id, QuestionAnswer content, Optional<Picture> picture, Optional<String> group) {}
