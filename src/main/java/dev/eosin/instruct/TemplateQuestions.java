package dev.eosin.instruct;

import dev.eosin.random.RandomStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Questions from templates about one row. Everything drawn is a function of the row's stream.
final class TemplateQuestions {
  private TemplateQuestions() {}

  static List<Instruction> open(OpenSettings settings, CaptionRow row, RandomStream random) {
    String answer = Slots.filled(settings.answer(), row);
    List<Instruction> made = new ArrayList<>();
    for (String question : drawn(settings.questions(), settings.perCaption(), random)) {
      made.add(new Instruction(Way.OPEN, question, answer));
    }
    return made;
  }

  /// Whether there is something false to state is found out before a side is drawn: left out only
  /// where no is drawn, it would make yes more frequent.
  static List<Instruction> closed(
      ClosedSettings settings, CaptionRow row, CaptionSurvey survey, RandomStream random) {
    List<String> fitting = settings.questions().stream().filter(row::hasAll).toList();
    List<Instruction> made = new ArrayList<>();
    for (String question : drawn(fitting, settings.perCaption(), random)) {
      String slot = Slots.of(question).iterator().next();
      Optional<CaptionRow> other = survey.other(row, slot, random);
      boolean isTrue = random.nextBoolean();
      if (other.isPresent()) {
        String stated = Slots.filled(question, isTrue ? row : other.get());
        made.add(new Instruction(Way.CLOSED, stated, isTrue ? settings.yes() : settings.no()));
      } else {
        made.add(new Instruction(Way.CLOSED, question, ""));
      }
    }
    return made;
  }

  /// Some of a list, each once, in the order drawn.
  private static List<String> drawn(List<String> from, int count, RandomStream random) {
    List<String> left = new ArrayList<>(from);
    List<String> drawn = new ArrayList<>();
    while (drawn.size() < count && !left.isEmpty()) {
      drawn.add(left.remove(random.nextInt(left.size())));
    }
    return drawn;
  }
}
