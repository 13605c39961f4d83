package dev.eosin.recipe;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.prepare.PreparationSettings;
import dev.eosin.revise.SummarySettings;

/// `kind: summaries`: captions that fit a text tower, for models that shorten.
@Named("summaries")
@Doc(
    "Captions shortened by rules to what CLIP reads, run by `eosin prepare`: whole sentences, those"
        + " first that state most for their length. Writes summaries.jsonl (id, tile, caption,"
        + " summary, ids, facts, and a conversation of text alone, which `type: llava-json` reads),"
        + " summaries.json (lengths, and the share of facts kept), page.html, rejects.jsonl and"
        + " funnel.json.")
public record SummariesRecipe(
    @Doc("Root of all randomness: the same seed gives the same results.") long seed,
    @Doc("Which captions are shortened, and to what.") SummarySettings summaries,
    @Doc("How rows are worked through.") @OrElse("{}") PreparationSettings work,
    @Doc("Where the results go.") OutputFolder output)
    implements Preparation {}
