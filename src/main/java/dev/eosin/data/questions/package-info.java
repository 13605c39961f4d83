/// Questions about images: published sets as they are downloaded, tables of questions to be
/// answered, captions turned into requests.
///
/// Ring 2, above `data.parquet`. Start reading at [QuestionSets] and [QuestionRows].
@NullMarked
package dev.eosin.data.questions;

import org.jspecify.annotations.NullMarked;
