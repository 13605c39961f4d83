/// The steps of `kind: curate`, spread over the workers of a Spark cluster: the rules are Eosin's
/// (`dev.eosin.curate.rules.SpreadSteps`), this is only who sees which rows. Start reading at
/// `SparkCuration`.
@NullMarked
package dev.eosin.spark;

import org.jspecify.annotations.NullMarked;
