package dev.eosin.revise;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.eval.revision.RevisionRow;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Whoever always changes something, without a look at the image: each caption gets an edit that
/// another one needs, drawn among those whose words it has; where it has none of them, it becomes
/// another's good caption.
final class AlwaysEdit {
  private record Needed(String id, JsonNode edit) {}

  private final List<RevisionRow> rows;
  private final List<Needed> edits = new ArrayList<>();

  /// @param rows without a control
  AlwaysEdit(List<RevisionRow> rows) {
    this.rows = rows;
    for (RevisionRow row : rows) {
      Corrections.written(row.corrupted(), row.target())
          .forEach(edit -> edits.add(new Needed(row.id(), edit)));
    }
  }

  /// None where no caption needs an edit.
  List<RevisionRow> revised(RandomKey key) {
    List<RevisionRow> revised = new ArrayList<>();
    for (int i = 0; i < rows.size() && !edits.isEmpty(); i++) {
      RevisionRow row = rows.get(i);
      revised.add(row.answered(edited(row, key.stream(Purpose.OTHER_IMAGE, 1, i))));
    }
    return revised;
  }

  private String edited(RevisionRow row, RandomStream random) {
    int first = random.nextInt(edits.size());
    for (int i = 0; i < edits.size(); i++) {
      Needed needed = edits.get((first + i) % edits.size());
      Optional<String> edited =
          needed.id().equals(row.id())
              ? Optional.empty()
              : Corrections.edited(needed.edit(), row.corrupted());
      if (edited.isPresent() && !edited.get().equals(row.corrupted())) {
        return edited.get();
      }
    }
    return rows.get(first % rows.size()).target();
  }
}
