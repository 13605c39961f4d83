package dev.eosin.run.folders;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The runs of a sweep: a recipe with every combination of some values.
///
/// @param trials in the order in which they run; the last key changes fastest
public record SweepPlan(List<Trial> trials) {
  /// One run.
  ///
  /// @param name what is changed in it; the name of its folder
  /// @param overrides `key=value`
  public record Trial(String name, List<String> overrides) {
    public Trial {
      overrides = List.copyOf(overrides);
    }
  }

  /// More would rather be a mistake.
  private static final int MOST = 1_000;

  private static final int LONGEST_NAME = 120;

  public SweepPlan {
    trials = List.copyOf(trials);
  }

  /// Reads `key=a,b,c`. A value that begins with `[`, `{` or a quote keeps the commas inside it.
  ///
  /// @param arguments with several values, or one, which all runs share
  /// @throws IllegalArgumentException for what is no `key=value`, the folder of runs, a key that
  ///   comes twice, no key of several values, or too many runs
  public static SweepPlan of(List<String> arguments) {
    List<Trial> trials = List.of(new Trial("", List.of()));
    Set<String> keys = new HashSet<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException(
            "'%s': expected key=value or key=a,b,c, e.g. 'optimizer.lr=1e-4,3e-4'"
                .formatted(argument));
      }
      String key = argument.substring(0, equals).strip();
      if (key.equals("output.dir")) {
        throw new IllegalArgumentException(
            "output.dir: each run of a sweep has a folder of its own; --out DIR says where they go");
      }
      if (!keys.add(key)) {
        throw new IllegalArgumentException(
            "%s is given twice; write its values in one list: %s=a,b".formatted(key, key));
      }
      trials = multiplied(trials, key, values(argument.substring(equals + 1)));
      if (trials.size() > MOST) {
        throw new IllegalArgumentException(
            "these are %d runs and more; a sweep has at most %,d".formatted(trials.size(), MOST));
      }
    }
    if (trials.size() < 2) {
      throw new IllegalArgumentException(
          "nothing is swept; give a key several values, e.g. 'optimizer.lr=1e-4,3e-4'");
    }
    return named(trials);
  }

  private static List<Trial> multiplied(List<Trial> trials, String key, List<String> values) {
    List<Trial> all = new ArrayList<>();
    for (Trial trial : trials) {
      for (String value : values) {
        List<String> overrides = new ArrayList<>(trial.overrides());
        overrides.add(key + "=" + value);
        String part = key.substring(key.lastIndexOf('.') + 1) + "=" + value;
        String name = trial.name().isEmpty() ? part : trial.name() + "," + part;
        all.add(new Trial(values.size() > 1 ? name : trial.name(), overrides));
      }
    }
    return all;
  }

  /// Names that are folders everywhere, each its own.
  private static SweepPlan named(List<Trial> trials) {
    Set<String> taken = new HashSet<>();
    List<Trial> named = new ArrayList<>();
    for (Trial trial : trials) {
      String plain = trial.name().replaceAll("[^A-Za-z0-9.,=_+-]+", "_");
      String cut = plain.substring(0, Math.min(LONGEST_NAME, plain.length()));
      String name = cut;
      for (int number = 2; !taken.add(name); number++) {
        name = cut + "~" + number;
      }
      named.add(new Trial(name, trial.overrides()));
    }
    return new SweepPlan(named);
  }

  /// @throws IllegalArgumentException for an empty value, or one that comes twice
  private static List<String> values(String text) {
    List<String> values = new ArrayList<>();
    StringBuilder value = new StringBuilder();
    int depth = 0;
    char quote = 0;
    for (char c : text.toCharArray()) {
      if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '[' || c == '{') {
        depth++;
      } else if (c == ']' || c == '}') {
        depth--;
      }
      if (c == ',' && depth == 0 && quote == 0) {
        values.add(value.toString().strip());
        value.setLength(0);
      } else {
        value.append(c);
      }
    }
    values.add(value.toString().strip());
    Set<String> distinct = new HashSet<>(values);
    if (distinct.contains("") || distinct.size() < values.size()) {
      throw new IllegalArgumentException("'%s': a value is empty or comes twice".formatted(text));
    }
    return values;
  }

  /// Where a run of the sweep lies.
  public static Path folder(Path sweep, Trial trial) {
    return sweep.resolve(trial.name());
  }
}
