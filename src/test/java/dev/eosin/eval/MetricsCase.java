package dev.eosin.eval;

import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.SafetensorsFile;
import java.io.IOException;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// The golden case metrics, open while a test runs.
abstract class MetricsCase {
  /// The case's tolerance of what follows from features.
  static final Offset<Double> FROM_FEATURES = within(1e-6);

  private final ParityCase parity = ParityCase.open("metrics");

  /// What a peer was given.
  SafetensorsFile inputs;

  /// What it made of that.
  SafetensorsFile expected;

  /// Its figures.
  JsonNode metrics;

  @BeforeEach
  void open() throws IOException {
    inputs = SafetensorsFile.open(parity.file("inputs.safetensors"));
    expected = SafetensorsFile.open(parity.file("expected.safetensors"));
    metrics = new JsonMapper().readTree(parity.text("metrics.json"));
  }

  @AfterEach
  void close() {
    inputs.close();
    expected.close();
  }
}
