package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.clip.spec.ClipPresets;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.model.BlockMemory;
import dev.eosin.model.PartMemory;
import dev.eosin.nn.Activation;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.BlockStyle;
import dev.eosin.nn.Dropout;
import dev.eosin.nn.LowRank;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tensor;
import dev.eosin.tower.Causal;
import dev.eosin.tower.EndOfText;
import dev.eosin.tower.Vit;
import dev.eosin.train.machine.MemoryPlan;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Memory plans against sums done by hand, against what the kernel keeps, and against peaks that
/// `eosin bench clip-train` measured.
class MemoryPlanTest {
  private static final long MIB = 1L << 20;
  private static final BlockExecution FAST = Clip.fastest(Device.CPU);

  /// Images of 5 tokens, captions of 4.
  private static final ClipSpec SMALL =
      new ClipSpec(
          8,
          new Vit(8, 8, 4, 8, 2, 2, 32),
          new Causal(4, 10, 4, 2, 1, 16, new EndOfText.LargestId()),
          Activation.GELU);

  @Test
  void blocksKeepWhatTheirKernelsSave() {
    PartMemory image = ClipMemoryPlan.image(small(FAST));
    // 3 x 5 tokens. Pixels twice, and the input of the first norm.
    assertThat(image.before()).isEqualTo(2 * 3 * 8 * 8 * 3 * 4 + 15 * 8 * 4);
    // 6 x 8 + 32 elements of a token; two norms' statistics and two heads' log sums.
    assertThat(image.blocks().getFirst().kept()).isEqualTo(15 * (48 + 32) * 4 + 15 * (4 + 2) * 4);
    // Input, norm, keys, values.
    assertThat(image.blocks().getLast().kept()).isEqualTo(15 * 4 * 8 * 4);
    assertThat(image.kept()).isEqualTo(5_088 + 5_160 + 1_920);
    PartMemory text = ClipMemoryPlan.text(small(FAST));
    assertThat(text.kept()).isEqualTo(12 * (24 + 16) * 4 + 12 * (4 + 1) * 4 + 12 * 4 * 4 * 4);
  }

  /// Blocks of CLIP's kind and of timm's, trained as a whole and beside pairs, without and with
  /// dropout of what enters them.
  @ParameterizedTest
  @CsvSource({
    "false, false, -1",
    "true, false, -1",
    "true, true, -1",
    "false, false, 0",
    "true, true, 0",
    "false, false, 0.3"
  })
  void kernelsWithTheirOwnBackwardKeepExactlyThat(
      boolean layerScale, boolean gated, double adapterDropout) {
    var engine = Engine.start(Device.CPU, 1);
    OptionalDouble factors = layerScale ? OptionalDouble.of(0.1) : OptionalDouble.empty();
    var style =
        new BlockStyle(
            BlockStyle.Norms.BEFORE, 1e-5, gated, factors, OptionalDouble.empty(), Dropout.NONE);
    var tower = new Transformer("image", 1, 8, 2, 32, false, Activation.GELU, style);
    Optional<LowRank> pairs =
        adapterDropout < 0
            ? Optional.empty()
            : Optional.of(new LowRank(2, 2, true, true, adapterDropout));
    try (Scope scope = new Scope()) {
      List<Tensor> weights =
          Stream.concat(
                  tower.weights().stream(),
                  pairs.stream().flatMap(lowRank -> tower.adapters(lowRank).stream()))
              .map(weight -> scope.own(engine.zeros(DType.FLOAT32, weight.shape())))
              .toList();
      Tensor x = scope.own(engine.zeros(DType.FLOAT32, 3, 5, 8));
      // Query-key-value, output and up take 8 elements, down 32: 56, in words of 64 bits.
      Tensor bits = scope.own(engine.of(new byte[3 * 5 * 8], 3, 5, 8));
      List<Tensor> inputs = adapterDropout > 0 ? List.of(x, bits) : List.of(x);
      int own = tower.weights().size();
      List<Tensor> results =
          pairs.isPresent()
              ? engine
                  .kernels()
                  .list(
                      "block_lean_adapted", inputs, weights, own, true, 2, false, false, 1.0, 1e-5)
              : engine.kernels().list("block_lean", inputs, weights, 2, false, false, 1e-5);
      results.forEach(scope::own);
      long saved = 4 * (x.elements() + results.stream().skip(1).mapToLong(Tensor::elements).sum());
      var rows = new BlockMemory.Rows(3, 5, 4, false);
      BlockMemory planned = BlockMemory.of(BlockMemory.Kind.OWN_BACKWARD, tower, rows, 0, pairs);
      long dropped = adapterDropout > 0 ? 15 * 56 / 8 : 0; // without the rest of the word
      assertThat(planned.kept()).isEqualTo(saved + dropped);
    }
  }

