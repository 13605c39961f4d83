package dev.eosin.curate;

import dev.eosin.curate.steps.FiguresStep;
import dev.eosin.image.RgbImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What in an image was not under the microscope, as far as pixels tell.
///
/// @param panels parts that straight gutters of one colour set apart; 1 for an image of one part
/// @param arrows shapes of one strong colour with a shaft and a head
/// @param letters shapes of one strong colour that stand in lines like letters
public record FigureMarks(int panels, int arrows, int letters) {
  /// Looks at an image.
  public static FigureMarks of(RgbImage image) {
    List<InkShape> shapes = InkShape.of(InkImage.of(image));
    Set<InkShape> letters = LetterLines.letters(shapes);
    long arrows =
        shapes.stream().filter(shape -> !letters.contains(shape) && shape.isArrow()).count();
    return new FigureMarks(PanelCuts.panels(image), (int) arrows, letters.size());
  }

  /// What of it a step leaves rows out for; empty where it finds nothing.
  Optional<String> told(FiguresStep step) {
    List<String> told = new ArrayList<>();
    if (step.panels() && panels > 1) {
      told.add(panels + " panels");
    }
    if (step.arrows() && arrows > 0) {
      told.add(arrows == 1 ? "an arrow" : arrows + " arrows");
    }
    if (step.text() && letters > 0) {
      told.add(letters + " letters");
    }
    return told.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", told));
  }
}
