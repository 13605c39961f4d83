package dev.eosin.data;

import dev.eosin.config.Doc;
import dev.eosin.config.Range;

/// How many pairs make one optimiser step.
@Doc("How many pairs make one optimiser step.")
public record BatchSettings(
    @Doc("Pairs in one step, over all devices; also the number of negatives plus one.")
        @Range(min = 1)
        int global) {}