  @Test
  void blocksThatAreComputedAgainKeepTheirInput() {
    for (boolean ownBackward : new boolean[] {true, false}) {
      var kept = new BlockExecution(true, ownBackward, 0);
      List<BlockMemory> blocks = ClipMemoryPlan.image(small(kept.recomputing(1))).blocks();
      assertThat(blocks).allMatch(block -> block.kept() == 15 * 8 * 4);
      BlockMemory keeping = ClipMemoryPlan.image(small(kept)).blocks().getFirst();
      assertThat(blocks.getFirst().kept() + blocks.getFirst().work())
          .as("all of it is there in backward")
          .isEqualTo(keeping.kept() + keeping.work());
    }
    BlockMemory plain = ClipMemoryPlan.image(small(BlockExecution.PLAIN)).blocks().getFirst();
    assertThat(plain.kept()).isEqualTo(15 * (8 * 8 + 2 * 32) * 4);
  }

  @Test
  void normsOfNarrowBlocksKeepTheirInputsInFp32() {
    ClipLoad load = small(BlockExecution.PLAIN).withCompute(DType.BFLOAT16);
    // What is kept narrow, of which one norm's input is a part, and both norms' inputs in fp32.
    long wanted = 15 * ((7 * 8 + 2 * 32) * 2 + 2 * 8 * 4);
    assertThat(ClipMemoryPlan.image(load).blocks().getFirst().kept()).isEqualTo(wanted);
  }

  @Test
  void narrowWeightsHaveMasters() {
    MemoryPlan wide = plan(SMALL, DType.FLOAT32, 4, 4);
    MemoryPlan narrow = plan(SMALL, DType.BFLOAT16, 4, 4);
    long weights = trained(wide);
    assertThat(wide.weights().parameters()).isEqualTo(4 * (weights + 1)); // and the logit scale
    assertThat(wide.weights().masters()).isZero();
    assertThat(narrow.weights().parameters()).isEqualTo(2 * weights + 4);
    assertThat(narrow.weights().masters()).isEqualTo(4 * weights);
    assertThat(narrow.weights().moments())
        .isEqualTo(wide.weights().moments())
        .isEqualTo(8 * (weights + 1));
    assertThat(narrow.parts().getFirst().kept()).isLessThan(wide.parts().getFirst().kept());
  }

  @Test
  void theBackwardPassFreesActivationsWhileGradientsGrow() {
    var tower =
        new PartMemory(
            "tower",
            new BlockMemory.Rows(1, 1, 4, false),
            100,
            List.of(
                new BlockMemory(BlockMemory.Kind.AUTOGRAD, 1000, 10, 1200, 50),
                new BlockMemory(BlockMemory.Kind.AUTOGRAD, 1000, 10, 1200, 50)),
            200,
            false);
    assertThat(tower.backwardPeak(false, false))
        .as("at the last block")
        .isEqualTo(2100 + 10 + 4 * 50);
    assertThat(tower.backwardPeak(true, false)).as("sums are there").isEqualTo(2100 + 10 + 4 * 250);
    assertThat(tower.backwardPeak(false, true)).as("none stays").isEqualTo(2100 + 10 + 4 * 50);
    assertThat(tower.forwardPeak(true)).as("in the last block").isEqualTo(100 + 1000 + 1200);
    assertThat(tower.forwardPeak(false)).as("nothing is kept").isEqualTo(100 + 1200);
  }

  @Test
  void fewerPairsAtOnceNeedLess() {
    ClipSpec spec = ClipPresets.named("vit-s-32");
    long whole = plan(spec, DType.FLOAT32, 64, 64).total();
    long parts = plan(spec, DType.FLOAT32, 64, 16).total();
    assertThat(parts).isLessThan(1_800 * MIB).isLessThan(whole);
  }

  /// Peaks of `eosin bench clip-train` (docs/results.md), which decodes nothing and has no ring.
  @Test
  void plansAreWithinTheirErrorOfMeasuredPeaks() {
    assertPeak("tiny", 64, 64, 640);
    assertPeak("vit-s-32", 4, 4, 1_267);
    assertPeak("vit-s-16", 8, 8, 1_567);
    assertPeak("vit-b-32", 16, 16, 2_842);
    assertPeak("vit-b-16", 4, 4, 2_781);
    assertPeak("vit-b-32", 32, 32, 3_542);
    assertPeak("vit-b-16", 16, 16, 4_081);
    assertPeak("vit-b-32", 64, 16, 3_336);
    assertPeak("vit-s-32", 64, 64, 3_178);
    assertPeak("vit-l-14", 4, 4, 7_494);
  }

  /// Peaks of whole runs that no term of the plan was fitted to (docs/results.md).
  @Test
  void plansAreWithinTheirErrorOfIndependentRuns() {
    assertRun(preset("vit-s-16", 77), 12, 12, 2_032);
    assertRun(ClipPresets.named("vit-s-16").withInput(160, 160, 32), 24, 24, 1_996);
    assertRun(preset("vit-s-16", 77), 40, 8, 1_798);
    assertRun(preset("vit-b-32", 77), 20, 20, 3_159);
    assertRun(preset("vit-b-16", 77), 6, 6, 3_103);
    assertRun(preset("vit-s-32", 77), 16, 16, 1_658);
  }

