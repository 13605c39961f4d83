package dev.eosin.checkpoint;

import java.util.ArrayList;
import java.util.List;

/// Where a file and a [Layout] differ, in the file's own names, all at once.
///
/// @param missing tensors the layout needs and the file lacks
/// @param extra tensors the layout does not know
/// @param misfits tensors with another shape or element type than the model's, each with both
public record LayoutReport(List<String> missing, List<String> extra, List<Misfit> misfits) {
  private static final int MOST_EXTRA = 200;

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

  /// One line of counts, then one line per tensor.
  public String describe() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%d missing, %d unknown, %d of another shape or type"
            .formatted(missing.size(), extra.size(), misfits.size()));
    missing.forEach(name -> lines.add("  missing  " + name));
    extra.stream().limit(MOST_EXTRA).forEach(name -> lines.add("  unknown  " + Quote.line(name)));
    if (extra.size() > MOST_EXTRA) {
      lines.add("  unknown  ... and %d more".formatted(extra.size() - MOST_EXTRA));
    }
    misfits.forEach(
        misfit ->
            lines.add(
                "  differs  %s is %s, expected %s"
                    .formatted(misfit.name(), Quote.line(misfit.found()), misfit.expected())));
    return String.join("\n", lines);
  }
}
