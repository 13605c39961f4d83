package dev.eosin.eval.tiles;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a model makes of tiles, computed once for all tasks.
///
/// @param model what it is called in results
/// @param vectors one for each tile `[n][c]`
/// @param texts how it embeds the prompts; empty where it does not, or is not there any more
/// @param tunable the model itself, to be trained on; empty where only features are here
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record TileFeatures(
    String model, float[][] vectors, Optional<Texts> texts, Optional<TunableModel> tunable) {
  /// Of what is not trained on.
  public TileFeatures(String model, float[][] vectors, Optional<Texts> texts) {
    this(model, vectors, texts, Optional.empty());
  }

  /// The prompts in a model with one embedding space.
  ///
  /// @param vectors of each prompt, of length 1 `[c]`
  /// @param logitScale what cosines are multiplied with to be logits
  public record Texts(Map<String, float[]> vectors, double logitScale) {
    public Texts {
      vectors = Collections.unmodifiableMap(new LinkedHashMap<>(vectors));
    }

    /// Of prompts that are in their order.
    ///
    /// @param embedded `[prompts][c]`
    public static Texts of(List<String> prompts, float[][] embedded, double logitScale) {
      Map<String, float[]> vectors = new LinkedHashMap<>();
      for (int i = 0; i < embedded.length; i++) {
        vectors.put(prompts.get(i), embedded[i]);
      }
      return new Texts(vectors, logitScale);
    }

    float[] of(String prompt) {
      float[] vector = vectors.get(prompt);
      if (vector == null) {
        throw new IllegalArgumentException("no vector of the prompt '%s'".formatted(prompt));
      }
      return vector;
    }
  }

  /// Every prompt of the classes, each once.
  ///
  /// @param templates with `{}`
  public static List<String> prompts(List<TileClass> classes, List<String> templates) {
    var prompts = new LinkedHashSet<String>();
    for (TileClass each : classes) {
      for (String name : each.texts()) {
        templates.forEach(template -> prompts.add(template.replace("{}", name)));
      }
    }
    return new ArrayList<>(prompts);
  }
}
