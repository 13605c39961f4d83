package dev.eosin.language;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;

/// `text`: how samples become rows of ids.
@Doc("How samples become rows of ids.")
public record TextRowSettings(
    @Doc("Most ids of a row.") @Range(min = 2) int length,
    @Doc(
            "What becomes of longer ones: cut keeps the first ids, as long as one that is asked for is among them; refuse makes them bad rows.")
        @OrElse("cut")
        OverLength overLength,
    @Doc("How questions and answers are put into words.") @OrElse("{}") DialogueFormat dialogue) {
  /// What becomes of rows of more ids.
  public enum OverLength {
    CUT,
    REFUSE
  }
}
