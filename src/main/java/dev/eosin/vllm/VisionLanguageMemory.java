package dev.eosin.vllm;

import dev.eosin.language.DecoderMemory;
import dev.eosin.language.Llama;
import dev.eosin.model.BlockMemory;
import dev.eosin.model.PartMemory;
import dev.eosin.model.StepLoad;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import dev.eosin.train.machine.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/// What a model of images and text needs of a training step's memory, derived from what its kernels
/// keep: the tower's forward pass over the images of all rows, the projector's, the decoder's over
/// all tokens; then backwards as far down as something is trained.
///
/// @param model with its adapters
/// @param load what decides it besides
/// @param images of all rows at once, tiles included
/// @param whole of them that are no tiles
/// @param tokens of a row
public record VisionLanguageMemory(
    VisionLanguage model, StepLoad load, int images, int whole, int tokens) {
  /// @param mostImages of a row
  /// @param tiles most of an image; none where each image goes into the tower alone
  public static VisionLanguageMemory of(
      VisionLanguage model, StepLoad load, int mostImages, int tiles, int tokens) {
    int whole = load.rows() * mostImages;
    return new VisionLanguageMemory(model, load, whole * (1 + tiles), whole, tokens);
  }

  /// In the order of the forward pass.
  public List<PartMemory> parts() {
    return List.of(tower(), projector(), decoder());
  }

  /// The phases of a step.
  public List<Phase> phases() {
    List<PartMemory> parts = parts();
    List<Phase> phases = new ArrayList<>();
    phases.add(new Phase.Forward(parts.get(0), true));
    phases.add(new Phase.Forward(parts.get(1), true));
    phases.addAll(DecoderMemory.phases((Llama) model.decoder(), load, parts.get(2), tokens));
    phases.add(new Phase.Backward(parts.get(1)));
    phases.add(new Phase.Backward(parts.get(0)));
    return phases;
  }

  private boolean trains(List<Weight> weights) {
    return weights.stream().anyMatch(load::isTrained);
  }

  private BlockMemory.Rows rows(int count, int each) {
    return new BlockMemory.Rows(count, each, load.compute().bytes(), load.isNarrowOnCpu());
  }

  private PartMemory tower() {
    var tower = model.images().tower();
    var spec = tower.spec();
    BlockMemory.Rows shape = rows(images, spec.tokens());
    long pixels = shape.imageBytes(3L * spec.height() * spec.width());
    return PartMemory.of(
        load,
        model.images().title(),
        used(tower.transformer(), model.images().blockCount()),
        model.images().weights(),
        weight -> !weight.name().startsWith(tower.prefix() + ".blocks."),
        shape,
        pixels,
        false);
  }

  private static Transformer used(Transformer blocks, int count) {
    return new Transformer(
        blocks.prefix(),
        Math.max(1, count),
        blocks.width(),
        blocks.heads(),
        blocks.mlpWidth(),
        blocks.causal(),
        blocks.activation(),
        blocks.style());
  }

  /// What it reads, and before and behind each activation what autograd keeps.
  private PartMemory projector() {
    int each = model.images().tokens();
    BlockMemory.Rows shape = rows(whole, each);
    long kept =
        switch (model.projector()) {
          case LinearProjector linear ->
              shape.bytes(linear.from() + 2L * (linear.depth() - 1) * linear.width());
          case TileConnector connector -> connected(connector, each);
        };
    boolean differentiated = trains(model.projector().weights());
    return new PartMemory(
        model.projector().title(),
        shape,
        differentiated ? kept : 0,
        List.of(),
        elements(model.projector().weights().stream().filter(load::isTrained).toList()),
        load.isNarrow());
  }

  /// Of each layer what queries keep (both attentions, three norms and sums, the MLP), and the keys
  /// and values of all tiles.
  private long connected(TileConnector connector, int each) {
    long c = connector.hidden();
    long queries = rows(whole, each).bytes(16 * c + 2L * connector.mlpWidth());
    long tiles = rows(images - whole, each).bytes(2 * c);
    return connector.layers() * (queries + tiles)
        + rows(images, each).bytes(c)
        + rows(whole, each).bytes(2 * c);
  }

  private PartMemory decoder() {
    boolean below = trains(model.projector().weights()) || trains(model.images().weights());
    return DecoderMemory.of((Llama) model.decoder(), load, tokens, below);
  }

  private static long elements(List<Weight> weights) {
    return weights.stream()
        .mapToLong(weight -> LongStream.of(weight.shape()).reduce(1, Math::multiplyExact))
        .sum();
  }
}
