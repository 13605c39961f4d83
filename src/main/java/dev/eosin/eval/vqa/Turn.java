package dev.eosin.eval.vqa;

import dev.eosin.eval.answers.AnswerRow;
import dev.eosin.eval.answers.Control;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// One question under one draw of a control.
///
/// @param unit the picture that the question is about, which is drawn with all that is asked of it
/// @param rotations its rows, by rotation
record Turn(String unit, List<AnswerRow> rotations) {
  private static final String PICTURE = "picture ";
  private static final String QUESTION = "question ";

  Turn {
    rotations = List.copyOf(rotations);
  }

  AnswerRow first() {
    return rotations.getFirst();
  }

  /// In the order of their first rows.
  static List<Turn> of(List<AnswerRow> rows) {
    Map<String, String> units = units(rows);
    Map<AnswerRow.Key, List<AnswerRow>> turns = new LinkedHashMap<>();
    for (AnswerRow row : rows) {
      var key = new AnswerRow.Key(row.id(), row.control(), row.draw(), 0);
      turns.computeIfAbsent(key, unknown -> new ArrayList<>()).add(row);
    }
    return turns.values().stream()
        .map(
            of -> {
              of.sort(Comparator.comparingInt(AnswerRow::rotation));
              return new Turn(Objects.requireNonNull(units.get(of.getFirst().id())), of);
            })
        .toList();
  }

  /// The picture of each question: that of its row without a control, which a control that shows
  /// another or none still belongs to.
  private static Map<String, String> units(List<AnswerRow> rows) {
    Map<String, String> units = new HashMap<>();
    for (AnswerRow row : rows) {
      if (row.control() == Control.NONE && row.image().isPresent()) {
        units.putIfAbsent(row.id(), PICTURE + row.image().get());
      }
    }
    rows.forEach(row -> units.putIfAbsent(row.id(), QUESTION + row.id()));
    return units;
  }
}
