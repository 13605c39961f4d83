package dev.eosin.recipe;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.prepare.PreparationSettings;
import dev.eosin.tiling.CropsSettings;

/// `kind: crops`: PathGen-1.6M's tiles out of its slides.
@Named("crops")
@Doc(
    "PathGen-1.6M's tiles, run by `eosin prepare`: cuts what its records name out of slides fetched"
        + " from GDC, and writes WebDataset shards of image, caption and slide as group, with a"
        + " manifest; missing slides, regions that cannot be read and records outside of their"
        + " slide are listed and counted.")
public record CropsRecipe(
    @Doc("Root of all randomness: the same seed gives the same results.") long seed,
    @Doc("The records, and the slides that their tiles are cut of.") CropsSettings crops,
    @Doc("How slides are worked through.") @OrElse("{}") PreparationSettings work,
    @Doc("Where the results go.") OutputFolder output)
    implements Preparation {}
