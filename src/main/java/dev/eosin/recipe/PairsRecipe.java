package dev.eosin.recipe;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.curate.PairCurationSettings;
import dev.eosin.prepare.PreparationSettings;

/// `kind: pairs`: curation of image-caption pairs.
@Named("pairs")
@Doc(
    "Curation of image-caption pairs, run by `eosin prepare`: captions get the text repair of training (mojibake, HTML entities, white space; their case stays), and pairs that have no image or caption, are too short, too long, or like an earlier one in image and caption, are left out. Writes pairs.jsonl (each row as it was, with its caption cleaned), page.html, rejects.jsonl and funnel.json.")
public record PairsRecipe(
    @Doc("Root of all randomness: the same seed gives the same results.") long seed,
    @Doc("The table, and which of its pairs are kept.") PairCurationSettings pairs,
    @Doc("How rows are worked through.") @OrElse("{}") PreparationSettings work,
    @Doc("Where the results go.") OutputFolder output)
    implements Preparation {}
