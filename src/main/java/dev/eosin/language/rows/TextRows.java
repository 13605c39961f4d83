package dev.eosin.language.rows;

import dev.eosin.config.DataException;
import dev.eosin.data.Caption;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent;
import dev.eosin.data.order.MeasuredPreparation;
import dev.eosin.data.order.OverLength;
import dev.eosin.data.order.RowShape;
import dev.eosin.data.order.SampleOrder;
import dev.eosin.data.order.TokenRow;
import dev.eosin.language.chat.Message;
import dev.eosin.language.spec.SpecialIds;
import dev.eosin.text.EncodedCaption.Fit;
import dev.eosin.text.LanguageTokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Text as rows of ids: documents, of which every token is asked for, and questions with answers,
/// of which the answers and what ends them are. Nothing is drawn. Special tokens that are spelled
/// out in a sample's text stay text.
///
/// @param tokenizer makes the ids
/// @param ids that the model gives a meaning
/// @param settings lengths and words
public record TextRows(LanguageTokenizer tokenizer, SpecialIds ids, TextRowSettings settings)
    implements MeasuredPreparation, PromptIds {
  /// A row while it is put together.
  private static final class Row {
    private final List<int[]> parts = new ArrayList<>();
    private final List<Boolean> asked = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private int length;

    void add(int[] more, boolean supervised, String words) {
      parts.add(more);
      asked.add(supervised);
      text.append(words);
      length += more.length;
    }
  }

  @Override
  public RowShape shape() {
    var sequence = new RowShape.Sequence(settings.length(), ids.filler(), true);
    return new RowShape(1, 1, 0, Map.of(LanguageLearner.TEXT, sequence));
  }

  @Override
  public Prepared training(Sample sample, SampleOrder order, long position) throws IOException {
    return evaluation(sample, position);
  }

  @Override
  public Prepared evaluation(Sample sample, long position) throws IOException {
    return prepared(sample, row(sample));
  }

  @Override
  public int longest() {
    return settings.length();
  }

  @Override
  public Size size(Sample sample) throws IOException {
    Row row = row(sample);
    Optional<String> flaw =
        asked(supervised(row, Math.min(row.length, settings.length())))
            ? Optional.empty()
            : Optional.of(unasked(Math.min(row.length, settings.length()), row.length));
    return new Size(row.length, false, flaw);
  }

  private Row row(Sample sample) throws IOException {
    Row row = new Row();
    ids.begin().ifPresent(begin -> row.add(new int[] {begin}, false, ""));
    switch (sample.content()) {
      case SampleContent.Document(String text) -> document(sample, text, row);
      case SampleContent.Captions(var captions) -> captioned(sample, captions, row);
      case SampleContent.QuestionAnswer asked -> {
        asking(asked.question(), row);
        answering(sample, asked.answer(), row);
      }
      case SampleContent.Conversation(List<SampleContent.Turn> turns) -> {
        for (SampleContent.Turn turn : turns) {
          if (turn.asks()) {
            asking(turn.text(), row);
          } else {
            answering(sample, turn.text(), row);
          }
        }
      }
    }
    return row;
  }

  /// A sample that a table could not make says nothing, and its picture says why.
  private void captioned(Sample sample, List<Caption> captions, Row row) throws IOException {
    if (captions.isEmpty() && !sample.images().isEmpty()) {
      sample.images().getFirst().read();
    }
    document(sample, captions.isEmpty() ? "" : captions.getFirst().text(), row);
  }

  private void document(Sample sample, String text, Row row) throws DataException {
    requireWords(sample, text, "the text");
    row.add(tokenizer.encodeText(text), true, text);
    end(row);
  }

  private void asking(String text, Row row) {
    String words = settings.dialogue().asking(text);
    row.add(tokenizer.encodeText(words), false, words);
  }

  private void answering(Sample sample, String text, Row row) throws DataException {
    requireWords(sample, text, "an answer");
    String words = settings.dialogue().answering(text);
    row.add(tokenizer.encodeText(words), true, words);
    end(row);
  }

  private void end(Row row) {
    if (!ids.ends().isEmpty()) {
      row.add(new int[] {ids.ends().getFirst()}, true, "");
    }
  }

  private static void requireWords(Sample sample, String text, String what) throws DataException {
    if (text.isBlank()) {
      throw new DataException("%s: %s is empty".formatted(sample.key(), what));
    }
  }

  private Prepared prepared(Sample sample, Row row) throws DataException {
    boolean cut = row.length > settings.length();
    if (cut && settings.overLength() != OverLength.CUT) {
      throw new DataException(
          "%s: has %d ids, text.length is %d; raise it, or let text.over-length cut"
              .formatted(sample.key(), row.length, settings.length()));
    }
    int length = Math.min(row.length, settings.length());
    boolean[] supervised = supervised(row, length);
    if (!asked(supervised)) {
      throw new DataException(sample.key() + ": " + unasked(length, row.length));
    }
    return new Prepared(
        List.of(),
        Map.of(LanguageLearner.TEXT, new TokenRow(ids(row, length), Optional.of(supervised))),
        row.text.toString(),
        cut ? Fit.TRUNCATED : Fit.WHOLE);
  }

  private static int[] ids(Row row, int length) {
    int[] all = new int[length];
    int at = 0;
    for (int[] more : row.parts) {
      int taken = Math.min(more.length, length - at);
      System.arraycopy(more, 0, all, at, taken);
      at += taken;
    }
    return all;
  }

  private static boolean[] supervised(Row row, int length) {
    boolean[] supervised = new boolean[length];
    int at = 0;
    for (int part = 0; part < row.parts.size(); part++) {
      int taken = Math.min(row.parts.get(part).length, length - at);
      Arrays.fill(supervised, at, at + taken, row.asked.get(part));
      at += taken;
    }
    return supervised;
  }

  /// Nothing asks for the first id: it follows nothing.
  private static boolean asked(boolean... supervised) {
    for (int i = 1; i < supervised.length; i++) {
      if (supervised[i]) {
        return true;
      }
    }
    return false;
  }

  private static String unasked(int kept, int whole) {
    return "none of its first %d ids (of %d) is asked for: what precedes the answer fills the row alone; raise text.length"
        .formatted(kept, whole);
  }

  @Override
  public int[] prompt(String question) {
    int[] asked = tokenizer.encodeText(settings.dialogue().asking(question));
    if (ids.begin().isEmpty()) {
      return asked;
    }
    int[] all = new int[asked.length + 1];
    all[0] = ids.begin().getAsInt();
    System.arraycopy(asked, 0, all, 1, asked.length);
    return all;
  }

  /// Each row is one question: what was said before it is not asked again.
  @Override
  public int[] conversation(List<Message> messages) {
    return prompt(messages.getLast().content());
  }

  @Override
  public int[] answer(String text) {
    return tokenizer.encodeText(settings.dialogue().answering(text));
  }
}
