package dev.eosin.text;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;

/// `data.text`: from captions to the text tower's input.
@Doc("How captions become the text tower's input.")
public record TextSettings(
    @Doc("Which tokenizer makes ids of a caption.") @OrElse("{ type: clip-bpe }")
        TokenizerSettings tokenizer,
    @Doc("Ids of a row, start and end of text included; the text tower's context length.")
        @OrElse("77")
        @Range(min = 2)
        int length,
    @Doc("What happens to captions of more ids: truncate keeps the first and end of text.")
        @OrElse("truncate")
        OverLength overLength) {

  /// What happens to a caption of more ids than a row holds.
  public enum OverLength {
    /// Keep the first ids and end of text.
    TRUNCATE
  }
}
