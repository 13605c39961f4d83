package dev.eosin.clip;

import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Graph;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.List;

/// One of the two towers, applied to rows of a step. e is the embedding size.
enum Tower {
  IMAGE("image."),
  TEXT("text.");

  private final String prefix;

  Tower(String prefix) {
    this.prefix = prefix;
  }

  /// Unit vectors [to-from,e] fp32. What a row's embedding is depends on the row alone, so that a
  /// second pass over it gives the same.
  Value features(Graph graph, Clip clip, StepRows rows, int from, int to) {
    return switch (this) {
      case IMAGE ->
          clip.imageFeatures(
              graph,
              graph.adopt(rows.pixels(from, to)).data(),
              rows.keptTokens(from, to).map(graph::adopt).map(Value::data),
              rows.adapterDropout(from, to));
      case TEXT ->
          clip.textFeatures(
              graph,
              graph.adopt(rows.ids(from, to)).data(),
              rows.adapterDropout(from, to),
              rows.dropoutSeeds(from, to).map(graph::adopt).map(Value::data));
    };
  }

  /// Whether any of its weights is trained.
  boolean isTrained(Clip clip) {
    return clip.parameters().trainable().stream()
        .anyMatch(parameter -> parameter.name().startsWith(prefix));
  }

  /// Unit vectors [b,e] fp32 of all rows, without a graph; the caller closes them.
  ///
  /// @param atOnce rows that go through the tower together
  Tensor embed(Clip clip, StepRows rows, int atOnce) {
    try (Scope scope = new Scope()) {
      List<Tensor> parts = new ArrayList<>();
      for (int from = 0; from < rows.size(); from += atOnce) {
        try (Forward graph = new Forward(clip.engine())) {
          int to = Math.min(rows.size(), from + atOnce);
          parts.add(scope.own(graph.take(features(graph, clip, rows, from, to))));
        }
      }
      return clip.engine().kernels().one("stacked", parts);
    }
  }
}
