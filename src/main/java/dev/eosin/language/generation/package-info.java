/// How a language model's next tokens are chosen: greedily, by beams or by chance, with the rules
/// of transformers' `generate`; and what the likelihoods of given options are worth.
///
/// Ring 3, below `language`, which it does not know: a model is seen through `GrowingSequences`.
/// Start reading there, then at `Generator`, which runs a `GenerationSettings`.
@NullMarked
package dev.eosin.language.generation;

import org.jspecify.annotations.NullMarked;
