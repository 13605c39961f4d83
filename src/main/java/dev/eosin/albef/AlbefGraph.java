package dev.eosin.albef;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.features.ImageFeaturesGraph;
import dev.eosin.onnx.Activations;
import dev.eosin.onnx.Attention;
import dev.eosin.onnx.Attribute;
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
import dev.eosin.tower.Vit;
import java.util.List;
import java.util.Optional;

/// The trained encoder of an [Albef] as graphs: what images and texts have in common, and whether
/// one of each belong together. i images, t texts, m tokens of an image, e their width, d embedding
/// size. Names as of the graphs of a first stage of BLIP-2's, with one vector for each image;
/// similarities are cosines without the temperature.
///
/// @param weights of the trained encoder and the judgement, under Eosin's names; open until the
///   graphs are written
public record AlbefGraph(
    Albef model, StoredTensors weights, Opset opset, GraphPrecision precision) {
  private static final double IMAGE_EPSILON = 1e-5;
  private static final String IDS = "input_ids";
  private static final String MASK = "attention_mask";
  private static final String IMAGES = "image_batch_size";
  private static final String TEXTS = "text_batch_size";

  /// `pixel_values`, `input_ids` and `attention_mask` to `logits_per_image` [i,t],
  /// `logits_per_text`, `text_embeds` [t,d] and `image_embeds` [i,d].
  ///
  /// @throws DataException when a weight is missing
  public OnnxModel whole() throws DataException {
    GraphPass pass = pass("albef");
    GraphValue image = imageFeatures(pass);
    GraphValue text = textFeatures(pass);
    GraphValue perImage = pass.op("MatMul", List.of(image, turned(pass, text)));
    pass.graph().output("logits_per_image", perImage, Dimension.of(IMAGES), Dimension.of(TEXTS));
    pass.graph()
        .output(
            "logits_per_text", turned(pass, perImage), Dimension.of(TEXTS), Dimension.of(IMAGES));
    give(pass, "text_embeds", text, TEXTS);
    give(pass, "image_embeds", image, IMAGES);
    return pass.graph().build();
  }

  /// `pixel_values` to `image_embeds` [i,d].
  ///
  /// @throws DataException when a weight is missing
  public OnnxModel image() throws DataException {
    GraphPass pass = pass("albef-image");
    give(pass, "image_embeds", imageFeatures(pass), IMAGES);
    return pass.graph().build();
  }

  /// `input_ids` and `attention_mask` to `text_embeds` [t,d].
  ///
  /// @throws DataException when a weight is missing
  public OnnxModel text() throws DataException {
    GraphPass pass = pass("albef-text");
    give(pass, "text_embeds", textFeatures(pass), TEXTS);
    return pass.graph().build();
  }

  /// `pixel_values`, `input_ids` and `attention_mask`, a text for each image, to `match_logits`
  /// [i,2]: no and yes. The id that texts begin with where they are judged is set here.
  ///
  /// @throws DataException when a weight is missing
  public OnnxModel match() throws DataException {
    GraphPass pass = pass("albef-match");
    GraphValue image = states(pass);
    GraphValue ids = ids(pass, IDS, IMAGES);
    GraphValue mask = ids(pass, MASK, IMAGES);
    GraphValue rest = Rows.slice(pass, ids, 1, 1, Long.MAX_VALUE);
    GraphValue one = pass.op("Mul", List.of(Rows.slice(pass, ids, 1, 0, 1), zero(pass)));
    GraphValue judge = pass.op("Add", List.of(one, pass.graph().whole(model.judge())));
    GraphValue begun = pass.op("Concat", List.of(judge, rest), Attribute.of("axis", 1L));
    GraphValue states = through(pass, begun, mask, Optional.of(image));
    String name = model.judgement().match();
    pass.graph()
        .output(
            "match_logits",
            projected(pass, first(pass, states), name),
            Dimension.of(IMAGES),
            Dimension.of(2));
    return pass.graph().build();
  }

  private static GraphValue zero(GraphPass pass) {
    return pass.graph().whole(0);
  }

  private GraphPass pass(String name) {
    return new GraphPass(new GraphBuilder(name, opset, precision), weights);
  }

  private static GraphValue ids(GraphPass pass, String name, String rows) {
    return pass.graph()
        .input(name, ElementType.INT64, Dimension.of(rows), Dimension.of("sequence_length"));
  }

  private void give(GraphPass pass, String name, GraphValue vectors, String rows) {
    long width = model.trained().projections().embedSize();
    pass.graph().output(name, vectors, Dimension.of(rows), Dimension.of(width));
  }

  private static GraphValue turned(GraphPass pass, GraphValue matrix) {
    return pass.op("Transpose", List.of(matrix), Attribute.of("perm", new long[] {1, 0}));
  }

  /// In fp32, in a graph of any precision.
  private static GraphValue projected(GraphPass pass, GraphValue x, String name)
      throws DataException {
    GraphValue product = Linears.wide(pass, x, name + ".weight");
    return pass.op("Add", List.of(product, pass.weight(name + ".bias")));
  }

  private static GraphValue first(GraphPass pass, GraphValue states) {
    return pass.op("Squeeze", List.of(Rows.firstToken(pass, states), pass.graph().wholes(1)));
  }

  /// An image's tokens through the tower's last norm [i,m,e].
  private GraphValue states(GraphPass pass) throws DataException {
    ImageEncoder images = model.trained().images();
    Vit vit = images.vit();
    GraphValue pixels =
        pass.graph()
            .input(
                ImageFeaturesGraph.PIXELS,
                ElementType.FLOAT,
                Dimension.of(IMAGES),
                Dimension.of(3),
                Dimension.of(vit.height()),
                Dimension.of(vit.width()));
    GraphValue states = new ImageFeaturesGraph(pass, images.images()).of(pixels);
    return Norms.layerNorm(
        pass, states, images.lastNorm().get(0), images.lastNorm().get(1), IMAGE_EPSILON);
  }

  private GraphValue imageFeatures(GraphPass pass) throws DataException {
    String name = model.trained().projections().image();
    return Norms.unit(pass, projected(pass, first(pass, states(pass)), name));
  }

  private GraphValue textFeatures(GraphPass pass) throws DataException {
    GraphValue ids = ids(pass, IDS, TEXTS);
    GraphValue mask = ids(pass, MASK, TEXTS);
    GraphValue states = through(pass, ids, mask, Optional.empty());
    String name = model.trained().projections().text();
    return Norms.unit(pass, projected(pass, first(pass, states), name));
  }

  /// The last layer's states of texts [t,n,c], fp32; each layer's are marked, `text.blocks.0`.
  ///
  /// @param image what they look at [t,m,e]
  private GraphValue through(
      GraphPass pass, GraphValue ids, GraphValue present, Optional<GraphValue> image)
      throws DataException {
    TextEncoder texts = model.trained().texts();
    GraphValue rows = Rows.of(pass, texts.table(), ids);
    GraphValue places = Rows.first(pass, texts.positions(), Attention.size(pass, ids, 1));
    GraphValue x = norm(pass, pass.op("Add", List.of(rows, places)), texts.norm());
    GraphValue mask = Attention.mask(pass, Attention.notPadding(pass, present));
    for (int layer = 0; layer < texts.spec().layers(); layer++) {
      String place = texts.block(layer);
      GraphValue before = x;
      x =
          pass.marked(
              place, pass.graph().within(place, () -> layer(pass, place, before, mask, image)));
    }
    return x;
  }

  private GraphValue layer(
      GraphPass pass, String layer, GraphValue x, GraphValue mask, Optional<GraphValue> image)
      throws DataException {
    List<GraphValue> own =
        Attention.parts(pass, linear(pass, x, layer + ".attention.query-key-value"), 3);
    GraphValue heard = attended(pass, own.get(0), own.get(1), own.get(2), Optional.of(mask));
    GraphValue h = added(pass, layer, x, heard, "attention.output", "attention-norm");
    if (image.isPresent()) {
      List<GraphValue> seen =
          Attention.parts(pass, linear(pass, image.get(), layer + ".cross-attention.key-value"), 2);
      GraphValue asking = linear(pass, h, layer + ".cross-attention.query");
      GraphValue looked = attended(pass, asking, seen.get(0), seen.get(1), Optional.empty());
      h = added(pass, layer, h, looked, "cross-attention.output", "cross-attention-norm");
    }
    GraphValue up = Activations.gelu(pass, linear(pass, h, layer + ".mlp.up"));
    return added(pass, layer, h, up, "mlp.down", "mlp-norm");
  }

  private GraphValue attended(
      GraphPass pass, GraphValue q, GraphValue k, GraphValue v, Optional<GraphValue> mask) {
    int heads = model.trained().texts().spec().heads();
    int width = model.trained().texts().spec().width();
    int size = width / heads;
    GraphValue attended =
        Attention.attended(
            pass,
            Attention.heads(pass, q, heads, size),
            Attention.heads(pass, k, heads, size),
            Attention.heads(pass, v, heads, size),
            Math.pow(size, -0.5),
            mask);
    return Attention.tokens(pass, attended, width);
  }

  /// norm(x + linear(y))
  private GraphValue added(
      GraphPass pass, String layer, GraphValue x, GraphValue y, String linear, String norm)
      throws DataException {
    GraphValue sum = pass.residual(x, linear(pass, y, layer + "." + linear));
    return norm(pass, sum, layer + "." + norm);
  }

  private GraphValue norm(GraphPass pass, GraphValue x, String name) throws DataException {
    double epsilon = model.trained().texts().spec().normEpsilon();
    return Norms.layerNorm(pass, x, name + ".weight", name + ".bias", epsilon);
  }

  private static GraphValue linear(GraphPass pass, GraphValue x, String name) throws DataException {
    return Linears.linear(pass, x, name + ".weight", name + ".bias");
  }
}
