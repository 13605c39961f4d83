package dev.eosin.run.models;

import dev.eosin.clip.Clip;
import dev.eosin.clip.ClipInputs;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.stored.ClipWeights;
import dev.eosin.clip.stored.StoredClip;
import dev.eosin.config.CountOrAuto;
import dev.eosin.config.DataException;
import dev.eosin.data.synthetic.Fact;
import dev.eosin.data.synthetic.FactTiles;
import dev.eosin.data.synthetic.Facts;
import dev.eosin.eval.AttentionProbe;
import dev.eosin.eval.Bootstrap;
import dev.eosin.eval.ConfusionMatrix;
import dev.eosin.eval.Interval;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tensor;
import dev.eosin.tower.ImageSpec;
import dev.eosin.train.WeightsPart;
import dev.eosin.train.machine.ComputeSettings;
import dev.eosin.train.machine.Processor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/// How much of each fact of a drawn tile can be read from an image tower's tokens: what nobody who
/// reads the tower can exceed by much. Probes learn on tiles of one series and are measured on
/// another's.
///
/// @param train tiles that probes learn on
/// @param heldOut tiles that they are measured on
/// @param until blocks of the tower, see [Clip#imageTokens]
/// @param passes of a probe over its tiles
/// @param seed of tiles and probes
public record FactCeiling(int train, int heldOut, int until, int passes, long seed) {
  /// Below this, a fact is not drawn clearly enough, or the tower is too weak.
  public static final double EXPECTED = 0.9;

  private static final int AT_ONCE = 50;
  private static final int RESAMPLES = 1000;
  // Neither those of `split: train` nor of `split: validation`.
  private static final long TRAIN_SERIES = 2;
  private static final long HELD_OUT_SERIES = 3;

  /// What was found of a fact.
  ///
  /// @param tiles held-out ones that show it
  /// @param accuracy of the probe on them
  /// @param interval of the accuracy at 95 %
  /// @param chance of a guess
  public record Ceiling(Fact fact, int tiles, double accuracy, Interval interval, double chance) {
    /// Whether the fact is read well enough.
    public boolean suffices() {
      return accuracy >= EXPECTED;
    }
  }

  /// @throws IllegalArgumentException for no tiles or no passes
  public FactCeiling {
    if (train < 1 || heldOut < 1 || passes < 1) {
      throw new IllegalArgumentException(
          "%d training tiles, %d held-out tiles and %d passes: at least 1 of each is needed"
              .formatted(train, heldOut, passes));
    }
  }

  /// @param model a run folder, a checkpoint, or any file or folder of a CLIP model
  /// @param progress told what is done, one line each
  /// @throws DataException when the model cannot be read, or its input is not square
  public List<Ceiling> of(
      Path model, WeightsPart part, NamedArchitecture named, Consumer<String> progress)
      throws IOException {
    try (StoredClip stored = StoredModels.open(model, part, named.spec())) {
      ClipSpec spec = stored.requiredSpec();
      int side = side(model, spec.image());
      Engine engine = new ComputeSettings(Processor.AUTO, new CountOrAuto.Auto()).start();
      try (Clip clip =
              Clip.allocate(engine, spec, DType.FLOAT32, false, Clip.fastest(engine.device()));
          ClipInputs inputs = inputs(engine, stored, progress);
          Scope scope = new Scope()) {
        ClipWeights.load(clip, ClipWeights.eosin(spec), stored.own());
        RandomKey key = new RandomKey(seed);
        progress.accept("drawing %d tiles of %d px".formatted(train + heldOut, side));
        var tower = new Tower(clip, inputs, until, scope);
        List<Shown> learned = tower.look(new FactTiles(key, TRAIN_SERIES, side), train);
        List<Shown> asked = tower.look(new FactTiles(key, HELD_OUT_SERIES, side), heldOut);
        List<Ceiling> ceilings = new ArrayList<>();
        for (Fact fact : Fact.values()) {
          progress.accept("probing " + fact.label());
          ceilings.add(ceiling(engine, fact, learned, asked));
        }
        return ceilings;
      }
    }
  }

  private static ClipInputs inputs(Engine engine, StoredClip stored, Consumer<String> progress)
      throws DataException {
    Optional<Normalisation> said = stored.normalisation();
    if (said.isEmpty()) {
      progress.accept(stored.path() + " does not say how pixels are normalised; OpenAI's is taken");
    }
    return new ClipInputs(engine, DType.FLOAT32, said.orElse(Normalisation.OPENAI));
  }

  private static int side(Path model, ImageSpec image) throws DataException {
    if (image.height() != image.width()) {
      throw new DataException(
          "%s: its input has %d x %d px, drawn tiles are square"
              .formatted(model, image.height(), image.width()));
    }
    return image.height();
  }

  /// What a tower makes of some tiles.
  ///
  /// @param tokens [b,n,c]
  private record Shown(Tensor tokens, List<Facts> facts) {
    AttentionProbe.Rows rows(Fact fact) {
      return new AttentionProbe.Rows(
          tokens,
          facts.stream()
              .mapToInt(one -> one.shows(fact) ? one.value(fact) : AttentionProbe.NONE)
              .toArray());
    }
  }

  /// @param scope owns what it sees
  private record Tower(Clip clip, ClipInputs inputs, int until, Scope scope) {
    List<Shown> look(FactTiles tiles, int count) {
      List<Shown> seen = new ArrayList<>();
      int row = 3 * tiles.size() * tiles.size();
      for (int from = 0; from < count; from += AT_ONCE) {
        int first = from;
        int rows = Math.min(AT_ONCE, count - from);
        byte[] images = new byte[rows * row];
        IntStream.range(0, rows)
            .parallel()
            .forEach(i -> tiles.draw(first + i).writePlanar(images, i * row));
        try (Forward graph = new Forward(clip.engine());
            Tensor pixels = inputs.pixels(images, 0, rows, tiles.size(), tiles.size())) {
          Tensor tokens = scope.own(graph.take(clip.imageTokens(graph, pixels, until)));
          List<Facts> facts = IntStream.range(first, first + rows).mapToObj(tiles::facts).toList();
          seen.add(new Shown(tokens, facts));
        }
      }
      return seen;
    }
  }

  private Ceiling ceiling(Engine engine, Fact fact, List<Shown> learned, List<Shown> asked) {
    int classes = fact.words().size();
    int width = (int) learned.getFirst().tokens().size(2);
    RandomKey key = new RandomKey(seed + fact.ordinal());
    List<Integer> truth = new ArrayList<>();
    List<Integer> found = new ArrayList<>();
    try (AttentionProbe probe = new AttentionProbe(engine, key, width, classes)) {
      probe.learn(learned.stream().map(shown -> shown.rows(fact)).toList(), passes);
      for (Shown shown : asked) {
        int[] predicted = probe.classes(shown.tokens());
        int[] shownAs = shown.rows(fact).classes();
        for (int i = 0; i < shownAs.length; i++) {
          if (shownAs[i] != AttentionProbe.NONE) {
            truth.add(shownAs[i]);
            found.add(predicted[i]);
          }
        }
      }
    }
    int[] right = truth.stream().mapToInt(Integer::intValue).toArray();
    int[] said = found.stream().mapToInt(Integer::intValue).toArray();
    var bootstrap =
        new Bootstrap(
            key,
            RESAMPLES,
            right,
            said,
            Collections.nCopies(right.length, Optional.empty()),
            classes);
    return new Ceiling(
        fact,
        right.length,
        ConfusionMatrix.of(right, said, classes).top1(),
        bootstrap.interval(ConfusionMatrix::top1),
        1.0 / classes);
  }
}
