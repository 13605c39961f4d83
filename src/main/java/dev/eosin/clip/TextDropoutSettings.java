package dev.eosin.clip;

import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.config.Doc;
import dev.eosin.config.Range;
import dev.eosin.nn.Dropout;
import dev.eosin.tower.BertText;
import java.util.Optional;

/// The key `model.text-dropout` of a CLIP recipe.
@Doc("Dropout of a BERT text tower in training steps, instead of what its config says.")
public record TextDropoutSettings(
    @Doc(
            "Of the embeddings and of what attention and MLP add to the tokens; without it the config's hidden_dropout_prob.")
        @Range(min = 0, below = 1)
        Optional<Double> hidden,
    @Doc("Of the attention probabilities; without it the config's attention_probs_dropout_prob.")
        @Range(min = 0, below = 1)
        Optional<Double> attention) {
  /// The architecture, trained so; one whose text tower is no BERT as it is.
  ClipSpec applied(ClipSpec spec) {
    if (spec.text() instanceof BertText bert) {
      Dropout before = bert.encoder().dropout();
      return spec.withText(
          bert.with(
              new Dropout(hidden.orElse(before.hidden()), attention.orElse(before.attention()))));
    }
    return spec;
  }
}