  @Test
  void plansCountWhatARecipeAddsAndSaves() {
    ClipSpec small = preset("vit-s-16", 77);
    ClipSpec wide = preset("vit-s-32", 77);
    Set<String> imageTower =
        Clip.image(small).weights().stream().map(Weight::name).collect(Collectors.toSet());
    ClipLoad locked = load(small, 16).withExecution(FAST, imageTower);
    assertRun("locked image tower", locked, 1_409);
    assertRun("bf16", load(small, 16).withCompute(DType.BFLOAT16), 1_886);
    assertRun("average", with(load(wide, 32), 0, true, Optional.empty()), 2_441);
    assertRun("patch dropout", with(load(small, 32), 0.5, false, Optional.empty()), 2_558);
    assertRun("teacher", with(load(wide, 24), 0, false, Optional.of(wide)), 2_148);
    assertRun("adapters", adapted(small, 16, FAST), 1_675);
    assertRun(
        "every second block computed again",
        load(small, 32).withExecution(FAST.recomputing(2), Set.of()),
        2_722);
  }

  /// Blocks that are all computed again: less than what a run took, but no less than the plan says
  /// that may happen.
  @Test
  void plansThatMaySayTooLittleAreMarked() {
    ClipSpec small = preset("vit-s-16", 77);
    MemoryPlan again =
        ClipMemoryPlan.plan(load(small, 48).withExecution(FAST.recomputing(1), Set.of()));
    assertThat(again.cautious()).isGreaterThan(2_507 * MIB);
    assertThat(ClipMemoryPlan.plan(adapted(small, 32, FAST.recomputing(1))).cautious())
        .isGreaterThan(1_385 * MIB);
    MemoryPlan kept = ClipMemoryPlan.plan(adapted(small, 16, FAST));
    assertThat(kept.cautious()).isEqualTo(kept.total());
  }

  private static ClipLoad adapted(ClipSpec spec, int pairs, BlockExecution execution) {
    Set<String> model = Clip.weights(spec).stream().map(Weight::name).collect(Collectors.toSet());
    var lowRank = new LowRank(8, 16, true, true, 0);
    return load(spec, pairs)
        .withExecution(execution.adapted(Map.of(Clip.IMAGE, lowRank, Clip.TEXT, lowRank)), model);
  }

  private static long trained(MemoryPlan plan) {
    return plan.parts().stream().mapToLong(PartMemory::trained).sum();
  }

  private static ClipSpec preset(String name, int context) {
    return ClipPresets.named(name).withInput(224, 224, context);
  }

  private static ClipLoad load(ClipSpec spec, int pairs) {
    return new ClipLoad(spec, Device.CPU, DType.FLOAT32, FAST, new ClipLoad.Pairs(pairs, pairs));
  }

  private static ClipLoad with(
      ClipLoad load, double patchDropout, boolean averaged, Optional<ClipSpec> teacher) {
    return new ClipLoad(
        load.spec(),
        load.device(),
        load.compute(),
        load.execution(),
        load.batch(),
        load.locked(),
        patchDropout,
        averaged,
        teacher,
        load.early(),
        load.stateShards());
  }

  private static void assertRun(ClipSpec spec, int pairs, int atOnce, double measuredMib) {
    assertRun(spec.image().toString(), load(spec, pairs).withAtOnce(atOnce), measuredMib);
  }

  private static void assertRun(String what, ClipLoad load, double measuredMib) {
    double planned = ClipMemoryPlan.plan(load).total() / (double) MIB;
    assertThat(planned / measuredMib).as(what).isCloseTo(1, within(MemoryPlan.ERROR));
  }

  private static void assertPeak(String preset, int pairs, int atOnce, double measuredMib) {
    MemoryPlan plan = plan(ClipPresets.named(preset), DType.FLOAT32, pairs, atOnce);
    double planned = (plan.total() - plan.ring() - MemoryPlan.DECODING) / (double) MIB;
    assertThat(planned / measuredMib).as(preset).isCloseTo(1, within(MemoryPlan.ERROR));
  }

  @Test
  void aGpuKeepsTheBytesOfImagesThatItLooksAtTwice() {
    assertThat(ClipMemoryPlan.keptPixels(small(new Device.Cuda(0), 2))).isEqualTo(3 * 3 * 8 * 8);
    assertThat(ClipMemoryPlan.keptPixels(small(new Device.Cuda(0), 3))).isZero();
    assertThat(ClipMemoryPlan.keptPixels(small(Device.CPU, 2))).isZero();
  }

  private static ClipLoad small(Device device, int atOnce) {
    return new ClipLoad(SMALL, device, DType.FLOAT32, FAST, new ClipLoad.Pairs(3, atOnce));
  }

  private static ClipLoad small(BlockExecution execution) {
    return new ClipLoad(SMALL, Device.CPU, DType.FLOAT32, execution, new ClipLoad.Pairs(3, 3));
  }

  private static MemoryPlan plan(ClipSpec spec, DType compute, int pairs, int atOnce) {
    return ClipMemoryPlan.plan(
        new ClipLoad(spec, Device.CPU, compute, FAST, new ClipLoad.Pairs(pairs, atOnce)));
  }
}
