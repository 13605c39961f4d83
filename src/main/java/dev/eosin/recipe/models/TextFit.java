package dev.eosin.recipe.models;

import dev.eosin.clip.ModelSettings;
import dev.eosin.clip.WeightsSettings;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.config.Problem;
import dev.eosin.data.opened.DataSettings;
import dev.eosin.text.Tokenizer;
import dev.eosin.tower.BertText;
import dev.eosin.tower.Causal;
import dev.eosin.tower.Vit;
import java.util.ArrayList;
import java.util.List;

/// Whether captions, tokenizer and weights are those of a model's towers.
final class TextFit {
  private TextFit() {}

  static List<Problem> problems(
      ModelSettings model, DataSettings data, ClipSpec spec, Tokenizer tokenizer) {
    var problems = new ArrayList<Problem>();
    if (tokenizer.vocabularySize() > spec.text().vocabulary()) {
      problems.add(
          ClipModels.problem(
              "data.text.tokenizer",
              "has %d ids, the model's vocabulary %d"
                  .formatted(tokenizer.vocabularySize(), spec.text().vocabulary())));
    }
    switch (spec.text()) {
      case Causal _ -> {}
      case BertText bert -> problems.addAll(bert(bert, data.text().length(), tokenizer));
    }
    boolean own = spec.image() instanceof Vit && spec.text() instanceof Causal;
    if (model.weights().orElse(null) instanceof WeightsSettings.HuggingFace && !own) {
      problems.add(
          ClipModels.problem(
              "model.weights",
              "is of type hugging-face, a CLIPModel with CLIP's own towers; model.config describes others, use type open-clip"));
    }
    return problems;
  }

  /// Positions are read from the first on, so captions may be of any length that has them.
  private static List<Problem> bert(BertText bert, int length, Tokenizer tokenizer) {
    var problems = new ArrayList<Problem>();
    int positions = bert.encoder().positions();
    if (length > positions) {
      problems.add(
          ClipModels.problem(
              "data.text.length",
              "is %d, the text tower has %d positions".formatted(length, positions)));
    }
    if (tokenizer.paddingId() != bert.encoder().padding()) {
      problems.add(
          ClipModels.problem(
              "data.text.tokenizer",
              "pads with %d, the text tower takes %d for padding; a text tower of BERT kind needs its own tokenizer: { type: bert, path: ... }"
                  .formatted(tokenizer.paddingId(), bert.encoder().padding())));
    }
    return problems;
  }
}
