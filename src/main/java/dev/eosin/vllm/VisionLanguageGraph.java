package dev.eosin.vllm;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.features.ImageFeaturesGraph;
import dev.eosin.language.graphs.DecoderGraph;
import dev.eosin.onnx.Attention;
import dev.eosin.onnx.Attribute;
import dev.eosin.onnx.Dimension;
import dev.eosin.onnx.ElementType;
import dev.eosin.onnx.GraphBuilder;
import dev.eosin.onnx.GraphPass;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.GraphValue;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Opset;
import java.util.List;

/// A [VisionLanguage] as three graphs, in the names of transformers.js: `vision_encoder`,
/// `embed_tokens` and `decoder_model_merged`. Whoever runs them puts an image's features in the
/// places of its marks among the tokens.
///
/// @param weights under Eosin's names, adapters merged; open until the graphs are written
public record VisionLanguageGraph(
    VisionLanguage model, StoredTensors weights, Opset opset, GraphPrecision precision) {
  /// fp32 [b,k,3,h,w]: the tiles of each image, those that are not there of any content
  public static final String TILES = "tile_pixel_values";

  /// int64 `[b]`: how many tiles of each image are there
  public static final String COUNTS = "tile_counts";

  /// fp32 [b,n,d]
  public static final String FEATURES = "image_features";

  private static final String IMAGES = "batch_size";

  /// Images to tokens of the language model: `pixel_values`, for a connector of tiles also
  /// `tile_pixel_values` and `tile_counts`, to `image_features`.
  ///
  /// @throws DataException when a weight is missing
  public OnnxModel visionEncoder() throws DataException {
    GraphPass pass = new GraphPass(new GraphBuilder("vision_encoder", opset, precision), weights);
    var images = new ImageFeaturesGraph(pass, model.images());
    GraphValue pixels = pixels(pass, ImageFeaturesGraph.PIXELS);
    GraphValue features =
        switch (model.projector()) {
          case LinearProjector linear -> new ProjectorGraph(pass).of(linear, images.of(pixels));
          case TileConnector connector -> connected(pass, images, connector, pixels);
        };
    pass.graph()
        .output(
            FEATURES,
            features,
            Dimension.of(IMAGES),
            Dimension.of(model.tokensOfImage()),
            Dimension.of(model.projector().width()));
    return pass.graph().build();
  }

  /// The token table: `input_ids` to `inputs_embeds`.
  ///
  /// @throws DataException when the table is missing
  public OnnxModel embedTokens() throws DataException {
    return decoder().embedTokens();
  }

  /// The language model, which takes `inputs_embeds`.
  ///
  /// @throws DataException when a weight is missing
  public OnnxModel merged() throws DataException {
    return decoder().merged(DecoderGraph.Entry.EMBEDDINGS);
  }

  private DecoderGraph decoder() {
    return new DecoderGraph(model.decoder(), weights, opset, precision);
  }

  /// Whole images and tiles go through the tower together.
  private GraphValue connected(
      GraphPass pass, ImageFeaturesGraph images, TileConnector connector, GraphValue pixels)
      throws DataException {
    GraphBuilder graph = pass.graph();
    GraphValue tiles = pixels(pass, TILES, Dimension.of("tiles"));
    GraphValue counts = graph.input(COUNTS, ElementType.INT64, Dimension.of(IMAGES));
    int height = model.images().tower().spec().height();
    int width = model.images().tower().spec().width();
    GraphValue flat = pass.op("Reshape", List.of(tiles, graph.wholes(-1, 3, height, width)));
    GraphValue all = pass.op("Concat", List.of(pixels, flat), Attribute.of("axis", 0L));
    GraphValue features = images.of(all);
    GraphValue b = row(pass, Attention.size(pass, pixels, 0));
    GraphValue whole = rows(pass, features, graph.wholes(0), b);
    GraphValue others = rows(pass, features, b, graph.wholes(Long.MAX_VALUE));
    GraphValue tokens = graph.whole(model.tokensOfImage());
    GraphValue each = pass.op("Mul", List.of(Attention.size(pass, tiles, 1), tokens));
    GraphValue sizes =
        pass.op(
            "Concat",
            List.of(b, row(pass, each), graph.wholes(connector.hidden())),
            Attribute.of("axis", 0L));
    GraphValue beside = pass.op("Reshape", List.of(others, sizes));
    GraphValue keys = pass.op("Range", List.of(graph.whole(0), each, graph.whole(1)));
    GraphValue ends =
        pass.op(
            "Unsqueeze", List.of(pass.op("Mul", List.of(counts, tokens)), graph.wholes(1, 2, 3)));
    GraphValue real = graph.op("Less", ElementType.BOOL, List.of(keys, ends));
    return new ProjectorGraph(pass).of(connector, whole, beside, real);
  }

  /// int64 [1] of int64 [].
  private static GraphValue row(GraphPass pass, GraphValue whole) {
    return pass.op("Unsqueeze", List.of(whole, pass.graph().wholes(0)));
  }

  private static GraphValue rows(GraphPass pass, GraphValue x, GraphValue from, GraphValue to) {
    return pass.op("Slice", List.of(x, from, to, pass.graph().wholes(0)));
  }

  private GraphValue pixels(GraphPass pass, String name, Dimension... inner) {
    int height = model.images().tower().spec().height();
    int width = model.images().tower().spec().width();
    Dimension[] shape = new Dimension[4 + inner.length];
    shape[0] = Dimension.of(IMAGES);
    System.arraycopy(inner, 0, shape, 1, inner.length);
    shape[1 + inner.length] = Dimension.of(3);
    shape[2 + inner.length] = Dimension.of(height);
    shape[3 + inner.length] = Dimension.of(width);
    return pass.graph().input(name, ElementType.FLOAT, shape);
  }
}
