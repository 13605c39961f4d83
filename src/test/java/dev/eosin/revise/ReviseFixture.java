package dev.eosin.revise;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.config.Binder;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeFile;
import dev.eosin.prepare.PreparationReport;
import dev.eosin.prepare.PreparationRun;
import dev.eosin.prepare.PreparationSettings;
import dev.eosin.prepare.PreparationSettings.Failed;
import dev.eosin.prepare.PreparationSettings.Limits;
import dev.eosin.prepare.RowPreparation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Settings and runs of the tests.
final class ReviseFixture {
  static final String TABLE =
      "captions: { type: table, path: src/test/resources/revise/captions.jsonl, key: id, image:"
          + " image, group: slide }\n";
  private static final ObjectMapper JSON = new ObjectMapper();

  private ReviseFixture() {}

  static <T> T bound(String yaml, Class<T> type) {
    RecipeFile recipe = RecipeFile.parse(Path.of("test.yaml"), yaml, List.of(), Map.of());
    return Binder.bind(recipe, type);
  }

  static DegradeSettings degrade(String yaml) {
    return bound(yaml, DegradeSettings.class);
  }

  static PreparationReport run(Path folder, RowPreparation preparation) throws DataException {
    var settings = new PreparationSettings(3, Failed.OPEN, 50, Limits.NONE);
    return new PreparationRun(folder, preparation, settings, 7).run(progress -> {}, () -> false);
  }

  static List<JsonNode> lines(Path file) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  static JsonNode json(Path file) throws IOException {
    return JSON.readTree(Files.readString(file));
  }
}
