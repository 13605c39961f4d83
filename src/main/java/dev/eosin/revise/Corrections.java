package dev.eosin.revise;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// What makes one caption of another, as a model is to write it: it need not count letters, so
/// edits have no places, and words that stand in a caption twice come with those before them.
final class Corrections {
  private static final Pattern PIECE = Pattern.compile("[\\p{L}\\p{N}]+|[^\\p{L}\\p{N}]");
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private Corrections() {}

  /// The answer to a degraded caption.
  static String answer(ReviseSettings.Answer form, String corrupted, String target) {
    return switch (form) {
      case TEXT -> target;
      case EDITS -> written(corrupted, target).toString();
    };
  }

  /// The caption after an answer.
  ///
  /// @return empty where the answer is no list of edits that fit the caption
  static Optional<String> revised(ReviseSettings.Answer form, String corrupted, String answer) {
    return switch (form) {
      case TEXT -> Optional.of(answer.strip());
      case EDITS -> edited(corrupted, answer);
    };
  }

  private static Optional<String> edited(String corrupted, String answer) {
    try {
      return Optional.of(
          CaptionEdits.located(JSON.readTree(answer.strip()), corrupted).apply(corrupted));
    } catch (JsonProcessingException | IllegalArgumentException unread) {
      return Optional.empty();
    }
  }

  /// The caption after an edit without a place.
  ///
  /// @return empty where the caption has not its words
  static Optional<String> edited(JsonNode edit, String caption) {
    try {
      return Optional.of(CaptionEdit.located(edit, caption).apply(caption));
    } catch (IllegalArgumentException notThere) {
      return Optional.empty();
    }
  }

  private record Change(int at, String before, String after) {
    /// With what follows after no more than a space.
    Change with(String gap, Change next) {
      return new Change(at, before + gap + next.before, after + gap + next.after);
    }

    CaptionEdit edit() {
      if (before.isEmpty()) {
        return new CaptionEdit.Add(at, after, "");
      }
      return after.isEmpty()
          ? new CaptionEdit.Delete(at, before, "")
          : new CaptionEdit.Modify(at, before, after, "");
    }
  }

  /// The edits that make the target of a caption, word by word from left to right: what both have
  /// in common, a longest sequence of words and marks, stays; words side by side change at once.
  static CaptionEdits between(String caption, String target) {
    List<Change> changes = new ArrayList<>();
    for (Change change : changes(pieces(caption), pieces(target))) {
      Change last = changes.isEmpty() ? change : changes.getLast();
      int end = last.at() + last.after().length();
      String gap = end <= change.at() ? target.substring(end, change.at()) : "";
      if (!changes.isEmpty() && gap.isBlank()) {
        changes.set(changes.size() - 1, last.with(gap, change));
      } else {
        changes.add(change);
      }
    }
    return new CaptionEdits(changes.stream().map(Change::edit).toList());
  }

  private static List<Change> changes(List<String> from, List<String> to) {
    int[][] common = common(from, to);
    List<Change> changes = new ArrayList<>();
    int at = 0;
    int i = 0;
    int j = 0;
    while (i < from.size() || j < to.size()) {
      var before = new StringBuilder();
      var after = new StringBuilder();
      while ((i < from.size() || j < to.size()) && !same(from, i, to, j)) {
        if (j == to.size() || i < from.size() && common[i + 1][j] >= common[i][j + 1]) {
          before.append(from.get(i++));
        } else {
          after.append(to.get(j++));
        }
      }
      if (!before.isEmpty() || !after.isEmpty()) {
        changes.add(new Change(at, before.toString(), after.toString()));
        at += after.length();
      }
      for (; same(from, i, to, j); i++, j++) {
        at += to.get(j).length();
      }
    }
    return changes;
  }

  private static List<String> pieces(String text) {
    return PIECE.matcher(text).results().map(MatchResult::group).toList();
  }

  private static boolean same(List<String> from, int i, List<String> to, int j) {
    return i < from.size() && j < to.size() && from.get(i).equals(to.get(j));
  }

  private static int[][] common(List<String> from, List<String> to) {
    int[][] common = new int[from.size() + 1][to.size() + 1];
    for (int i = from.size() - 1; i >= 0; i--) {
      for (int j = to.size() - 1; j >= 0; j--) {
        common[i][j] =
            from.get(i).equals(to.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    return common;
  }

  /// The edits without places; each with as many words before it as it takes to be found.
  static ArrayNode written(String corrupted, String target) {
    ArrayNode written = JsonNodeFactory.instance.arrayNode();
    String caption = corrupted;
    for (CaptionEdit edit : between(corrupted, target).edits()) {
      String edited = edit.apply(caption);
      written.add(found(edit, caption, edited));
      caption = edited;
    }
    if (!caption.equals(target)) {
      throw new IllegalStateException("edits that were just made do not make the target");
    }
    return written;
  }

  private static ObjectNode found(CaptionEdit edit, String caption, String edited) {
    ObjectNode found = edit.json();
    found.remove("at");
    for (int from = edit.at(); from > 0 && !makes(found, caption, edited); ) {
      from = caption.lastIndexOf(' ', from - 2) + 1;
      String context = caption.substring(from, edit.at());
      found = modification(context + edit.before(), context + edit.after());
    }
    return makes(found, caption, edited) ? found : modification(caption, edited);
  }

  private static ObjectNode modification(String from, String to) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("operation", CaptionEdit.Operation.MODIFY.word())
        .put("from", from)
        .put("to", to);
  }

  private static boolean makes(ObjectNode written, String caption, String edited) {
    return edited(written, caption).equals(Optional.of(edited));
  }
}
