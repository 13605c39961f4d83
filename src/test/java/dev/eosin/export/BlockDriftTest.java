package dev.eosin.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.checkpoint.TensorData;
import dev.eosin.clip.ClipStates;
import dev.eosin.onnx.ElementType;
import dev.eosin.onnx.GraphCase;
import dev.eosin.onnx.GraphValue;
import dev.eosin.onnx.OnnxModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What blocks give beside what they should.
class BlockDriftTest {
  private static final String FIRST = "image.blocks.0";
  private static final String SECOND = "image.blocks.1";

  @TempDir private Path folder;

  private static TensorData all(float value) {
    return TensorData.of(new float[] {value, value, value, value, value, value}, 1, 2, 3);
  }

  private BlockDrift drift(float wanted, float found) throws IOException {
    try (GraphCase graph = GraphCase.of(folder, Map.of("w", all(1)))) {
      GraphValue x = graph.input("x", ElementType.FLOAT, 3);
      GraphValue first = graph.pass().marked(FIRST, graph.pass().op("Add", List.of(x, x)));
      GraphValue second = graph.pass().marked(SECOND, graph.pass().op("Neg", List.of(first)));
      graph.output("y", second, 3);
      OnnxModel model = graph.graph().build();
      Map<String, TensorData> outputs =
          Map.of(
              Objects.requireNonNull(model.marks().get(FIRST)), all(found),
              Objects.requireNonNull(model.marks().get(SECOND)), all(1));
      var states = new LinkedHashMap<String, TensorData>();
      states.put(FIRST, all(wanted));
      states.put(SECOND, all(2));
      return BlockDrift.of(model, outputs, new ClipStates(states, List.of(0)), List.of(2));
    }
  }

  @Test
  void nothingThatStaysNothingIsNoDrift() throws IOException {
    BlockDrift drift = drift(0, 0);
    assertThat(drift.blocks().getFirst().error()).isZero();
    assertThat(drift.worst().orElseThrow().name()).isEqualTo(SECOND);
    assertThat(drift.worst().orElseThrow().error()).isEqualTo(0.5);
  }

  /// Behind numbers beyond fp16's there are none at all: the block that made them is named.
  @Test
  void whatIsTooLargeIsNamedBeforeWhatComesOfIt() throws IOException {
    BlockDrift.Block worst = drift(1, Float.POSITIVE_INFINITY).worst().orElseThrow();
    assertThat(BlockDrift.text(worst)).isEqualTo(FIRST + " gives numbers that are not finite");
    var sums = new BlockSums();
    sums.add(FIRST, rows(Float.NEGATIVE_INFINITY), rows(2), (row, token, tokens) -> true);
    sums.add(SECOND, rows(Float.NaN), rows(2), (row, token, tokens) -> true);
    assertThat(sums.drift().worst().orElseThrow().name()).isEqualTo(FIRST);
  }

  private static TensorData rows(float value) {
    return TensorData.of(new float[] {value, 1}, 1, 1, 2);
  }

  @Test
  void whatIsNotFiniteIsNamedFirst() throws IOException {
    BlockDrift.Block worst = drift(1, Float.NaN).worst().orElseThrow();
    assertThat(worst.name()).isEqualTo(FIRST);
    assertThat(BlockDrift.text(worst)).isEqualTo(FIRST + " gives numbers that are not finite");
  }
}
