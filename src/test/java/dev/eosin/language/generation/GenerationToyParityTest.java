package dev.eosin.language.generation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.ParityCase;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Golden case generation-toy: options of transformers' `generate`, drawn at random, on scores that
/// are a fixed function of a row's ids.
@Tag("parity")
class GenerationToyParityTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);

  @Test
  void everyRunHasTheIdsAndScoresOfThePeer() throws IOException {
    GenerationCase recorded = GenerationCase.open(ParityCase.open("generation-toy"));
    int vocabulary = recorded.json().required("vocabulary").intValue();
    long open = ENGINE.openTensors();
    for (GenerationCase.Run run : recorded.runs()) {
      recorded.check(
          run,
          new ToySequences(
              ENGINE, vocabulary, new ToyScores(vocabulary)::after, recorded.content()));
    }
    assertThat(ENGINE.openTensors()).isEqualTo(open);
  }
}
