package dev.eosin.text;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import java.util.List;

/// `data.text`: from captions to the text tower's input.
@Doc("How captions become the text tower's input.")
public record TextSettings(
    @Doc("Which tokenizer makes ids of a caption.") @OrElse("{ type: clip-bpe }")
        TokenizerSettings tokenizer,
    @Doc("Ids of a row, start and end of text included; the text tower's context length.")
        @OrElse("77")
        @Range(min = 2)
        int length,
    @Doc(
            "What happens to captions of more ids: truncate keeps the first and end of text;"
                + " sentence-sampling leaves out whole sentences, others each time, until the rest"
                + " fits (for long captions such as PathGen's), and evaluations see the leading"
                + " sentences.")
        @OrElse("truncate")
        OverLength overLength,
    @Doc(
            "What is put around captions, for example [\"{caption}\", \"An H&E image:"
                + " {caption}\"]: one is drawn each time, evaluations take the first; without any,"
                + " captions stay as they are.")
        @OrElse("[]")
        List<String> templates) {
  /// Where the caption goes in a template.
  static final String CAPTION = "{caption}";

  /// @throws IllegalArgumentException for a template that lacks `{caption}`
  public TextSettings {
    templates = List.copyOf(templates);
    for (String template : templates) {
      if (!template.contains(CAPTION)) {
        throw new IllegalArgumentException(
            "templates: '%s' has no %s where the caption belongs".formatted(template, CAPTION));
      }
    }
  }

  /// What happens to a caption of more ids than a row holds.
  public enum OverLength {
    /// Keep the first ids and end of text.
    TRUNCATE,
    /// Leave out sentences until the others fit, in their order.
    SENTENCE_SAMPLING
  }
}
