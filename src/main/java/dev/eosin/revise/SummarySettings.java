package dev.eosin.revise;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;

/// The key `summaries` of `kind: summaries`.
@Doc("Which captions are shortened, and to what.")
public record SummarySettings(
    @Doc("The captions.") CaptionTable captions,
    @Doc("Words that count as facts: pathology, drawn-findings, or a file .yaml of that form.")
        @OrElse("pathology")
        String lexicon,
    @Doc("Ids of CLIP's tokenizer that a summary may have, start and end of text among them.")
        @OrElse("77")
        @Range(min = 3)
        int context,
    @Doc("What a model is asked before the caption, in the conversations that are written.")
        @OrElse("\"Shorten this caption of a pathology image: \"")
        String prompt) {}
