package dev.eosin.train;

import dev.eosin.config.Doc;
import dev.eosin.config.Range;
import dev.eosin.config.Steps;
import java.nio.file.Path;

/// The key `output` of a recipe.
@Doc("Where the run writes to.")
public record OutputSettings(
    @Doc("The run folder: recipe, log, checkpoints, and final/ at the end.") Path dir,
    @Doc("How often a checkpoint is saved; also at the end and when stopped.")
        Steps checkpointEvery,
    @Doc("How many of the newest checkpoints stay; the best one stays besides.") @Range(min = 1)
        int keep) {}
