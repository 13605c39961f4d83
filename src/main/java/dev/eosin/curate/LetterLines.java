package dev.eosin.curate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/// Shapes that stand in a line like letters: of one colour, alike in height, on one base line,
/// close together.
final class LetterLines {
  private static final int LEAST_HEIGHT = 7;
  private static final double TALLEST = 0.2;
  private static final int LEAST_LETTERS = 3;

  private LetterLines() {}

  /// The shapes that are letters of some line.
  static Set<InkShape> letters(List<InkShape> shapes) {
    List<InkShape> left = new ArrayList<>(shapes.stream().filter(LetterLines::isLetter).toList());
    left.sort(Comparator.comparingInt(InkShape::left).thenComparingInt(InkShape::top));
    Set<InkShape> letters = Collections.newSetFromMap(new IdentityHashMap<>());
    while (!left.isEmpty()) {
      List<InkShape> line = line(left);
      left.removeAll(line);
      if (line.size() >= LEAST_LETTERS) {
        letters.addAll(line);
      }
    }
    return letters;
  }

  private static boolean isLetter(InkShape shape) {
    double slim = (double) shape.width() / shape.height();
    return shape.height() >= LEAST_HEIGHT
        && shape.height() <= TALLEST * shape.imageHeight()
        && slim >= 0.1
        && slim <= 1.6
        && shape.filled() >= 0.15
        && shape.filled() <= (slim < 0.4 ? 1 : 0.8);
  }

  /// From the leftmost on, each time the next to the right.
  private static List<InkShape> line(List<InkShape> sorted) {
    List<InkShape> line = new ArrayList<>(List.of(sorted.getFirst()));
    for (InkShape next : sorted.subList(1, sorted.size())) {
      if (follows(line.getLast(), next)) {
        line.add(next);
      }
    }
    return line;
  }

  private static boolean follows(InkShape last, InkShape next) {
    int height = Math.max(last.height(), next.height());
    int gap = next.left() - last.right();
    return next.ink() == last.ink()
        && Math.min(last.height(), next.height()) >= 0.6 * height
        && Math.abs(next.bottom() - last.bottom()) <= 0.15 * height + 1
        && gap >= -1
        && gap <= 0.9 * height;
  }
}
