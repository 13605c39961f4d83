package dev.eosin.checkpoint;

import java.util.ArrayList;
import java.util.List;

/// Where a file and a [Layout] differ, in the file's own names, all at once.
///
/// @param missing tensors the layout needs and the file lacks
/// @param extra tensors the layout does not know
/// @param misfits tensors with another shape or element type than the model's, each with both
public record LayoutReport(List<String> missing, List<String> extra, List<Misfit> misfits) {
  private static final int MOST_LINES = 10;

  /// A tensor unlike the model's.
  ///
  /// @param found type and shape in the file
  /// @param expected what the model needs
  public record Misfit(String name, String found, String expected) {}

  public LayoutReport {
    missing = List.copyOf(missing);
    extra = List.copyOf(extra);
    misfits = List.copyOf(misfits);
  }

  /// Whether the file is exactly what the layout describes.
  public boolean fits() {
    return missing.isEmpty() && extra.isEmpty() && misfits.isEmpty();
  }

  /// One line of counts, then one line per tensor, at most [#MOST_LINES] of them.
  public String describe() {
    List<String> names = new ArrayList<>();
    missing.forEach(name -> names.add("  missing  " + Quote.line(name)));
    extra.forEach(name -> names.add("  unknown  " + Quote.line(name)));
    misfits.forEach(
        misfit ->
            names.add(
                "  differs  %s is %s, expected %s"
                    .formatted(
                        Quote.line(misfit.name()), Quote.line(misfit.found()), misfit.expected())));
    List<String> lines = new ArrayList<>();
    lines.add(
        "%d missing, %d unknown, %d of another shape or type"
            .formatted(missing.size(), extra.size(), misfits.size()));
    names.stream()
        .limit(names.size() > MOST_LINES ? MOST_LINES - 1 : MOST_LINES)
        .forEach(lines::add);
    if (names.size() > MOST_LINES) {
      lines.add("  ... and %d more".formatted(names.size() - MOST_LINES + 1));
    }
    return String.join("\n", lines);
  }
}
