package dev.eosin.qformer;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.features.ImageFeatures;
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
import java.util.List;

/// The first stage of a Q-Former as graphs: what images and texts have in common, and whether one
/// of each belong together. i images, t texts, q queries, d embedding size. Names as in
/// transformers' `Blip2ForImageTextRetrieval`; as there, similarities are cosines without a
/// temperature.
///
/// @param tower whose tokens are read
/// @param weights of all of it under Eosin's names; open until the graphs are written
public record AlignmentGraph(
    ImageFeatures tower,
    Alignment model,
    StoredTensors weights,
    Opset opset,
    GraphPrecision precision) {
  public static final String IDS = "input_ids";
  public static final String MASK = "attention_mask";
  public static final String IMAGE = "image_embeds";
  public static final String TEXT = "text_embeds";

  /// fp32 [i,t]: of an image's queries, the one that is most alike
  public static final String PER_IMAGE = "logits_per_image";

  /// fp32 [t,i]
  public static final String PER_TEXT = "logits_per_text";

  /// fp32 [b,2]: no and yes
  public static final String MATCH = "match_logits";

  private static final String TEXTS = "text_batch_size";

  /// `pixel_values`, `input_ids` and `attention_mask` to `logits_per_image`, `logits_per_text`,
  /// `text_embeds` [t,d] and `image_embeds` [i,q,d].
  ///
  /// @throws DataException when a weight is missing
  public OnnxModel whole() throws DataException {
    GraphPass pass = pass("alignment");
    GraphValue image = imageFeatures(pass);
    GraphValue text = textFeatures(pass);
    GraphValue turned =
        pass.op("Transpose", List.of(text), Attribute.of("perm", new long[] {1, 0}));
    GraphValue cosines = pass.op("MatMul", List.of(image, turned));
    GraphValue perImage =
        pass.op(
            "ReduceMax", List.of(cosines, pass.graph().wholes(1)), Attribute.of("keepdims", 0L));
    GraphValue perText =
        pass.op("Transpose", List.of(perImage), Attribute.of("perm", new long[] {1, 0}));
    Dimension images = Dimension.of(ReaderGraph.IMAGES);
    pass.graph().output(PER_IMAGE, perImage, images, Dimension.of(TEXTS));
    pass.graph().output(PER_TEXT, perText, Dimension.of(TEXTS), images);
    giveText(pass, text);
    giveImage(pass, image);
    return pass.graph().build();
  }

  /// `pixel_values` to `image_embeds` [i,q,d].
  ///
  /// @throws DataException when a weight is missing
  public OnnxModel image() throws DataException {
    GraphPass pass = pass("alignment-image");
    giveImage(pass, imageFeatures(pass));
    return pass.graph().build();
  }

  /// `input_ids` and `attention_mask` to `text_embeds` [t,d].
  ///
  /// @throws DataException when a weight is missing
  public OnnxModel text() throws DataException {
    GraphPass pass = pass("alignment-text");
    giveText(pass, textFeatures(pass));
    return pass.graph().build();
  }

  /// `pixel_values`, `input_ids` and `attention_mask`, a text for each image, to `match_logits`.
  ///
  /// @throws DataException when a weight is missing
  public OnnxModel match() throws DataException {
    GraphPass pass = pass("alignment-match");
    QFormer qformer = model.qformer();
    var words = ReaderGraph.words(pass, IDS, MASK);
    var image = ReaderGraph.image(pass, tower, model.norm());
    GraphValue both = new QFormerGraph(pass, qformer, "").both(image, words);
    GraphValue queries = Rows.slice(pass, both, 1, 0, qformer.spec().queries());
    GraphValue each = projected(pass, queries, "match");
    GraphValue mean =
        pass.op("ReduceMean", List.of(each, pass.graph().wholes(1)), Attribute.of("keepdims", 0L));
    pass.graph().output(MATCH, mean, Dimension.of(ReaderGraph.IMAGES), Dimension.of(2));
    return pass.graph().build();
  }

  private GraphPass pass(String name) {
    return new GraphPass(new GraphBuilder(name, opset, precision), weights);
  }

  /// In fp32, in a graph of any precision.
  private GraphValue projected(GraphPass pass, GraphValue x, String part) throws DataException {
    GraphValue product = Linears.wide(pass, x, model.heads().name(part + ".weight"));
    return pass.op("Add", List.of(product, pass.weight(model.heads().name(part + ".bias"))));
  }

  private GraphValue imageFeatures(GraphPass pass) throws DataException {
    var image = ReaderGraph.image(pass, tower, model.norm());
    GraphValue queries = new QFormerGraph(pass, model.qformer(), "image.").read(image);
    return Norms.unit(pass, projected(pass, queries, "image-projection"));
  }

  private GraphValue textFeatures(GraphPass pass) throws DataException {
    Dimension texts = Dimension.of(TEXTS);
    Dimension tokens = Dimension.of("sequence_length");
    var words =
        new QFormerGraph.Words(
            pass.graph().input(IDS, ElementType.INT64, texts, tokens),
            pass.graph().input(MASK, ElementType.INT64, texts, tokens));
    GraphValue states = new QFormerGraph(pass, model.qformer(), "text.").text(words);
    GraphValue first =
        pass.op("Squeeze", List.of(Rows.firstToken(pass, states), pass.graph().wholes(1)));
    return Norms.unit(pass, projected(pass, first, "text-projection"));
  }

  private void giveText(GraphPass pass, GraphValue text) {
    pass.graph().output(TEXT, text, Dimension.of(TEXTS), Dimension.of(model.heads().embedSize()));
  }

  private void giveImage(GraphPass pass, GraphValue image) {
    pass.graph()
        .output(
            IMAGE,
            image,
            Dimension.of(ReaderGraph.IMAGES),
            Dimension.of(model.qformer().spec().queries()),
            Dimension.of(model.heads().embedSize()));
  }
}
