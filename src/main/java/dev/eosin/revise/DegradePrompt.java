package dev.eosin.revise;

import dev.eosin.checkpoint.Quote;
import dev.eosin.revise.CaptionEdit.Operation;
import java.util.ArrayList;
import java.util.List;

/// How a language model is asked to degrade a caption, as a text of YAML in double quotes.
final class DegradePrompt {
  static final String TOLD =
      "You help to test whether descriptions of pathology images can be checked. You get a right"
          + " caption and the kinds of mistakes to put into it. A mistake of kind modify replaces a"
          + " few words by others that say something else and exclude what was there: another"
          + " organ, cell type, grade, number, side, stain or architecture, or the opposite. Add"
          + " puts in one short sentence about something that is not in the caption and could be in"
          + " another one. Delete leaves out one whole sentence. Mistakes must read like the"
          + " caption itself. Answer with nothing but a JSON list, one object a mistake in the"
          + " order asked for: {\\\"operation\\\": \\\"modify\\\", \\\"from\\\": words of the"
          + " caption, \\\"to\\\": other words}, {\\\"operation\\\": \\\"add\\\", \\\"text\\\": the"
          + " sentence} or {\\\"operation\\\": \\\"delete\\\", \\\"text\\\": the sentence, copied"
          + " to the letter}.";

  private DegradePrompt() {}

  static String question(DegradePlan plan, String caption) {
    List<String> kinds = plan.operations().stream().map(Operation::word).toList();
    return "Mistakes: %s%nCaption: %s".formatted(String.join(", ", kinds), caption);
  }

  /// What a model answered.
  sealed interface Read {
    /// As planned.
    record Edited(CaptionEdits edits) implements Read {}

    /// Nothing that could be used.
    record Unusable(String reason, String detail) implements Read {}
  }

  /// Reads an answer: the list in it, whatever stands around.
  static Read read(String said, List<Operation> planned, String caption) {
    int from = said.indexOf('[');
    int to = said.lastIndexOf(']');
    if (from < 0 || to < from) {
      return new Read.Unusable(CaptionDegradation.UNPARSABLE, Quote.line(said));
    }
    try {
      var list = DegradedRow.json(said.substring(from, to + 1));
      CaptionEdits edits = spaced(CaptionEdits.located(list, caption));
      List<Operation> done = edits.edits().stream().map(CaptionEdit::operation).sorted().toList();
      return done.equals(planned.stream().sorted().toList())
          ? new Read.Edited(edits)
          : new Read.Unusable(CaptionDegradation.NOT_AS_ASKED, done + " for " + planned);
    } catch (IllegalArgumentException e) {
      return new Read.Unusable(
          CaptionDegradation.UNPARSABLE, Quote.line(String.valueOf(e.getMessage())));
    }
  }

  /// A sentence that is added at the end stands apart from the one before.
  private static CaptionEdits spaced(CaptionEdits edits) {
    List<CaptionEdit> apart = new ArrayList<>();
    for (CaptionEdit edit : edits.edits()) {
      apart.add(
          edit instanceof CaptionEdit.Add(int at, String text, String of)
                  && !Character.isWhitespace(text.charAt(0))
              ? new CaptionEdit.Add(at, " " + text, of)
              : edit);
    }
    return new CaptionEdits(apart);
  }
}
