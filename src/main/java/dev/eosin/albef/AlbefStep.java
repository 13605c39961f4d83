package dev.eosin.albef;

import dev.eosin.albef.AlbefTargets.Wanted;
import dev.eosin.group.Group;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Graph;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.train.HardNegatives;
import dev.eosin.train.Losses;
import dev.eosin.train.StepLosses;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// How a batch becomes losses and gradients of an [Albef], whole or in parts, on one rank or
/// several: every loss is the whole batch's, so that none of it changes a result. b own rows of a
/// batch of B, d embedding size.
///
/// In parts, or on several ranks, rows are read without gradients first, for the features that all
/// parts are compared with; an image that is another row's negative is read again with the part of
/// that row, so that its gradient is whole.
///
/// @param model that learns
/// @param parameters its weights
/// @param execution how layers are computed
/// @param group of ranks, whose own rows are one after the other
/// @param atOnce rows of a part
public record AlbefStep(
    Albef model, ParameterSet parameters, BlockExecution execution, Group group, int atOnce) {
  private static final Kernel CONTRAST = new Kernel("soft_cross_entropy");
  private static final Kernel ROWS = new Kernel("qformer_rows");

  /// Own rows.
  ///
  /// @param pixels [b,3,h,w], normalised; the caller's
  /// @param captions of the images, of the same width on every rank
  /// @param uniforms of the negatives that are drawn, one for each row
  public record Rows(Tensor pixels, CaptionRows captions, List<HardNegatives.Uniforms> uniforms) {
    public Rows {
      uniforms = List.copyOf(uniforms);
    }

    int size() {
      return captions.rows();
    }
  }

  /// All ranks' rows.
  ///
  /// @param images trained features [B,d]; none where the only part makes its own
  /// @param texts as above
  private record Everything(
      Tensor pixels, CaptionRows captions, List<Tensor> images, List<Tensor> texts) {}

  /// A part of own rows.
  private record Part(int from, int to, int first) {
    int[] places() {
      return IntStream.range(from, to).toArray();
    }
  }

  /// @param wanted what features are to be like; the caller's
  /// @param scale of the gradients
  /// @param losses get own rows' share of the batch's, all of it when most is differentiated
  /// @param sink receives a parameter's gradient once for each part
  /// @return each part's negatives, in order
  public List<HardNegatives> differentiate(
      Rows rows, AlbefTargets wanted, double scale, StepLosses losses, GradientSink sink) {
    List<HardNegatives> drawn = new ArrayList<>();
    try (Scope scope = new Scope()) {
      Everything all = everything(scope, rows);
      for (Part part : parts(rows)) {
        try (Tape tape = new Tape(engine())) {
          List<Value> found = losses(pass(tape), rows, all, wanted, part, drawn);
          add(found, losses);
          if (part.to == rows.size()) {
            losses.known();
          }
          List<Tensor> ones =
              found.stream()
                  .map(loss -> engine().kernels().one("filled_like", loss.data(), scale))
                  .toList();
          tape.backward(found, ones, sink);
        }
      }
    }
    return drawn;
  }

  /// The losses alone.
  ///
  /// @param wanted as for [#differentiate]
  public Losses measure(Rows rows, AlbefTargets wanted) {
    var losses = new StepLosses();
    try (Scope scope = new Scope()) {
      Everything all = everything(scope, rows);
      for (Part part : parts(rows)) {
        try (Forward graph = new Forward(engine())) {
          add(losses(pass(graph), rows, all, wanted, part, new ArrayList<>()), losses);
        }
      }
    }
    return losses.sum();
  }

  /// Features of own rows without gradients, [b,d]; the caller closes them.
  ///
  /// @param encoder trained or momentum
  public Features features(PairEncoder encoder, Rows rows) {
    try (Scope scope = new Scope()) {
      List<Tensor> images = new ArrayList<>();
      List<Tensor> texts = new ArrayList<>();
      for (Part part : parts(rows)) {
        try (Forward graph = new Forward(engine());
            Tensor pixels = pixels(rows, part)) {
          Pass pass = pass(graph);
          images.add(scope.own(copied(encoder.imageFeatures(pass, pixels))));
          texts.add(scope.own(copied(encoder.textFeatures(pass, captions(rows, part)))));
        }
      }
      return new Features(
          engine().kernels().one("stacked", images), engine().kernels().one("stacked", texts));
    }
  }

  private Tensor copied(Value value) {
    return engine().kernels().one("copied", value.data());
  }

  /// Features of all ranks' rows [B,d], from those of each; the caller closes both.
  public Features gathered(Features own) {
    return new Features(group.gather(own.images()), group.gather(own.texts()));
  }

  private Engine engine() {
    return parameters.engine();
  }

  private Pass pass(Graph graph) {
    return new Pass(graph, parameters, execution);
  }

  private List<Part> parts(Rows rows) {
    List<Part> parts = new ArrayList<>();
    int before = Math.toIntExact(group.before(rows.size()));
    for (int from = 0; from < rows.size(); from += atOnce) {
      parts.add(new Part(from, Math.min(rows.size(), from + atOnce), before + from));
    }
    return parts;
  }

  private Tensor pixels(Rows rows, Part part) {
    return engine().kernels().one("row_range", rows.pixels(), part.from, part.to);
  }

  private static CaptionRows captions(Rows rows, Part part) {
    return rows.captions().chosen(part.places());
  }

  private Everything everything(Scope scope, Rows rows) {
    if (group.size() == 1 && atOnce >= rows.size()) {
      return new Everything(rows.pixels(), rows.captions(), List.of(), List.of());
    }
    try (Features own = features(model.trained(), rows)) {
      Features all = gathered(own);
      return new Everything(
          group.size() == 1 ? rows.pixels() : scope.own(group.gather(rows.pixels())),
          rows.captions().gathered(engine(), group),
          List.of(scope.own(all.images())),
          List.of(scope.own(all.texts())));
    }
  }

  /// Of images, of texts, of judgements, each [].
  private List<Value> losses(
      Pass pass,
      Rows rows,
      Everything all,
      AlbefTargets wanted,
      Part part,
      List<HardNegatives> drawn) {
    PairEncoder encoder = model.trained();
    CaptionRows captions = captions(rows, part);
    Value states = encoder.images().states(pass, pass.graph().adopt(pixels(rows, part)).data());
    Value images = encoder.projections().images(pass, states);
    Value texts = encoder.textFeatures(pass, captions);
    int batch = all.captions().rows();
    Value ofImages = contrast(pass, images, wanted.images(), part, batch);
    Value ofTexts = contrast(pass, texts, wanted.texts(), part, batch);
    HardNegatives negatives = drawn(pass, rows, all, part, images, texts);
    drawn.add(negatives);
    List<Value> image = encoder.texts().image(pass, states);
    List<Value> other =
        all.images().isEmpty()
            ? among(pass, image, negatives)
            : encoder.texts().image(pass, others(pass, all, negatives));
    CaptionRows otherTexts = all.captions().chosen(negatives.textOfImage());
    Value match = model.match(pass, image, other, captions, otherTexts, batch);
    return List.of(ofImages, ofTexts, match);
  }

  private Value contrast(Pass pass, Value own, Wanted wanted, Part part, int batch) {
    Value others = pass.graph().constant(wanted.others());
    Value found = model.judgement().similarities(pass, own, others);
    Tensor temperature = parameters.get(model.judgement().temperature()).data();
    Tensor targets;
    try (Tensor like = engine().kernels().one("row_range", wanted.like(), part.from, part.to)) {
      targets =
          engine()
              .kernels()
              .one("albef_targets", like, wanted.others(), temperature, part.first, wanted.alpha());
    }
    Value goal = pass.graph().adopt(targets);
    return pass.one(CONTRAST, List.of(found, goal), List.of(), 2.0 * batch);
  }

  private HardNegatives drawn(
      Pass pass, Rows rows, Everything all, Part part, Value images, Value texts) {
    List<HardNegatives.Uniforms> uniforms = rows.uniforms().subList(part.from, part.to);
    Tensor allImages = all.images().isEmpty() ? images.data() : all.images().getFirst();
    Tensor allTexts = all.texts().isEmpty() ? texts.data() : all.texts().getFirst();
    float[] shares = shares(texts.data(), allImages, images.data(), allTexts, part);
    int width = all.captions().rows();
    int[] imageOfText = new int[uniforms.size()];
    int[] textOfImage = new int[uniforms.size()];
    for (int row = 0; row < imageOfText.length; row++) {
      int text = row * width;
      int image = (imageOfText.length + row) * width;
      imageOfText[row] =
          HardNegatives.drawn(shares, text, text + width, uniforms.get(row).imageOfText());
      textOfImage[row] =
          HardNegatives.drawn(shares, image, image + width, uniforms.get(row).textOfImage());
    }
    return new HardNegatives(imageOfText, textOfImage);
  }

  /// How likely each of the batch is a row's negative, of texts [b B], then of images [b B]: one
  /// read of the device.
  private float[] shares(
      Tensor texts, Tensor allImages, Tensor images, Tensor allTexts, Part part) {
    try (Tensor ofTexts = shares(texts, allImages, part);
        Tensor ofImages = shares(images, allTexts, part);
        Tensor both = engine().kernels().one("stacked", List.of(ofTexts, ofImages))) {
      return both.toFloats();
    }
  }

  private Tensor shares(Tensor own, Tensor all, Part part) {
    try (Forward graph = new Forward(engine())) {
      Pass pass = pass(graph);
      Value found =
          model
              .judgement()
              .similarities(pass, pass.graph().constant(own), pass.graph().constant(all));
      return engine().kernels().one("alignment_shares", found.data(), part.first);
    }
  }

  private static List<Value> among(Pass pass, List<Value> image, HardNegatives negatives) {
    Value places = pass.graph().adopt(places(pass.engine(), negatives));
    return image.stream().map(each -> pass.one(ROWS, List.of(each, places), List.of())).toList();
  }

  private Value others(Pass pass, Everything all, HardNegatives negatives) {
    Tensor pixels;
    try (Tensor places = places(engine(), negatives)) {
      pixels =
          engine()
              .kernels()
              .list("qformer_rows", List.of(all.pixels(), places), List.of())
              .getFirst();
    }
    return model.trained().images().states(pass, pass.graph().adopt(pixels).data());
  }

  private static Tensor places(Engine engine, HardNegatives negatives) {
    long[] places = Arrays.stream(negatives.imageOfText()).asLongStream().toArray();
    return engine.of(places, places.length);
  }

  private static void add(List<Value> found, StepLosses losses) {
    losses.add("ita", found.get(0).data(), found.get(1).data());
    losses.add("itm", found.get(2).data());
  }
}
