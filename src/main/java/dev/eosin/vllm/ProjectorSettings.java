package dev.eosin.vllm;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import java.util.Optional;

/// `model.projector` of a recipe: what carries an image tower's features into a language model.
@Doc("What carries the image tower's features into the language model.")
public sealed interface ProjectorSettings {
  /// @param prefix of its weights' names
  /// @param from width of the features
  /// @param width of the language model
  /// @throws IllegalArgumentException beginning with the key, when there is none of these sizes
  Projector of(String prefix, int from, int width);

  /// LLaVA's.
  @Named("linear")
  @Doc("LLaVA's projector: linears with GELU between them.")
  record Linear(
      @Doc("Number of linears: 1 is LLaVA's first projector, 2 is mlp2x_gelu of LLaVA-1.5.")
          @OrElse("2")
          @Range(min = 1, max = 8)
          int depth)
      implements ProjectorSettings {
    @Override
    public Projector of(String prefix, int from, int width) {
      return new LinearProjector(prefix, from, width, depth);
    }
  }

  /// PA-LLaVA's.
  @Named("connector")
  @Doc(
      "PA-LLaVA's scale-invariant connector: the whole image, squashed to the tower's input, asks 4 to 8 tiles of it in layers of BERT's kind.")
  record Connector(
      @Doc("Number of layers.") @OrElse("6") @Range(min = 1) int layers,
      @Doc("Attention heads, a divisor of the tower's width; of 64 elements each without it.")
          @Range(min = 1)
          Optional<Integer> heads,
      @Doc("Hidden size of the MLPs; four times the tower's width without it.") @Range(min = 1)
          Optional<Integer> mlpWidth)
      implements ProjectorSettings {
    private static final int HEAD = 64;
    private static final int MLP = 4;

    @Override
    public Projector of(String prefix, int from, int width) {
      int chosen = heads.orElse(Math.max(1, from / HEAD));
      if (from % chosen != 0) {
        throw new IllegalArgumentException(
            "heads: %d heads do not divide the image tower's width %d".formatted(chosen, from));
      }
      return new TileConnector(prefix, from, layers, chosen, mlpWidth.orElse(MLP * from), width);
    }
  }
}
