package dev.eosin.language.rows;

import dev.eosin.text.LanguageTokenizer;
import dev.eosin.text.TextStream;
import java.util.List;
import java.util.function.Consumer;

/// The text of one answer while its ids are made: whole characters, up to a text that ends it,
/// without the blank that joins it to its question.
public final class AnswerText {
  private final TextStream stream;
  private final Consumer<String> pieces;
  private final StringBuilder text = new StringBuilder();

  /// @param stop texts that end an answer
  /// @param pieces told parts of the text as they are made
  public AnswerText(LanguageTokenizer tokenizer, List<String> stop, Consumer<String> pieces) {
    this.stream = new TextStream(tokenizer, stop);
    this.pieces = pieces;
  }

  /// The text of all ids at once.
  public static String of(LanguageTokenizer tokenizer, List<String> stop, List<Integer> ids) {
    var text = new AnswerText(tokenizer, stop, piece -> {});
    ids.forEach(text::add);
    return text.finish();
  }

  /// The next id; what follows an end counts for nothing.
  public void add(int id) {
    if (stream.stop().isEmpty()) {
      tell(stream.step(id));
    }
  }

  /// The whole text, when there are no more ids.
  public String finish() {
    tell(stream.finish());
    return text.toString();
  }

  private void tell(String piece) {
    String kept = text.isEmpty() ? piece.stripLeading() : piece;
    if (!kept.isEmpty()) {
      text.append(kept);
      pieces.accept(kept);
    }
  }
}
