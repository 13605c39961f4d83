package dev.eosin.qformer;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.features.ImageFeatures;
import dev.eosin.features.ImageFeaturesGraph;
import dev.eosin.onnx.Dimension;
import dev.eosin.onnx.ElementType;
import dev.eosin.onnx.GraphBuilder;
import dev.eosin.onnx.GraphPass;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.GraphValue;
import dev.eosin.onnx.Linears;
import dev.eosin.onnx.Norms;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Opset;
import dev.eosin.onnx.Rows;
import java.util.Optional;

/// The second stage of a Q-Former as a graph: images, and for InstructBLIP instructions, to tokens
/// of a language model. The language model has graphs of its own (`language.graphs.DecoderGraph`,
/// `language.graphs.T5Graph`), which take those tokens before those of the prompt.
///
/// @param tower whose tokens are read
/// @param weights of all of it under Eosin's names; open until the graph is written
public record ReaderGraph(
    ImageFeatures tower,
    ImageReader reader,
    StoredTensors weights,
    Opset opset,
    GraphPrecision precision) {
  /// int64 [b,t]: the instruction
  public static final String INSTRUCTION = "qformer_input_ids";

  /// int64 [b,t]
  public static final String INSTRUCTION_MASK = "qformer_attention_mask";

  /// fp32 [b,q,d]
  public static final String FEATURES = "image_features";

  static final String IMAGES = "batch_size";

  /// `pixel_values` [b,3,h,w], where instructions are read `qformer_input_ids` and
  /// `qformer_attention_mask` [b,t], to `image_features` [b,q,d].
  ///
  /// @throws DataException when a weight is missing
  public OnnxModel visionEncoder() throws DataException {
    GraphPass pass = new GraphPass(new GraphBuilder("vision_encoder", opset, precision), weights);
    QFormer qformer = reader.qformer();
    var image = image(pass, tower, reader.norm());
    var blocks = new QFormerGraph(pass, qformer, "");
    GraphValue states =
        reader.instructed()
            ? blocks.both(image, words(pass, INSTRUCTION, INSTRUCTION_MASK))
            : blocks.read(image);
    String projection = reader.projection().prefix();
    GraphValue queries =
        reader.instructed() ? Rows.slice(pass, states, 1, 0, qformer.spec().queries()) : states;
    GraphValue tokens = Linears.linear(pass, queries, projection + ".weight", projection + ".bias");
    pass.graph()
        .output(
            FEATURES,
            pass.marked(projection, pass.wide(tokens)),
            Dimension.of(IMAGES),
            Dimension.of(qformer.spec().queries()),
            Dimension.of(reader.projection().to()));
    return pass.graph().build();
  }

  /// An image's tokens through the norm behind the tower.
  static QFormerGraph.Image image(GraphPass pass, ImageFeatures tower, ImageNorm norm)
      throws DataException {
    GraphValue pixels =
        pass.graph()
            .input(
                ImageFeaturesGraph.PIXELS,
                ElementType.FLOAT,
                Dimension.of(IMAGES),
                Dimension.of(3),
                Dimension.of(tower.tower().spec().height()),
                Dimension.of(tower.tower().spec().width()));
    GraphValue states =
        Norms.layerNorm(
            pass,
            new ImageFeaturesGraph(pass, tower).of(pixels),
            norm.prefix() + ".weight",
            norm.prefix() + ".bias",
            norm.epsilon());
    return new QFormerGraph.Image(pass.marked(norm.prefix(), states), Optional.empty());
  }

  static QFormerGraph.Words words(GraphPass pass, String ids, String mask) {
    Dimension rows = Dimension.of(IMAGES);
    Dimension tokens = Dimension.of("sequence_length");
    return new QFormerGraph.Words(
        pass.graph().input(ids, ElementType.INT64, rows, tokens),
        pass.graph().input(mask, ElementType.INT64, rows, tokens));
  }
}
