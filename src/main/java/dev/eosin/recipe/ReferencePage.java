package dev.eosin.recipe;

import dev.eosin.config.Reference;

/// docs/recipes.md: an introduction written by hand, a mark, then what the records say.
public final class ReferencePage {
  private static final String MARK = "<!-- reference -->\n";

  private ReferencePage() {}

  /// `page` with everything after its mark written anew; the mark is added where there is none.
  public static String renewed(String page) {
    int mark = page.indexOf(MARK);
    String introduction = mark < 0 ? page : page.substring(0, mark);
    return introduction + MARK + "\n" + Reference.markdown(Recipe.class).strip() + "\n";
  }
}
