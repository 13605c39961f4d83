package dev.eosin.clip;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.checkpoint.Layout;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.config.DataException;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Graph;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.tower.CausalTower;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/// Opens one recorded model case for the tests of a peer: its architecture, its names and its
/// weights.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RecordedClip {
  /// Max abs difference of outputs, and of gradients relative to max(1, max|gradient|), as the
  /// cases' READMEs say.
  static final double TOLERANCE = 1e-4;

  final String name;
  ClipCase recorded;
  ClipSpec spec;
  Layout layout;

  RecordedClip(String name) {
    this.name = name;
  }

  /// Reads the peer's configuration.
  abstract ClipSpec read(String file, JsonNode config) throws DataException;

  /// The peer's names.
  abstract Layout names(ClipSpec read);

  @BeforeAll
  void open() throws IOException {
    recorded = ClipCase.open(name);
    spec = read(name, recorded.config());
    layout = names(spec);
  }

  @AfterAll
  void close() {
    if (recorded != null) {
      recorded.close();
    }
  }

  Clip model(BlockExecution execution) throws IOException {
    return recorded.model(spec, layout, "model.safetensors", execution);
  }

  /// Every block's output of the image tower, all tokens.
  static List<Value> imageStates(Clip clip, Graph graph, Value tokens) {
    return clip.imageTower().hiddenStates(plain(clip, graph), tokens);
  }

  /// Every block's output of the text tower, all tokens.
  static List<Value> textStates(Clip clip, Graph graph, Value tokens, Tensor ids) {
    return clip.textTower().hiddenStates(plain(clip, graph), tokens, ids);
  }

  /// A pass whose blocks are computed in full.
  static Pass plain(Clip clip, Graph graph) {
    return new Pass(graph, clip.parameters(), BlockExecution.PLAIN);
  }

  /// Where a causal tower pools.
  static Tensor endOfText(Clip clip, Tensor ids) {
    return ((CausalTower) clip.textTower()).endOfText(clip.engine(), ids);
  }

  static List<BlockExecution> executions() {
    return ClipCase.executions();
  }
}
