package dev.eosin.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.onnx.runtime.GraphSession;
import dev.eosin.onnx.runtime.GraphSessions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Several graphs opened together.
class GraphSessionsTest {
  @TempDir private Path folder;

  private Path graph(String name, String operator) throws IOException {
    TensorData unused = TensorData.of(new float[] {1}, 1);
    try (GraphCase graph = GraphCase.of(folder, Map.of("w", unused))) {
      GraphValue x = graph.input("x", ElementType.FLOAT, 1);
      graph.output("y", graph.pass().op(operator, List.of(x)), 1);
      Path file = folder.resolve(name);
      AtomicFile.write(file, graph.graph().build().file());
      return file;
    }
  }

  @Test
  void eachIsFoundByNameAndAllAreClosedTogether() throws IOException {
    Map<String, TensorData> inputs = Map.of("x", TensorData.of(new float[] {4}, 1));
    GraphSession root;
    GraphSession negative;
    try (GraphSessions sessions =
        GraphSessions.open(
            Map.of("root", graph("a.onnx", "Sqrt"), "negative", graph("b.onnx", "Neg")), 1)) {
      root = sessions.get("root");
      negative = sessions.get("negative");
      assertThat(Objects.requireNonNull(root.run(inputs).get("y")).floats()).containsExactly(2);
      assertThat(Objects.requireNonNull(negative.run(inputs).get("y")).floats())
          .containsExactly(-4);
      assertThatThrownBy(() -> sessions.get("other")).hasMessage("other");
    }
    for (GraphSession closed : List.of(root, negative)) {
      assertThatThrownBy(() -> closed.run(inputs)).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void whereOneCannotBeOpenedNoneIs() throws IOException {
    Map<String, Path> files = new LinkedHashMap<>();
    files.put("root", graph("a.onnx", "Sqrt"));
    files.put("other", folder.resolve("lost.onnx"));
    assertThatThrownBy(() -> GraphSessions.open(files, 1))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("lost.onnx: onnxruntime cannot open it");
  }
}
