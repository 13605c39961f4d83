package dev.eosin.qformer;

import dev.eosin.language.TokenMask;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.qformer.AlignmentSeeds.Through;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.train.HardNegatives;
import dev.eosin.train.StepLosses;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// The losses of some rows of an [Alignment] and their gradients, one pass through the Q-Former
/// after the other: what judges pairs and what tells captions is differentiated at once, on a tape
/// of its own, so that until the end nothing is kept but the passes of images alone and of texts
/// alone. b rows of B, t words, m tokens of an image, e its hidden size.
final class AlignmentPasses implements AutoCloseable {
  private static final Kernel ROWS = new Kernel("qformer_rows");
  private static final Kernel STACKED = new Kernel("alignment_stacked");
  private static final Through[] PAIRS = {
    Through.BOTH, Through.BOTH_OTHER_IMAGE, Through.BOTH_OTHER_TEXT
  };

  private final Alignment model;
  private final Pass pass;
  private final Tape tape;
  private final CaptionRows captions;
  private final AlignmentSeeds seeds;
  private final double scale;
  private final Value words;
  private final Value begun;
  private final Alignment.Rows rows;
  private final OuterGradients outer;

  private AlignmentPasses(
      Alignment model,
      Pass pass,
      Tape tape,
      CaptionRows captions,
      Tensor states,
      AlignmentSeeds seeds,
      double scale) {
    this.model = model;
    this.pass = pass;
    this.tape = tape;
    this.captions = captions;
    this.seeds = seeds;
    this.scale = scale;
    this.outer = new OuterGradients(pass.engine().kernels());
    long[] own = captions.ids();
    long[] told = captions.begunWith(model.begin()).ids();
    long[] ids = LongStream.concat(Arrays.stream(own), Arrays.stream(told)).toArray();
    int b = captions.rows();
    Tensor both = pass.graph().adopt(pass.engine().of(ids, 2L * b, captions.mask().width())).data();
    Value all = model.qformer().words(pass, both); // one gradient of the large table for all passes
    this.words = some(pass, all, LongStream.range(0, b).toArray());
    this.begun = some(pass, all, LongStream.range(b, 2L * b).toArray());
    this.rows = model.read(pass, tape.constant(states), words, captions.mask(), seeds);
  }

  /// Reads the images alone and the texts alone.
  ///
  /// @param states the tower's [b,m,e]; the caller's, open until this is closed
  /// @param seeds of dropout
  /// @param scale of the gradients
  static AlignmentPasses read(
      Alignment model,
      ParameterSet parameters,
      BlockExecution execution,
      CaptionRows captions,
      Tensor states,
      AlignmentSeeds seeds,
      double scale) {
    Tape tape = new Tape(parameters.engine());
    try {
      Pass pass = new Pass(tape, parameters, execution);
      return new AlignmentPasses(model, pass, tape, captions, states, seeds, scale);
    } catch (RuntimeException e) {
      tape.close();
      throw e;
    }
  }

  private static Value some(Pass pass, Value all, long... places) {
    Value where = pass.graph().adopt(pass.engine().of(places, places.length));
    return pass.one(ROWS, List.of(all, where), List.of());
  }

  /// Where images and texts were read.
  Pass pass() {
    return pass;
  }

  Alignment.Rows rows() {
    return rows;
  }

  /// The contrastive loss.
  void contrast(AlignmentHeads.Similarities found, BatchFeatures features, StepLosses losses) {
    Value loss = model.heads().contrast(pass, found, features, model.smoothing());
    outer.add(loss, pass.engine().kernels().one("filled_like", loss.data(), scale));
    losses.add("itc", loss.data());
  }

  /// The loss of judging pairs, with negatives among these rows.
  ///
  /// @param batch B
  void match(HardNegatives drawn, int batch, StepLosses losses, GradientSink sink) {
    int b = captions.rows();
    long[] images =
        LongStream.concat(
                LongStream.concat(LongStream.range(0, b), places(drawn.imageOfText())),
                LongStream.range(0, b))
            .toArray();
    match(
        (inner, read) ->
            read.of(rows.image()).stream().map(each -> some(inner, each, images)).toList(),
        some(pass, words, places(drawn.textOfImage()).toArray()),
        captions.chosen(drawn.textOfImage()).mask(),
        batch,
        losses,
        sink);
  }

