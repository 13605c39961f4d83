package dev.eosin.revise;

import java.util.List;
import java.util.Optional;

/// Captions as a model that was trained with `revise` is asked about them, one at a time.
///
/// @param settings that it was trained with
public record CaptionReviser(ReviseSettings settings) {
  /// A caption after its revision.
  ///
  /// @param pieces of the caption before and after it, from left to right
  public record Revised(String caption, List<MarkedPiece> pieces) {
    public Revised {
      pieces = List.copyOf(pieces);
    }
  }

  /// What the model is asked, after the image.
  public String question(String caption) {
    return settings.question(caption);
  }

  /// What an answer makes of a caption.
  ///
  /// @return empty where the answer is no list of edits that fit the caption
  public Optional<Revised> revised(String caption, String answer) {
    return Corrections.revised(settings.answer(), caption, answer)
        .map(revised -> new Revised(revised, pieces(caption, revised)));
  }

  private static List<MarkedPiece> pieces(String caption, String revised) {
    var text = new MarkedText(caption);
    Corrections.between(caption, revised).edits().forEach(text::apply);
    return text.pieces();
  }
}
