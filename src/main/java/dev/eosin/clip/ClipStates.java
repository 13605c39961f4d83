package dev.eosin.clip;

import dev.eosin.checkpoint.TensorData;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.tower.CausalTower;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// What each block of a CLIP model gives, under the names that its graphs mark: all tokens [b,n,c]
/// of every block, `image.tokens` and `text.tokens` being what enters the first.
///
/// @param states in the order in which they are computed
/// @param pooled place of the token of each row that is pooled; the first where all are
public record ClipStates(SequencedMap<String, TensorData> states, List<Integer> pooled) {
  public ClipStates {
    states = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(states));
    pooled = List.copyOf(pooled);
  }

  /// Of the image tower.
  ///
  /// @param pixels [b,3,h,w], normalised
  public static ClipStates image(Clip clip, Tensor pixels) {
    try (Forward graph = new Forward(clip.engine())) {
      var pass = new Pass(graph, clip.parameters(), BlockExecution.PLAIN);
      Value tokens = clip.imageTower().tokens(pass, pixels);
      List<Value> blocks = clip.imageTower().hiddenStates(pass, tokens);
      return new ClipStates(
          named(Clip.IMAGE, tokens, blocks),
          Collections.nCopies(Math.toIntExact(pixels.size(0)), 0));
    }
  }

  /// Of the text tower.
  ///
  /// @param ids int64 [b,n]
  public static ClipStates text(Clip clip, Tensor ids) {
    try (Forward graph = new Forward(clip.engine())) {
      var pass = new Pass(graph, clip.parameters(), BlockExecution.PLAIN);
      Value tokens = clip.textTower().tokens(pass, ids);
      List<Value> blocks = clip.textTower().hiddenStates(pass, tokens, ids);
      return new ClipStates(named(Clip.TEXT, tokens, blocks), pooled(clip, ids));
    }
  }

  private static List<Integer> pooled(Clip clip, Tensor ids) {
    if (clip.textTower() instanceof CausalTower causal) {
      try (Tensor end = causal.endOfText(clip.engine(), ids)) {
        return Arrays.stream(end.toLongs()).mapToObj(Math::toIntExact).toList();
      }
    }
    return Collections.nCopies(Math.toIntExact(ids.size(0)), 0);
  }

  private static SequencedMap<String, TensorData> named(
      String tower, Value tokens, List<Value> blocks) {
    SequencedMap<String, TensorData> states = new LinkedHashMap<>();
    states.put(tower + ".tokens", data(tokens));
    for (int i = 0; i < blocks.size(); i++) {
      states.put("%s.blocks.%d".formatted(tower, i), data(blocks.get(i)));
    }
    return states;
  }

  private static TensorData data(Value value) {
    return TensorData.of(value.data().toFloats(), value.data().shape());
  }
}
