package dev.eosin.train;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.config.Steps;
import java.util.Optional;

/// The key `stop-early` of a recipe.
@Doc("Ends the run before schedule.length where a metric does not become better any more.")
public record StopEarlySettings(
    @Doc("As in best, whose metric it is without it.") Optional<String> metric,
    @Doc("As in best.") Optional<Better> better,
    @Doc("How many evaluations in a row without a better value end the run.") @Range(min = 1)
        int patience,
    @Doc("By how much a value has to be better to count as better.") @OrElse("0.0") @Range(min = 0)
        double leastGain,
    @Doc("Before this many updates the run does not end.") @OrElse("0 steps") Steps notBefore) {}
