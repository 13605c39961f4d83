package dev.eosin.qformer;

import dev.eosin.language.TokenMask;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.nn.Part;
import dev.eosin.nn.Pass;
import dev.eosin.qformer.AlignmentSeeds.Through;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.train.HardNegatives;
import java.util.Arrays;
import java.util.List;

/// The first stage of a Q-Former, behind a frozen image tower: images and texts that belong
/// together are drawn together (ITC), judged (ITM), and told (ITG). b own rows of a batch of B, m
/// tokens of an image, e its hidden size.
///
/// A step: [#read] the rows, [#shares] to draw negatives of the whole batch, [#losses]. A batch in
/// several parts, or on several ranks, is read once without gradients for its features; what a part
/// needs of others is their features, the tower's states of its texts' negative images, and its
/// images' negative texts.
///
/// Source: LAVIS `blip2_qformer.py`. There the third loss is a mean over each rank's words, here
/// over the batch's.
///
/// @param norm of the tower's tokens
/// @param qformer that reads words, too
/// @param heads behind it
/// @param begin id that texts begin with where they are told, BERT's `[DEC]`
/// @param smoothing of labels, of contrast and words
public record Alignment(
    ImageNorm norm, QFormer qformer, AlignmentHeads heads, int begin, double smoothing) {
  private static final Kernel ROWS = new Kernel("qformer_rows");
  private static final Kernel STACKED = new Kernel("alignment_stacked");
  private static final Kernel STATES = new Kernel("rows_at");

  /// Rows that have been read.
  ///
  /// @param image what queries see
  /// @param queries of the images alone
  /// @param text of the texts alone [b,t,c]
  /// @param imageFeatures unit vectors [b,q,d]
  /// @param textFeatures unit vectors [b,d]
  public record Rows(
      List<Value> image,
      QueryStates queries,
      Value text,
      Value imageFeatures,
      Value textFeatures) {}

  /// How likely each of the batch is a row's negative.
  ///
  /// @param images of own texts [b B]
  /// @param texts of own images [b B]
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  public record Shares(float[] images, float[] texts) {
    /// Draws for each row.
    ///
    /// @param uniforms one for each row
    public HardNegatives drawn(List<HardNegatives.Uniforms> uniforms) {
      int width = images.length / uniforms.size();
      int[] imageOfText = new int[uniforms.size()];
      int[] textOfImage = new int[uniforms.size()];
      for (int row = 0; row < imageOfText.length; row++) {
        HardNegatives.Uniforms own = uniforms.get(row);
        int from = row * width;
        imageOfText[row] = HardNegatives.drawn(images, from, from + width, own.imageOfText());
        textOfImage[row] = HardNegatives.drawn(texts, from, from + width, own.textOfImage());
      }
      return new HardNegatives(imageOfText, textOfImage);
    }
  }

  /// What is judged wrongly together.
  ///
  /// @param images what queries see of each text's negative image, as [Rows#image]
  /// @param texts each image's negative text
  public record Negatives(List<Value> images, CaptionRows texts) {}

  /// What own rows add to the batch's losses, each [].
  ///
  /// @param contrast ITC
  /// @param match ITM
  /// @param words ITG
  public record Losses(Value contrast, Value match, Value words) {
    public List<Value> all() {
      return List.of(contrast, match, words);
    }
  }

  /// In the order of the forward pass.
  public List<Part> parts() {
    return List.of(norm, qformer, heads);
  }

  /// What queries see of images.
  ///
  /// @param states the tower's [b,m,e]; not released
  public List<Value> image(Pass pass, Value states) {
    Value normed = norm.normed(pass, states);
    List<Value> image = qformer.image(pass, normed);
    pass.release(normed);
    return image;
  }

  /// @param states the tower's [b,m,e]; not released
  public Rows read(Pass pass, Value states, CaptionRows captions, AlignmentSeeds seeds) {
    Value words = qformer.words(pass, captions.tensor(pass));
    return read(pass, states, words, captions.mask(), seeds);
  }

  /// @param words of the captions; released
  Rows read(Pass pass, Value states, Value words, TokenMask mask, AlignmentSeeds seeds) {
    List<Value> image = image(pass, states);
    QueryStates queries = qformer.queries(pass, image, seeds.of(pass, Through.QUERIES));
    Value text = qformer.text(pass, words, mask, seeds.of(pass, Through.TEXT));
    return new Rows(
        image,
        queries,
        text,
        heads.imageFeatures(pass, queries.last()),
        heads.textFeatures(pass, text));
  }

  /// How alike own rows and the batch are.
  public AlignmentHeads.Similarities similarities(Pass pass, Rows rows, BatchFeatures all) {
    return heads.similarities(pass, rows.imageFeatures(), rows.textFeatures(), all);
  }

  /// How likely each of the batch is a row's negative.
  public Shares shares(Pass pass, AlignmentHeads.Similarities found, BatchFeatures all) {
    try (Tensor texts = shares(pass, found.texts(), all);
        Tensor images = shares(pass, found.images(), all);
        Tensor both = pass.engine().kernels().one("stacked", List.of(texts, images))) {
      float[] read = both.toFloats();
      int ofTexts = Math.toIntExact(texts.elements());
      return new Shares(
          Arrays.copyOf(read, ofTexts), Arrays.copyOfRange(read, ofTexts, read.length));
    }
  }

  /// [b,B]
  private static Tensor shares(Pass pass, Value similarities, BatchFeatures all) {
    return pass.engine().kernels().one("alignment_shares", similarities.data(), all.first());
  }

  /// Negatives that are among the own rows.
  public Negatives among(Pass pass, Rows rows, CaptionRows captions, HardNegatives drawn) {
    long[] places = Arrays.stream(drawn.imageOfText()).asLongStream().toArray();
    Value chosen = pass.graph().adopt(pass.engine().of(places, places.length));
    List<Value> images =
        rows.image().stream()
            .map(each -> pass.one(ROWS, List.of(each, chosen), List.of()))
            .toList();
    return new Negatives(images, captions.chosen(drawn.textOfImage()));
  }

  /// @param words that the whole batch's captions are learned from, see [CaptionRows#asked]
  public Losses losses(
      Pass pass,
      Rows rows,
      CaptionRows captions,
      AlignmentHeads.Similarities found,
      BatchFeatures all,
      Negatives negatives,
      AlignmentSeeds seeds,
      int words) {
    return new Losses(
        heads.contrast(pass, found, all, smoothing),
        match(pass, rows, captions, negatives, seeds, all.size()),
        words(pass, rows, captions, seeds, words));
  }

  private Value match(
      Pass pass,
      Rows rows,
      CaptionRows captions,
      Negatives negatives,
      AlignmentSeeds seeds,
      int batch) {
    int b = captions.rows();
    Value logits = matches(pass, rows, captions, negatives, seeds);
    long[] labels = new long[3 * b];
    Arrays.fill(labels, 0, b, 1);
    Tensor targets = pass.graph().adopt(pass.engine().of(labels, labels.length)).data();
    return AlignmentHeads.crossEntropy(pass, logits, targets, 0, 3.0 * batch);
  }

  /// Logits of no and yes [3b,2]: of own pairs, of negative images with texts, of images with
  /// negative texts.
  Value matches(
      Pass pass, Rows rows, CaptionRows captions, Negatives negatives, AlignmentSeeds seeds) {
    Value own = judged(pass, rows.image(), captions, seeds, Through.BOTH);
    Value image = judged(pass, negatives.images(), captions, seeds, Through.BOTH_OTHER_IMAGE);
    Value text = judged(pass, rows.image(), negatives.texts(), seeds, Through.BOTH_OTHER_TEXT);
    return pass.one(STACKED, List.of(own, image, text), List.of());
  }

  private Value judged(
      Pass pass, List<Value> image, CaptionRows texts, AlignmentSeeds seeds, Through through) {
    Value words = qformer.words(pass, texts.tensor(pass));
    return judged(pass, image, words, texts.mask(), seeds, through);
  }

  /// Logits of no and yes [b,2].
  ///
  /// @param words released
  /// @param through whose dropout it is; the rows of several are one below the other
  Value judged(
      Pass pass,
      List<Value> image,
      Value words,
      TokenMask mask,
      AlignmentSeeds seeds,
      Through... through) {
    Value states = qformer.both(pass, image, words, mask, seeds.of(pass, through));
    Value logits = heads.match(pass, states);
    pass.release(states);
    return logits;
  }

  private Value words(Pass pass, Rows rows, CaptionRows captions, AlignmentSeeds seeds, int words) {
    return words(pass, told(pass, rows, captions, seeds), captions, words);
  }

  /// The loss of captions' words. []
  ///
  /// @param states of captions that see the queries [b,t,c]
  /// @param words that the whole batch's captions are learned from
  Value words(Pass pass, Value states, CaptionRows captions, int words) {
    long[] places = captions.places();
    long[] targets = captions.targets();
    Value where = pass.graph().adopt(pass.engine().of(places, places.length));
    Value some = pass.one(STATES, List.of(states, where), List.of());
    Tensor next = pass.graph().adopt(pass.engine().of(targets, targets.length)).data();
    return heads.told(pass, some, next, smoothing, words);
  }

  /// States of captions that see the queries of their images. [b,t,c]
  Value told(Pass pass, Rows rows, CaptionRows captions, AlignmentSeeds seeds) {
    CaptionRows begun = captions.begunWith(begin);
    return qformer.continued(
        pass, rows.queries(), begun.tensor(pass), begun.mask(), seeds.of(pass, Through.CONTINUED));
  }
}
