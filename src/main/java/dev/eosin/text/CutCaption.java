package dev.eosin.text;

import java.util.ArrayList;
import java.util.List;

/// A caption in pieces: what a row's ids were made of, and what of it was cut.
///
/// @param pieces in the caption's order
public record CutCaption(List<Piece> pieces) {
  /// Text that is in the row, or not.
  public record Piece(String text, boolean cut) {}

  public CutCaption {
    pieces = List.copyOf(pieces);
  }

  /// @param caption before templates and sampling of sentences
  /// @param encoded the row that was made of it
  static CutCaption of(
      String caption, EncodedCaption encoded, Tokenizer tokenizer, int contextLength) {
    return switch (encoded.fit()) {
      case WHOLE -> new CutCaption(List.of(new Piece(encoded.text(), false)));
      case TRUNCATED -> new CutCaption(truncated(encoded.text(), tokenizer, contextLength));
      case SAMPLED -> new CutCaption(sampled(caption, encoded.text()));
    };
  }

  /// Whether something is missing.
  public boolean isCut() {
    return pieces.stream().anyMatch(Piece::cut);
  }

  /// The longest beginning whose ids fit; a longer one never has fewer ids but by the odd merge.
  private static List<Piece> truncated(String text, Tokenizer tokenizer, int contextLength) {
    int fits = 0;
    int tooLong = text.length();
    while (tooLong - fits > 1) {
      int middle = (fits + tooLong) >>> 1;
      if (tokenizer.untruncatedLength(text.substring(0, middle)) <= contextLength) {
        fits = middle;
      } else {
        tooLong = middle;
      }
    }
    int end = text.offsetByCodePoints(0, text.codePointCount(0, fits));
    return List.of(new Piece(text.substring(0, end), false), new Piece(text.substring(end), true));
  }

  private static List<Piece> sampled(String caption, String kept) {
    List<Piece> pieces = new ArrayList<>();
    int from = 0;
    for (String sentence : Sentences.of(caption)) {
      int at = kept.indexOf(sentence, from);
      pieces.add(new Piece(sentence + " ", at < 0));
      from = at < 0 ? from : at + sentence.length();
    }
    return pieces;
  }
}
