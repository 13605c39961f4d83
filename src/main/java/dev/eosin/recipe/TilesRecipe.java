package dev.eosin.recipe;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.prepare.PreparationSettings;
import dev.eosin.tiling.SlideTilesSettings;

/// `kind: tiles`: from whole slides to tiles in shards.
@Named("tiles")
@Doc(
    "Tiles of whole slides, run by `eosin prepare`: finds tissue, cuts tiles of one size in micrometres, drops blank, blurred and marked ones with their reason, and writes WebDataset shards with a manifest, an overview picture, contours and coordinates of each slide.")
public record TilesRecipe(
    @Doc("Root of all randomness: the same seed gives the same results.") long seed,
    @Doc("The slides, and the tiles that are cut of them.") SlideTilesSettings tiles,
    @Doc("How slides are worked through.") @OrElse("{}") PreparationSettings work,
    @Doc("Where the results go.") OutputFolder output)
    implements Preparation {}
