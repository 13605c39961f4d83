package dev.eosin.language.rows;

import dev.eosin.language.chat.Message;
import dev.eosin.language.spec.SpecialIds;
import dev.eosin.text.LanguageTokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Questions to a stored model.
///
/// @param ids that it gives a meaning
/// @param format puts the words of questions and answers into those that the model knows
/// @param words what of the text may be more than text
/// @param before ids that every text begins with
/// @param after ids that every text ends with, such as that of the end for an encoder
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record FolderPrompts(
    LanguageTokenizer tokenizer,
    SpecialIds ids,
    DialogueFormat format,
    Words words,
    int[] before,
    int[] after)
    implements PromptIds {
  /// Where special tokens that are spelled out are tokens.
  public enum Words {
    /// Nowhere, as in training.
    TEXT,
    /// In the format, which whoever runs the program wrote; a question stays text.
    MARKED,
    /// Everywhere: the question is a prompt that was put together elsewhere.
    RAW
  }

  /// As the model was trained by `kind: language`.
  public static FolderPrompts trained(
      LanguageTokenizer tokenizer, SpecialIds ids, DialogueFormat format) {
    return new FolderPrompts(
        tokenizer, ids, format, Words.TEXT, ids.begin().stream().toArray(), new int[0]);
  }

  /// As the tokenizer's files say what stands around a text.
  ///
  /// @param reads whether an encoder reads the text: what ends a text would end a decoder's answer
  public static FolderPrompts untrained(
      LanguageTokenizer tokenizer,
      SpecialIds ids,
      DialogueFormat format,
      Words words,
      boolean reads) {
    int[] around = tokenizer.encode("", true);
    int[] whole = tokenizer.encode("x", true);
    int begins =
        (int)
            IntStream.range(0, around.length)
                .takeWhile(i -> i < whole.length && around[i] == whole[i])
                .count();
    int[] ends = Arrays.copyOfRange(around, begins, around.length);
    return new FolderPrompts(
        tokenizer, ids, format, words, Arrays.copyOf(around, begins), reads ? ends : new int[0]);
  }

  @Override
  public int[] prompt(String question) {
    int[] asked =
        switch (words) {
          case TEXT -> tokenizer.encodeText(format.asking(question));
          case RAW -> tokenizer.encode(format.asking(question), false);
          case MARKED -> marked(question);
        };
    return joined(before, asked, after);
  }

  /// Questions and answers one after the other, each as in a row of its own.
  @Override
  public int[] conversation(List<Message> messages) {
    List<int[]> parts = new ArrayList<>();
    parts.add(before);
    for (Message message : messages.subList(0, messages.size() - 1)) {
      boolean asks = message.role() != Message.Role.ASSISTANT;
      String text = message.content();
      parts.add(tokenizer.encodeText(asks ? format.asking(text) : format.answering(text)));
    }
    int[] last = prompt(messages.getLast().content());
    parts.add(Arrays.copyOfRange(last, before.length, last.length));
    return joined(parts.toArray(int[][]::new));
  }

  /// In one piece where the format has no token of its own, as its words then belong to the text.
  private int[] marked(String question) {
    String[] around = format.around();
    boolean text =
        Arrays.stream(around)
            .allMatch(
                each -> Arrays.equals(tokenizer.encode(each, false), tokenizer.encodeText(each)));
    return text
        ? tokenizer.encodeText(format.asking(question))
        : joined(
            tokenizer.encode(around[0], false),
            tokenizer.encodeText(question),
            tokenizer.encode(around[1], false));
  }

  private static int[] joined(int[]... parts) {
    return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
  }

  @Override
  public int[] answer(String text) {
    return tokenizer.encodeText(format.answering(text));
  }

  @Override
  public String toString() {
    return "%s, %s, between %s and %s"
        .formatted(format, words, Arrays.toString(before), Arrays.toString(after));
  }
}
