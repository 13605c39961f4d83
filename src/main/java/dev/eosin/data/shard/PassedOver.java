package dev.eosin.data.shard;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Members, files or rows that are not taken, for one reason.
///
/// @param reason completes "3 files ...": `with the ending .npy`
/// @param count how many, at least 1
/// @param example names one of them
public record PassedOver(String reason, long count, String example) {
  /// One line: `3 files with the ending .npy, for example a.npy`.
  ///
  /// @param unit what is counted, in the singular: `file`
  public String line(String unit) {
    return String.format(
        Locale.ROOT,
        "%,d %s%s %s, for example %s",
        count,
        unit,
        count == 1 ? "" : "s",
        reason,
        example);
  }

  private PassedOver plus(PassedOver other) {
    return new PassedOver(
        reason,
        count + other.count,
        example.compareTo(other.example) <= 0 ? example : other.example);
  }

  /// The reason why a file with this name is none that can be read.
  ///
  /// @param name without folders
  public static String endingOf(String name) {
    int dot = name.lastIndexOf('.');
    String ending = name.substring(dot + 1).toLowerCase(Locale.ROOT);
    boolean plain = ending.length() <= 12 && ending.matches("[a-z0-9_-]+");
    if (dot <= 0) {
      return "without an ending";
    }
    return plain ? "with the ending ." + ending : "with an ending that is none";
  }

  /// Whether a component of a path is hidden, as `.ipynb_checkpoints` and `.DS_Store` are.
  public static boolean isHidden(String component) {
    return component.startsWith(".") && !component.equals(".") && !component.equals("..");
  }

  /// Counts by reason, whatever the order of what is counted: the first example by name stays.
  public static final class Tally {
    private static final int MOST_REASONS = 32;
    private static final String OTHERS = "for other reasons";

    private final Map<String, PassedOver> byReason = new TreeMap<>();

    /// Counts one.
    public void add(String reason, String example) {
      add(new PassedOver(reason, 1, example));
    }

    /// Adds a count made elsewhere.
    public void add(PassedOver more) {
      boolean room = byReason.containsKey(more.reason()) || byReason.size() < MOST_REASONS;
      byReason.merge(
          room ? more.reason() : OTHERS,
          room ? more : new PassedOver(OTHERS, more.count(), more.example()),
          PassedOver::plus);
    }

    /// All counts, by reason.
    public List<PassedOver> list() {
      return new ArrayList<>(byReason.values());
    }

    /// A line for each reason.
    public List<String> lines(String unit) {
      return byReason.values().stream().map(each -> each.line(unit)).toList();
    }
  }
}
