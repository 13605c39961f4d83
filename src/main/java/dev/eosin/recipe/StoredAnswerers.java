package dev.eosin.recipe;

import dev.eosin.language.StoredAnswerer;
import dev.eosin.language.StoredLanguage;
import java.io.IOException;

/// Opens whatever is stored and answers: each family's runs, and folders of others.
public final class StoredAnswerers {
  private StoredAnswerers() {}

  /// Opens a model as what it is.
  ///
  /// @throws dev.eosin.config.DataException naming what is missing, broken, another model's, or not
  ///   computed here
  public static StoredAnswerer open(StoredLanguage.Wanted wanted) throws IOException {
    return StoredLanguage.open(wanted);
  }
}
