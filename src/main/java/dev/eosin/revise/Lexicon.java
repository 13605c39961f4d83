package dev.eosin.revise;

import dev.eosin.config.Binder;
import dev.eosin.config.DataException;
import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.RecipeException;
import dev.eosin.config.RecipeFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/// The words of a field that can be wrong: classes of terms of which each excludes the others. A
/// YAML file of this form may take the place of those that ship.
@Doc("Words that exclude each other, class by class, and how captions are cut into statements.")
public record Lexicon(
    @Doc("How a caption is cut into statements.") @OrElse("{}") Statements statements,
    @Doc("The classes.") List<TermClass> classes) {
  /// Of pathology.
  public static final String PATHOLOGY = "pathology";

  /// Of the captions of drawn facts that are called findings.
  public static final String DRAWN_FINDINGS = "drawn-findings";

  /// Of the classes of LC25000.
  public static final String LC25000 = "lc25000";

  /// Terms in whose place the others may stand.
  @Doc("Terms in whose place the others may stand.")
  public record TermClass(
      @Doc("What they speak about, such as organ.") String name,
      @Doc("At least two, in small letters, whole words; each excludes the others.")
          List<String> values) {
    /// @throws IllegalArgumentException for fewer than two terms, or one that is not lower-case
    public TermClass {
      values = List.copyOf(values);
      if (values.size() < 2) {
        throw new IllegalArgumentException(
            "values: %s has %d, expected at least 2".formatted(name, values.size()));
      }
      for (String value : values) {
        if (value.isBlank() || !value.equals(value.strip().toLowerCase(Locale.ROOT))) {
          throw new IllegalArgumentException(
              "values: '%s' of %s is no term in small letters".formatted(value, name));
        }
      }
    }
  }

  /// How a caption is cut into statements that can be added and left out.
  @Doc("How a caption is cut into statements; the first one always stays.")
  public record Statements(
      @Doc("What stands between two statements; sentences: they are sentences.")
          @OrElse("sentences")
          String apart,
      @Doc(
              "Words of statements that a caption has once or not at all, as its last: only such"
                  + " ones are added, where there is none, and left out. Without them any statement"
                  + " with a term is.")
          @OrElse("[]")
          List<String> once) {
    static final String SENTENCES = "sentences";

    public Statements {
      once = List.copyOf(once);
    }

    boolean areOnce() {
      return !once.isEmpty();
    }
  }

  /// @throws IllegalArgumentException where a term is in two classes
  public Lexicon {
    classes = List.copyOf(classes);
    Map<String, String> seen = new HashMap<>();
    for (TermClass one : classes) {
      for (String value : one.values()) {
        String before = seen.put(value, one.name());
        if (before != null) {
          throw new IllegalArgumentException(
              "classes: '%s' is in %s and in %s".formatted(value, before, one.name()));
        }
      }
    }
  }

  /// One that ships with Eosin.
  ///
  /// @throws DataException for a name that none has
  public static Lexicon shipped(String name) throws DataException {
    try (InputStream in = Lexicon.class.getResourceAsStream(name + ".yaml")) {
      if (in == null) {
        throw new DataException(
            "lexicon: '%s' is none that ships with Eosin; expected %s, %s, %s or a file .yaml"
                .formatted(name, PATHOLOGY, DRAWN_FINDINGS, LC25000));
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      Path path = Path.of(name + ".yaml");
      return Binder.bind(RecipeFile.parse(path, text, List.of(), Map.of()), Lexicon.class);
    } catch (IOException e) {
      throw e instanceof DataException data ? data : new DataException(name + ": unreadable", e);
    }
  }

  /// One that ships, by its name, or a file of this form.
  ///
  /// @throws DataException when it cannot be read or is none, with the first reason
  public static Lexicon named(String name) throws DataException {
    if (!name.endsWith(".yaml")) {
      return shipped(name);
    }
    try {
      return Binder.bind(RecipeFile.read(Path.of(name), List.of()), Lexicon.class);
    } catch (RecipeException e) {
      String first = Objects.requireNonNull(e.problems().getFirst()).message();
      throw new DataException("%s: no lexicon: %s".formatted(name, first), e);
    }
  }
}
