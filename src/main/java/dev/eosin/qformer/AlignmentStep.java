package dev.eosin.qformer;

import dev.eosin.group.Group;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Dropout;
import dev.eosin.nn.Pass;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Graph;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.train.HardNegatives;
import dev.eosin.train.Losses;
import dev.eosin.train.StepLosses;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// How a batch becomes losses and gradients of an [Alignment], whole or in parts, on one rank or
/// several: what is drawn and dropped belongs to the samples, and every loss is the whole batch's,
/// so that none of it changes a result. b own rows of a batch of B, m tokens of an image, e its
/// hidden size.
///
/// In parts, every row is read twice: first without gradients, for the features that all parts are
/// compared with.
///
/// @param model that learns
/// @param parameters its weights
/// @param execution how layers are computed
/// @param key of the run
/// @param group of ranks, whose own rows are one after the other
/// @param atOnce rows of a part
public record AlignmentStep(
    Alignment model,
    ParameterSet parameters,
    BlockExecution execution,
    RandomKey key,
    Group group,
    int atOnce) {
  /// The losses' names, in the order of [Alignment.Losses#all].
  private static final List<String> NAMES = List.of("itc", "itm", "itg");

  /// Own rows.
  ///
  /// @param states the tower's [b,m,e]; the caller's
  /// @param captions of the images, of the same width on every rank
  /// @param positions of the samples in the run `[b]`
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  public record Batch(Tensor states, CaptionRows captions, long... positions) {
    int rows() {
      return captions.rows();
    }
  }

  /// What all parts are compared with.
  ///
  /// @param captions of all ranks
  /// @param states of all ranks [B,m,e]
  /// @param images features [B,q,d]; none where the only part makes its own
  /// @param texts features [B,d]
  /// @param first where own rows stand among all
  private record Everything(
      CaptionRows captions, Tensor states, List<Tensor> images, List<Tensor> texts, int first) {}

  /// @param scale of the gradients
  /// @param losses get own rows' share of the batch's, all of it when most is differentiated
  /// @param sink receives a parameter's gradient once for each use in a pass
  public void differentiate(Batch batch, double scale, StepLosses losses, GradientSink sink) {
    try (Scope scope = new Scope()) {
      Everything all = everything(scope, batch, true);
      for (int from = 0; from < batch.rows(); from += atOnce) {
        int to = Math.min(batch.rows(), from + atOnce);
        differentiate(batch, all, from, to, scale, losses, sink);
      }
    }
    losses.known();
  }

  private void differentiate(
      Batch batch,
      Everything all,
      int from,
      int to,
      double scale,
      StepLosses losses,
      GradientSink sink) {
    CaptionRows captions = captions(batch, from, to);
    AlignmentSeeds seeds = seeds(batch, from, to, true);
    try (Tensor states = states(batch, from, to);
        AlignmentPasses passes =
            AlignmentPasses.read(model, parameters, execution, captions, states, seeds, scale)) {
      Pass pass = passes.pass();
      BatchFeatures features = features(pass, passes.rows(), all, from);
      AlignmentHeads.Similarities found = model.similarities(pass, passes.rows(), features);
      HardNegatives drawn = drawn(pass, batch, found, features, from, to);
      passes.contrast(found, features, losses);
      match(passes, all, drawn, features.size(), losses, sink);
      passes.words(all.captions().asked(), losses, sink);
      passes.finish(sink);
    }
  }

  private void match(
      AlignmentPasses passes,
      Everything all,
      HardNegatives drawn,
      int size,
      StepLosses losses,
      GradientSink sink) {
    if (all.images().isEmpty()) {
      passes.match(drawn, size, losses, sink);
      return;
    }
    try (Tensor images = chosen(all.states(), drawn.imageOfText())) {
      passes.match(images, all.captions().chosen(drawn.textOfImage()), size, losses, sink);
    }
  }

  /// The losses without dropout, with the labels' smoothing of the model.
  public Losses measure(Batch batch) {
    var losses = new StepLosses();
    try (Scope scope = new Scope()) {
      Everything all = everything(scope, batch, false);
      for (int from = 0; from < batch.rows(); from += atOnce) {
        int to = Math.min(batch.rows(), from + atOnce);
        try (Forward graph = new Forward(parameters.engine())) {
          add(part(pass(graph), batch, all, from, to), losses);
        }
      }
    }
    return losses.sum();
  }

  private static void add(Alignment.Losses found, StepLosses losses) {
    for (int i = 0; i < NAMES.size(); i++) {
      losses.add(NAMES.get(i), found.all().get(i).data());
    }
  }

  /// Whether one part on one rank is the whole batch.
  private boolean whole(Batch batch) {
    return group.size() == 1 && atOnce >= batch.rows();
  }

  private Pass pass(Graph graph) {
    return new Pass(graph, parameters, execution);
  }

  private AlignmentSeeds seeds(Batch batch, int from, int to, boolean training) {
    return training && !model.qformer().spec().dropout().equals(Dropout.NONE)
        ? AlignmentSeeds.of(key, model.qformer(), Arrays.copyOfRange(batch.positions(), from, to))
        : AlignmentSeeds.NONE;
  }

  private Everything everything(Scope scope, Batch batch, boolean training) {
    if (whole(batch)) {
      return new Everything(batch.captions(), batch.states(), List.of(), List.of(), 0);
    }
    List<Tensor> images = new ArrayList<>();
    List<Tensor> texts = new ArrayList<>();
    Engine engine = parameters.engine();
    for (int from = 0; from < batch.rows(); from += atOnce) {
      int to = Math.min(batch.rows(), from + atOnce);
      try (Forward graph = new Forward(engine)) {
        Alignment.Rows rows = read(pass(graph), batch, from, to, training);
        images.add(scope.own(engine.kernels().one("copied", rows.imageFeatures().data())));
        texts.add(scope.own(engine.kernels().one("copied", rows.textFeatures().data())));
      }
    }
    return new Everything(
        batch.captions().gathered(engine, group),
        group.size() == 1 ? batch.states() : scope.own(group.gather(batch.states())),
        List.of(scope.own(group.gather(scope.own(engine.kernels().one("stacked", images))))),
        List.of(scope.own(group.gather(scope.own(engine.kernels().one("stacked", texts))))),
        Math.toIntExact(group.before(batch.rows())));
  }

  private static CaptionRows captions(Batch batch, int from, int to) {
    return batch.captions().chosen(IntStream.range(from, to).toArray());
  }

  /// Own rows' states of the tower; the caller closes them.
  private Tensor states(Batch batch, int from, int to) {
    return parameters.engine().kernels().one("row_range", batch.states(), from, to);
  }

  private Alignment.Rows read(Pass pass, Batch batch, int from, int to, boolean training) {
    Value states = pass.graph().adopt(states(batch, from, to));
    Alignment.Rows rows =
        model.read(pass, states, captions(batch, from, to), seeds(batch, from, to, training));
    pass.release(states);
    return rows;
  }

  private BatchFeatures features(Pass pass, Alignment.Rows rows, Everything all, int from) {
    return all.images().isEmpty()
        ? BatchFeatures.own(pass, rows)
        : new BatchFeatures(
            pass.graph().constant(all.images().getFirst()),
            pass.graph().constant(all.texts().getFirst()),
            all.first() + from,
            all.captions().rows());
  }

  private HardNegatives drawn(
      Pass pass,
      Batch batch,
      AlignmentHeads.Similarities found,
      BatchFeatures features,
      int from,
      int to) {
    List<HardNegatives.Uniforms> uniforms =
        Arrays.stream(batch.positions(), from, to)
            .mapToObj(position -> HardNegatives.Uniforms.of(key, position))
            .toList();
    return model.shares(pass, found, features).drawn(uniforms);
  }

  private Alignment.Losses part(Pass pass, Batch batch, Everything all, int from, int to) {
    Alignment.Rows rows = read(pass, batch, from, to, false);
    BatchFeatures features = features(pass, rows, all, from);
    AlignmentHeads.Similarities found = model.similarities(pass, rows, features);
    HardNegatives drawn = drawn(pass, batch, found, features, from, to);
    CaptionRows captions = captions(batch, from, to);
    Alignment.Negatives negatives =
        all.images().isEmpty()
            ? model.among(pass, rows, captions, drawn)
            : new Alignment.Negatives(
                model.image(pass, pass.graph().adopt(chosen(all.states(), drawn.imageOfText()))),
                all.captions().chosen(drawn.textOfImage()));
    return model.losses(
        pass,
        rows,
        captions,
        found,
        features,
        negatives,
        AlignmentSeeds.NONE,
        all.captions().asked());
  }

  /// The caller closes them.
  private Tensor chosen(Tensor states, int[] rows) {
    Engine engine = parameters.engine();
    long[] places = Arrays.stream(rows).asLongStream().toArray();
    try (Tensor where = engine.of(places, places.length)) {
      return engine.kernels().list("qformer_rows", List.of(states, where), List.of()).getFirst();
    }
  }
}
