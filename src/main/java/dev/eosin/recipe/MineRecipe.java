package dev.eosin.recipe;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.mining.MiningSettings;
import dev.eosin.prepare.PreparationSettings;

/// `kind: mine`: tiles that represent slides, or a collection.
@Named("mine")
@Doc(
    "Which tiles of many are worth a caption, run by `eosin prepare`: of each slide, or of all,"
        + " those most like prompts, and some of each k-means cluster, without those too similar to"
        + " one that is taken, all by stored embeddings. Writes mined.jsonl, names.txt with their paths,"
        + " dropped.jsonl, and counts that say what became of each rule's target.")
public record MineRecipe(
    @Doc("Root of all randomness: the same seed gives the same results.") long seed,
    @Doc("The embeddings, and which tiles are taken.") MiningSettings mine,
    @Doc("How slides are worked through.") @OrElse("{}") PreparationSettings work,
    @Doc("Where the results go.") OutputFolder output)
    implements Preparation {}
