package dev.eosin.data.json;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.data.SampleContent.Conversation;
import dev.eosin.data.SampleContent.Turn;
import dev.eosin.data.tables.RowFlaw;
import dev.eosin.data.tables.TableRow.Said;
import dev.eosin.text.CaptionText;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// A whole conversation out of LLaVA's `conversations: [{from, value}, ...]`: the human asks first,
/// both take turns, and an answer is last. `<image>` stays where it stands.
public final class Dialogue {
  /// Where a picture stands in a text.
  public static final String IMAGE_MARK = "<image>";

  private static final Set<String> ASKING = Set.of("human", "user");
  private static final Set<String> ANSWERING = Set.of("gpt", "assistant");
  private static final String FIELD = "conversations";
  // LLaVA-Med's alignment file spells it so.
  private static final String MISSPELT = "conversatons";
  private static final String ORDER =
      "human and gpt in turn, the human first and gpt last, each with words";
  private static final String MEND = "correct the record, or leave it out with where or without";

  private Dialogue() {}

  /// @param images how many the record has
  static Said read(JsonNode record, int images) {
    JsonNode listed = record.has(FIELD) ? record.path(FIELD) : record.path(MISSPELT);
    if (!listed.isArray() || listed.isEmpty()) {
      return flaw("without a conversation", FIELD, "empty");
    }
    List<Turn> turns = new ArrayList<>();
    for (JsonNode one : listed) {
      String speaker = one.path("from").asText();
      String text = CaptionText.of(JsonFields.text(one.path("value")).orElse(""));
      String place = "%s[%d]".formatted(FIELD, turns.size());
      boolean asks = ASKING.contains(speaker);
      if (!asks && !ANSWERING.contains(speaker)) {
        return flaw(
            "with a speaker that is neither human nor gpt",
            place + ".from",
            "'%s'".formatted(speaker));
      }
      if (asks != (turns.size() % 2 == 0)) {
        String kind =
            turns.isEmpty()
                ? "whose conversation starts with an answer"
                : "where one side speaks twice in turn";
        return flaw(kind, place + ".from", "'%s'".formatted(speaker));
      }
      if (CaptionText.isEmpty(text)) {
        return flaw("with an empty turn", place + ".value", "empty");
      }
      turns.add(new Turn(asks, text));
    }
    if (turns.getLast().asks()) {
      return flaw(
          "whose conversation ends without an answer",
          "%s[%d]".formatted(FIELD, turns.size() - 1),
          "a question");
    }
    return marked(turns, images);
  }

  /// Without any mark a family places the images itself; otherwise each has one.
  private static Said marked(List<Turn> turns, int images) {
    int marks = turns.stream().mapToInt(turn -> marks(turn.text())).sum();
    if (marks != 0 && marks != images) {
      return new Said.Flawed(
          RowFlaw.of(
              "with other numbers of images and of <image> marks",
              FIELD,
              "marked with %d <image>".formatted(marks),
              "%d, one for each of the record's images, or none".formatted(images),
              MEND));
    }
    return new Said.Whole(new Conversation(turns));
  }

  private static int marks(String text) {
    int count = 0;
    for (int at = text.indexOf(IMAGE_MARK); at >= 0; at = text.indexOf(IMAGE_MARK, at + 1)) {
      count++;
    }
    return count;
  }

  private static Said flaw(String kind, String field, String found) {
    return new Said.Flawed(RowFlaw.of(kind, field, found, ORDER, MEND));
  }
}
