package dev.eosin.language.rows;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;

/// `text.dialogue`: how questions and answers are put into words.
@Doc("How questions and answers are put into words.")
public record DialogueFormat(
    @Doc("Around what is asked; {text} stands for it.") @OrElse("\"Question: {text}\\nAnswer:\"")
        String asks,
    @Doc("Around what is answered; end of text follows.") @OrElse("\" {text}\"") String answers) {
  private static final String TEXT = "{text}";

  /// Words as they are.
  public static final DialogueFormat PLAIN = new DialogueFormat(TEXT, TEXT);

  /// @throws IllegalArgumentException for a format that lacks `{text}`
  public DialogueFormat {
    check("asks", asks);
    check("answers", answers);
  }

  private static void check(String key, String format) {
    if (!format.contains(TEXT)) {
      throw new IllegalArgumentException(
          "%s: '%s' has no %s where the words belong".formatted(key, format, TEXT));
    }
  }

  String asking(String text) {
    return asks.replace(TEXT, text);
  }

  String answering(String text) {
    return answers.replace(TEXT, text);
  }

  /// What stands before a question and after it.
  String[] around() {
    int at = asks.indexOf(TEXT);
    return new String[] {asks.substring(0, at), asks.substring(at + TEXT.length())};
  }
}
