package dev.eosin.revise;

import dev.eosin.page.Html;
import dev.eosin.revise.MarkedPiece.Mark;
import java.util.ArrayList;
import java.util.List;

/// A text that remembers what was left out of it and put in. What was put in and left out again is
/// forgotten.
final class MarkedText {
  private final List<MarkedPiece> pieces = new ArrayList<>();

  MarkedText(String text) {
    pieces.add(new MarkedPiece(Mark.PLAIN, text));
  }

  void apply(CaptionEdit edit) {
    int from = split(edit.at());
    int to = edit.before().isEmpty() ? from : split(edit.at() + edit.before().length());
    List<MarkedPiece> changed = pieces.subList(from, to);
    changed.removeIf(piece -> piece.mark() == Mark.IN);
    changed.replaceAll(piece -> new MarkedPiece(Mark.OUT, piece.text()));
    int end = from + changed.size();
    if (!edit.after().isEmpty()) {
      pieces.add(end, new MarkedPiece(Mark.IN, edit.after()));
    }
  }

  /// Makes a piece begin at a place of the text as it is now.
  ///
  /// @return its number
  private int split(int place) {
    int left = place;
    for (int i = 0; i < pieces.size(); i++) {
      MarkedPiece piece = pieces.get(i);
      if (piece.mark() == Mark.OUT) {
        continue;
      }
      if (left == 0) {
        return i;
      }
      if (left < piece.text().length()) {
        pieces.set(i, new MarkedPiece(piece.mark(), piece.text().substring(0, left)));
        pieces.add(i + 1, new MarkedPiece(piece.mark(), piece.text().substring(left)));
        return i + 1;
      }
      left -= piece.text().length();
    }
    return pieces.size();
  }

  /// What it has become, from left to right.
  List<MarkedPiece> pieces() {
    return pieces.stream().filter(piece -> !piece.text().isEmpty()).toList();
  }

  Html html() {
    Html html = new Html();
    for (MarkedPiece piece : pieces) {
      switch (piece.mark()) {
        case PLAIN -> html.text(piece.text());
        case OUT -> html.element("del", piece.text());
        case IN -> html.element("ins", piece.text());
      }
    }
    return html;
  }
}
