package dev.eosin.config;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// A recipe with nothing left to default, inherit, override or look up: what a run folder keeps, so
/// that a resumed run can say what has changed.
public final class ResolvedRecipe {
  private static final String ABSENT = "absent";

  /// A text of these letters is quoted.
  private static final String NONE = "null";

  private final Tree.Mapping root;

  private ResolvedRecipe(Tree.Mapping root) {
    this.root = root;
  }

  /// The recipe that `recipe` is.
  ///
  /// @param type the type that [Binder#bind] bound it to
  public static <T> ResolvedRecipe of(T recipe, Class<T> type) {
    return new ResolvedRecipe(Unbinder.root(recipe, type));
  }

  /// The recipe that an earlier [#text] wrote, read back.
  public static ResolvedRecipe stored(RecipeFile file) {
    return new ResolvedRecipe(file.root());
  }

  /// The recipe as YAML that binds to an equal record: every key in the order of the records, every
  /// value explicit and with its unit.
  public String text() {
    return "# Resolved by Eosin: every value is explicit.\n" + YamlText.block(root);
  }

  /// The value at a key path such as `schedule.length`, as YAML writes it; empty where the recipe
  /// has none or says null.
  public Optional<String> value(String key) {
    Tree at = root;
    for (String step : KeyPath.steps(key)) {
      Tree.Entry entry = at instanceof Tree.Mapping map ? map.entries().get(step) : null;
      if (entry == null) {
        return Optional.empty();
      }
      at = entry.value();
    }
    return Optional.of(YamlText.flow(at)).filter(text -> !text.equals(NONE));
  }

  /// Whether recipes of this kind have a key, be it null: one of the outermost, such as `schedule`.
  public boolean has(String key) {
    return root.entries().containsKey(key);
  }

  /// What `later` changes, in the order of the keys; empty when both say the same.
  public List<Difference> differences(ResolvedRecipe later) {
    List<Difference> differences = new ArrayList<>();
    compare("", root, later.root, differences);
    return List.copyOf(differences);
  }

  private static void compare(String key, Tree before, Tree after, List<Difference> differences) {
    if (before instanceof Tree.Mapping old && after instanceof Tree.Mapping now) {
      if (chooseAlike(old, now)) {
        compareMaps(key, old, now, differences);
        return;
      }
    } else if (before instanceof Tree.Sequence old
        && after instanceof Tree.Sequence now
        && !(flat(old) && flat(now))) {
      compareLists(key, old, now, differences);
      return;
    }
    String was = YamlText.flow(before);
    String is = YamlText.flow(after);
    if (!was.equals(is)) {
      differences.add(new Difference(key, was, is));
    }
  }

  private static void compareMaps(
      String key, Tree.Mapping before, Tree.Mapping after, List<Difference> differences) {
    Set<String> names = new LinkedHashSet<>(before.entries().keySet());
    names.addAll(after.entries().keySet());
    for (String name : names) {
      Tree.Entry old = before.entries().get(name);
      Tree.Entry now = after.entries().get(name);
      String path = KeyPath.join(key, name);
      if (old == null) {
        Tree added = Objects.requireNonNull(now).value();
        differences.add(new Difference(path, ABSENT, YamlText.flow(added)));
      } else if (now == null) {
        differences.add(new Difference(path, YamlText.flow(old.value()), ABSENT));
      } else {
        compare(path, old.value(), now.value(), differences);
      }
    }
    compareOrder(key, before, after, differences);
  }

  /// A map's order is the document's and may mean something to who asked for a map.
  private static void compareOrder(
      String key, Tree.Mapping before, Tree.Mapping after, List<Difference> differences) {
    List<String> old = List.copyOf(before.entries().keySet());
    List<String> now = List.copyOf(after.entries().keySet());
    if (!old.equals(now) && Set.copyOf(old).equals(Set.copyOf(now))) {
      differences.add(
          new Difference(
              key, "order " + String.join(", ", old), "order " + String.join(", ", now)));
    }
  }

  private static void compareLists(
      String key, Tree.Sequence before, Tree.Sequence after, List<Difference> differences) {
    int longer = Math.max(before.items().size(), after.items().size());
    for (int index = 0; index < longer; index++) {
      String path = KeyPath.join(key, Integer.toString(index));
      if (index >= before.items().size()) {
        differences.add(new Difference(path, ABSENT, YamlText.flow(after.items().get(index))));
      } else if (index >= after.items().size()) {
        differences.add(new Difference(path, YamlText.flow(before.items().get(index)), ABSENT));
      } else {
        compare(path, before.items().get(index), after.items().get(index), differences);
      }
    }
  }

  /// Maps that choose different types have no keys to compare.
  private static boolean chooseAlike(Tree.Mapping before, Tree.Mapping after) {
    Tree.Entry old = before.entries().get(Overlay.TYPE);
    Tree.Entry now = after.entries().get(Overlay.TYPE);
    return old == null
        || now == null
        || YamlText.flow(old.value()).equals(YamlText.flow(now.value()));
  }

  private static boolean flat(Tree.Sequence list) {
    return list.items().stream().allMatch(Tree.Scalar.class::isInstance);
  }
}
