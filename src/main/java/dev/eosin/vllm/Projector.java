package dev.eosin.vllm;

import dev.eosin.nn.Part;
import dev.eosin.nn.Transformer;
import java.util.Optional;

/// What carries an image tower's features into a language model's tokens.
public sealed interface Projector extends Part permits LinearProjector, TileConnector {
  /// Width of its tokens, the language model's.
  int width();

  /// Nothing here is a stack of CLIP's blocks.
  @Override
  default Optional<Transformer> blocks() {
    return Optional.empty();
  }
}
