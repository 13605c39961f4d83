package dev.eosin.run.models;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.language.spec.T5Spec;
import dev.eosin.language.stored.LanguageFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What `eosin inspect` says of a folder with a language model.
final class LanguageInspection {
  private LanguageInspection() {}

  /// @return empty where a folder's `config.json` describes none
  /// @throws DataException when the weights cannot be read
  static Optional<StoredModels.Inspected> find(Path path) throws DataException {
    if (!Files.isRegularFile(path.resolve(LanguageFolder.CONFIG))) {
      return Optional.empty();
    }
    LanguageFolder folder;
    try {
      folder = LanguageFolder.open(path);
    } catch (DataException anotherModel) {
      return Optional.empty();
    }
    return Optional.of(new QFormerInspection(facts(folder)).inspected());
  }

  private static Map<String, String> facts(LanguageFolder folder) throws DataException {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("model", "a language model");
    facts.put("language", folder.config().spec().toString());
    try (StoredTensors file = folder.weights()) {
      long elements = 0;
      for (String name : file.names()) {
        elements += file.header(name).elements();
      }
      facts.put("file", "%s (%s)".formatted(file.path(), file.kind()));
      facts.put(
          "holds",
          String.format(Locale.ROOT, "%,d numbers in %,d tensors", elements, file.names().size()));
    }
    if (!(folder.config().spec() instanceof T5Spec)) {
      try {
        folder.check(folder.decoder("decoder"));
      } catch (DataException misfit) {
        facts.put("does not fit", String.valueOf(misfit.getMessage()));
      }
    }
    return facts;
  }
}
