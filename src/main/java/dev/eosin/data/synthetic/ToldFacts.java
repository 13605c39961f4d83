package dev.eosin.data.synthetic;

/// How facts in words and a question about them become one text: the same where a language model
/// learns to read them and where an evaluation tells them instead of showing the image.
public final class ToldFacts {
  private ToldFacts() {}

  /// @param told [dev.eosin.data.SampleContent.QuestionAnswer#told], or the facts of a conversation
  public static String before(String told, String question) {
    return told + " " + question;
  }
}
