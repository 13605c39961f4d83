package dev.eosin.vllm;

import dev.eosin.features.ImageFeatures;
import dev.eosin.language.Columns;
import dev.eosin.language.Decoder;
import dev.eosin.language.DecoderSequences;
import dev.eosin.language.rows.TokenRows;
import dev.eosin.nn.Part;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.List;
import java.util.Optional;

/// A model in LLaVA's manner. b rows, n columns, d width of the language model, i images.
///
/// Source: Liu et al., "Visual Instruction Tuning" (2023) and "Improved Baselines with Visual
/// Instruction Tuning" (2024).
///
/// @param images what is taken of the image tower
/// @param projector carries it over
/// @param decoder reads it, with its adapters
public record VisionLanguage(ImageFeatures images, Projector projector, Decoder decoder) {
  /// What the names of the image tower's weights begin with.
  public static final String IMAGE = "image";

  /// What the names of the projector's weights begin with.
  public static final String PROJECTOR = "projector";

  /// What the names of the decoder's weights begin with.
  public static final String DECODER = "decoder";

  private static final Kernel WITH_FEATURES = new Kernel("with_features");

  /// @throws IllegalArgumentException when the parts do not fit together
  public VisionLanguage {
    int taken =
        switch (projector) {
          case LinearProjector linear -> linear.from();
          case TileConnector connector -> connector.hidden();
        };
    if (taken != images.width() || projector.width() != decoder.spec().width()) {
      throw new IllegalArgumentException(
          "features of width %d, a projector from %d to %d, a decoder of width %d"
              .formatted(images.width(), taken, projector.width(), decoder.spec().width()));
    }
  }

  /// In the order of the forward pass.
  public List<Part> parts() {
    return List.of(images, projector, decoder);
  }

  /// Every weight but the adapters'.
  public List<Weight> weights() {
    return parts().stream().flatMap(part -> part.weights().stream()).toList();
  }

  /// The same with another decoder, such as one with adapters.
  public VisionLanguage with(Decoder other) {
    return new VisionLanguage(images, projector, other);
  }

  /// Tokens of each image.
  public int tokensOfImage() {
    return images.tokens();
  }

  /// The tokens of images, in the language model's width. [i,k,d]
  ///
  /// @throws IllegalArgumentException when the connector needs tiles and there are none
  public Value seen(Pass pass, Pictures pictures) {
    return switch (projector) {
      case LinearProjector linear -> linear.of(pass, featured(pass, pictures.whole()));
      case TileConnector connector -> {
        if (!(pictures instanceof Pictures.Tiled tiled)) {
          throw new IllegalArgumentException("the connector needs each image's tiles");
        }
        Value tiles = featured(pass, tiled.tiles());
        TileConnector.Tiles beside = connector.tiles(pass, tiles, tiled.counts());
        yield connector.of(pass, featured(pass, tiled.whole()), beside);
      }
    };
  }

  /// Features are taken as they are.
  private Value featured(Pass pass, Tensor pictures) {
    boolean pixels = pictures.shape().length == 4;
    return pixels ? images.of(pass, pictures) : pass.graph().constant(pictures);
  }

  /// Rows as the decoder takes them, images in their places. [b,n,d]
  ///
  /// @param scope keeps what a backward pass may read
  /// @param seen tokens of the images, as [#seen] gives them; none where there is no image
  public Value tokens(Pass pass, Scope scope, SeenRows rows, Optional<Value> seen) {
    Engine engine = pass.engine();
    Value tokens = decoder.embed(pass, scope.own(rows.rows().ids(engine)));
    if (rows.places().length == 0) {
      return tokens;
    }
    Value places = pass.graph().constant(scope.own(engine.of(rows.places(), rows.places().length)));
    Value features = seen.orElseThrow();
    Value all = pass.one(WITH_FEATURES, List.of(tokens, features, places), List.of());
    pass.release(tokens);
    pass.release(features);
    return all;
  }

  /// The summed cross entropy of what is asked for, divided by `weight`; empty where nothing is. []
  ///
  /// @param scope keeps what a backward pass may read
  /// @param pictures of the rows; none where there is no image
  /// @param weight of the whole batch that makes an update: its number of tokens that are asked for
  public Optional<Value> loss(
      Pass pass, Scope scope, SeenRows rows, Optional<Pictures> pictures, double weight) {
    TokenRows asked = rows.rows();
    if (asked.asked() == 0) {
      return Optional.empty();
    }
    Optional<Value> seen = pictures.map(some -> seen(pass, some));
    Value tokens = tokens(pass, scope, rows, seen);
    Value states = decoder.through(pass, tokens, asked.columns());
    Value picked = decoder.rows(pass, states, scope.own(asked.places(pass.engine())));
    pass.release(states);
    return Optional.of(
        decoder.loss(
            pass, decoder.normed(pass, picked), scope.own(asked.targets(pass.engine())), weight));
  }

  /// Rows that are continued token by token.
  ///
  /// @param prompts ids of each row, an image's place in them as often as it has tokens
  /// @param imageId stands in the images' places
  /// @param pictures of the rows; none where there is no image
  /// @param more tokens that each row may grow by
  /// @throws IllegalArgumentException when images and places differ in number
  public DecoderSequences continued(
      Pass pass, List<int[]> prompts, int imageId, Optional<Pictures> pictures, int more) {
    int width = prompts.stream().mapToInt(ids -> ids.length).max().orElseThrow();
    int[] lengths = prompts.stream().mapToInt(ids -> ids.length).toArray();
    long[] ids = new long[lengths.length * width];
    for (int row = 0; row < lengths.length; row++) {
      for (int i = 0; i < lengths[row]; i++) {
        ids[(row + 1) * width - lengths[row] + i] = prompts.get(row)[i];
      }
    }
    int count = pictures.map(some -> Math.toIntExact(some.whole().size(0))).orElse(0);
    TokenRows rows = new TokenRows(lengths.length, width, ids, new long[0], new long[0]);
    SeenRows seen = SeenRows.of(rows, imageId, count, tokensOfImage());
    try (Scope scope = new Scope()) {
      Value tokens = tokens(pass, scope, seen, pictures.map(some -> seen(pass, some)));
      try {
        Columns columns = Columns.endingTogether(width, lengths);
        return DecoderSequences.of(decoder, pass, tokens.data(), columns, more);
      } finally {
        pass.release(tokens);
      }
    }
  }
}