  private static LongStream places(int[] rows) {
    return Arrays.stream(rows).asLongStream();
  }

  /// The loss of judging pairs, with negatives from anywhere.
  ///
  /// @param images the tower's states of each text's negative image [b,m,e]; the caller's
  /// @param texts each image's negative text
  /// @param batch B
  void match(Tensor images, CaptionRows texts, int batch, StepLosses losses, GradientSink sink) {
    match(
        (inner, read) -> {
          List<Value> own = read.of(rows.image());
          List<Value> other = model.image(inner, inner.graph().constant(images));
          return IntStream.range(0, own.size())
              .mapToObj(i -> stacked(inner, own.get(i), other.get(i), own.get(i)))
              .toList();
        },
        model.qformer().words(pass, texts.tensor(pass)),
        texts.mask(),
        batch,
        losses,
        sink);
  }

  private static Value stacked(Pass pass, Value... values) {
    return pass.one(STACKED, List.of(values), List.of());
  }

  /// Own pairs, negative images with texts, and images with negative texts in one pass.
  ///
  /// @param images of all three [3b,m,2c]
  private void match(
      BiFunction<Pass, OuterGradients.Reading, List<Value>> images,
      Value otherWords,
      TokenMask otherMask,
      int batch,
      StepLosses losses,
      GradientSink sink) {
    TokenMask own = captions.mask();
    TokenMask mask =
        new TokenMask(
            3 * own.rows(),
            own.width(),
            LongStream.concat(
                    LongStream.concat(Arrays.stream(own.present()), Arrays.stream(own.present())),
                    Arrays.stream(otherMask.present()))
                .toArray());
    long[] labels = new long[3 * own.rows()];
    Arrays.fill(labels, 0, own.rows(), 1);
    apart(
        (inner, read) -> {
          List<Value> seen = images.apply(inner, read);
          Value texts = stacked(inner, read.of(words), read.of(words), read.of(otherWords));
          Value logits = model.judged(inner, seen, texts, mask, seeds, PAIRS);
          Tensor wanted = inner.graph().adopt(pass.engine().of(labels, labels.length)).data();
          return AlignmentHeads.crossEntropy(inner, logits, wanted, 0, 3.0 * batch);
        },
        "itm",
        losses,
        sink);
  }

  /// The loss of telling captions.
  ///
  /// @param asked words that the whole batch's captions are learned from
  void words(int asked, StepLosses losses, GradientSink sink) {
    apart(
        (inner, read) -> {
          QueryStates queries =
              new QueryStates(
                  rows.queries().last(),
                  read.of(rows.queries().keys()),
                  read.of(rows.queries().values()));
          Value states =
              model
                  .qformer()
                  .continued(
                      inner,
                      queries,
                      read.of(begun),
                      captions.mask(),
                      seeds.of(inner, Through.CONTINUED));
          return model.words(inner, states, captions, asked);
        },
        "itg",
        losses,
        sink);
  }

  /// A loss of its own, differentiated.
  private void apart(
      BiFunction<Pass, OuterGradients.Reading, Value> loss,
      String name,
      StepLosses losses,
      GradientSink sink) {
    try (Tape other = new Tape(pass.engine())) {
      OuterGradients.Reading read = outer.reading(other);
      Value value = loss.apply(new Pass(other, pass.parameters(), pass.execution()), read);
      losses.add(name, value.data());
      other.backward(value, scale, sink);
      read.take();
    }
  }

  /// Differentiates what was read first, by all losses.
  void finish(GradientSink sink) {
    List<Value> values = outer.values();
    tape.backward(values, outer.handedOver(), sink);
  }

  @Override
  public void close() {
    outer.close();
    tape.close();
  }
}
