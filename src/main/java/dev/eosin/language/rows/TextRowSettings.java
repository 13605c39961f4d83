package dev.eosin.language.rows;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.data.order.OverLength;
import dev.eosin.data.settings.RowLayoutSettings;

/// `text`: how samples become rows of ids.
@Doc("How samples become rows of ids.")
public record TextRowSettings(
    @Doc("Most ids of a row.") @Range(min = 2) int length,
    @Doc(
            "What becomes of longer ones: cut keeps the first ids, as long as one that is asked for"
                + " is among them; drop leaves such rows out; refuse begins nothing. They are listed"
                + " before training.")
        @OrElse("cut")
        OverLength overLength,
    @Doc("What becomes of the room that shorter rows of a step leave.") @OrElse("{}")
        RowLayoutSettings rows,
    @Doc("How questions and answers are put into words.") @OrElse("{}") DialogueFormat dialogue) {}
