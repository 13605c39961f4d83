package dev.eosin.mining;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;

/// What `scripts/record-mining.py` recorded.
record RecordedMining(JsonNode json) {
  static RecordedMining read() throws IOException {
    return new RecordedMining(
        new ObjectMapper().readTree(Path.of("src/test/resources/mining/recorded.json").toFile()));
  }

  float[][] vectors(String name) {
    JsonNode rows = json.path(name);
    float[][] vectors = new float[rows.size()][rows.path(0).size()];
    for (int i = 0; i < vectors.length; i++) {
      for (int j = 0; j < vectors[i].length; j++) {
        vectors[i][j] = (float) rows.path(i).path(j).asDouble();
      }
    }
    return vectors;
  }

  int[] whole(String name) {
    return json.path(name).valueStream().mapToInt(JsonNode::asInt).toArray();
  }

  double number(String name) {
    return json.path(name).asDouble();
  }
}
