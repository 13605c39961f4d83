package dev.eosin.vllm;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.data.order.OverLength;
import dev.eosin.data.settings.RowLayoutSettings;

/// How conversations about images become rows.
@Doc("How conversations about images become rows.")
public record ConversationSettings(
    @Doc("Most ids of a row, those in the places of images included.") @Range(min = 2) int length,
    @Doc(
            "What becomes of longer ones: cut keeps the first ids (never a part of an image) as long"
                + " as one that is asked for is among them; drop leaves such rows out; refuse begins"
                + " nothing. They are listed before training.")
        @OrElse("cut")
        OverLength overLength,
    @Doc("What becomes of the room that shorter rows of a step leave.") @OrElse("{}")
        RowLayoutSettings rows,
    @Doc(
            "together: a question is read with all that was said before it. apart: each is read as"
                + " if it were the first, as single questions about the image are; what they begin"
                + " with, the images above all, is computed once for all of them. Images then stand"
                + " before the first question; rows that are packed cannot have it.")
        @OrElse("together")
        Turns turns,
    @Doc(
            "How images meet the tower's square: pad (mean colour around them, LLaVA 1.5), crop (the"
                + " middle), squash. A connector lays out whole image and tiles by itself.")
        @OrElse("pad")
        ImageGeometry images,
    @Doc("Most images of a row.") @OrElse("1") @Range(min = 0) int mostImages) {
  /// @throws IllegalArgumentException for turns apart in packed rows
  public ConversationSettings {
    if (turns == Turns.APART && rows.as() == RowLayoutSettings.Layout.PACKED) {
      throw new IllegalArgumentException(
          "turns: apart cannot be had with rows packed; take rows: grouped, or turns: together");
    }
  }

  /// Where images stand among a row's ids.
  ///
  /// @param id of the mark `<image>`
  /// @param tokens of an image
  public ImageSlots slots(int id, int tokens) {
    return new ImageSlots(id, tokens, length, overLength);
  }
}
