package dev.eosin.run.models;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.qformer.FrozenPart;
import dev.eosin.qformer.QFormerConfig;
import dev.eosin.qformer.QFormerFolder;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What `eosin inspect` says of a model with a Q-Former.
///
/// @param facts by what they say
record QFormerInspection(Map<String, String> facts) {
  private static final String NEEDED = "needed, and not named: a recipe says which";

  /// Reads descriptions, names and shapes; what lies elsewhere is looked for, not read.
  ///
  /// @throws DataException naming the file and what is wrong with it
  static QFormerInspection of(QFormerFolder folder) throws DataException {
    Map<String, String> facts = new LinkedHashMap<>();
    QFormerConfig config = folder.config();
    facts.put("model", config.kind().architecture());
    facts.put(
        "described", folder.isFile() ? "by a checkpoint of LAVIS" : "by " + folder.description());
    facts.put("Q-Former", config.qformer().toString());
    try (StoredTensors own = folder.weights()) {
      long elements = 0;
      for (String name : own.names()) {
        elements += own.header(name).elements();
      }
      facts.put(
          "holds",
          String.format(Locale.ROOT, "%,d numbers in %d tensors", elements, own.names().size()));
    }
    facts.put("image tower", tower(folder));
    if (config.kind().answers()) {
      facts.put("language", language(folder));
    }
    return new QFormerInspection(facts);
  }

  private static String tower(QFormerFolder folder) {
    Optional<String> held = folder.config().tower().map(each -> "in the folder: " + each);
    return folder.tower().map(QFormerInspection::place).or(() -> held).orElse(NEEDED);
  }

  private static String language(QFormerFolder folder) {
    Optional<String> held = folder.config().language().map(each -> "in the folder: " + each.spec());
    return folder.language().map(QFormerInspection::place).or(() -> held).orElse(NEEDED);
  }

  private static String place(FrozenPart part) {
    return "at %s, sha256 %s%s"
        .formatted(
            part.path(),
            part.sha256(),
            Files.exists(part.path()) ? "" : "; there is nothing at that place");
  }

  StoredModels.Inspected inspected() {
    List<String> lines = new ArrayList<>();
    facts.forEach((key, value) -> lines.add("%-13s%s".formatted(key, value)));
    ObjectNode json = new JsonMapper().createObjectNode();
    facts.forEach(json::put);
    return new StoredModels.Inspected(lines, json.toPrettyString());
  }
}
