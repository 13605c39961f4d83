package dev.eosin.qformer;

import dev.eosin.features.ImageFeatures;
import dev.eosin.image.transforms.InputSize;
import dev.eosin.language.DecoderMemory;
import dev.eosin.language.Llama;
import dev.eosin.language.TokenPart;
import dev.eosin.language.spec.LanguageSpec;
import dev.eosin.language.spec.OptSpec;
import dev.eosin.language.spec.T5Spec;
import dev.eosin.model.BlockMemory;
import dev.eosin.model.PartMemory;
import dev.eosin.model.StepLoad;
import dev.eosin.nn.Weight;
import dev.eosin.train.machine.MemoryPlan;
import dev.eosin.train.machine.Phase;
import dev.eosin.train.machine.WeightMemory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/// What a second stage's step needs of memory: everything as long as it may be.
///
/// @param reader that is trained
/// @param answers the frozen language model, through whose blocks gradients go
/// @param text how long prompts and answers may be
public record InstructMemory(ImageReader reader, Answers answers, InstructTextSettings text) {
  private static final int PIXEL = 3;

  /// @param features of the frozen tower
  /// @param tower bytes of its weights
  /// @param size of the images
  /// @param global rows of a step
  /// @param averaged whether a moving average of the trained weights is kept
  public MemoryPlan plan(
      StepLoad load,
      ImageFeatures features,
      long tower,
      InputSize size,
      int global,
      boolean averaged) {
    PartMemory reads = reads(load, features.tokens());
    PartMemory says = says(load);
    List<Weight> weights =
        Stream.concat(reader.parts().stream(), answers.parts().stream())
            .flatMap(part -> part.weights().stream())
            .toList();
    long states = (long) global * features.tokens() * features.width() * Float.BYTES;
    List<Phase> phases =
        List.of(
            new Phase.Holds(
                new MemoryPlan.Item("features", states, "of %d images".formatted(global))),
            new Phase.Forward(reads, true),
            new Phase.Forward(says, true),
            new Phase.Work(loss(load)),
            new Phase.Backward(says),
            new Phase.Backward(reads));
    return MemoryPlan.of(
        load,
        new MemoryPlan.Rows("rows", global, rowBytes(size)),
        WeightMemory.of(weights, load, averaged),
        List.of(new MemoryPlan.Item("image tower", tower, "frozen")),
        List.of(reads, says),
        phases,
        0);
  }

  private long rowBytes(InputSize size) {
    long pixels = (long) PIXEL * size.height().value() * size.width().value();
    int words = reader.instructed() ? text.qformerLength() : 0;
    return pixels
        + (long) Integer.BYTES * (words + text.promptLength())
        + (long) (Integer.BYTES + 1) * text.answerLength();
  }

  private PartMemory reads(StepLoad load, int imageTokens) {
    int words = reader.instructed() ? text.qformerLength() : 0;
    return QFormerMemory.of(reader.qformer(), reader.parts(), load, words, imageTokens);
  }

  private PartMemory says(StepLoad load) {
    int seen = reader.qformer().spec().queries() + text.promptLength();
    int columns = seen + text.answerLength();
    return switch (answers) {
      case DecoderAnswers decoder when decoder.decoder() instanceof Llama llama ->
          DecoderMemory.of(llama, load, columns, true);
      case DecoderAnswers decoder -> {
        OptSpec spec = (OptSpec) decoder.decoder().spec();
        BlockMemory block = block(load, columns, spec, spec.mlpWidth(), 0, spec.heads());
        yield part(decoder.decoder().title(), load, columns, copies(spec.layers(), block));
      }
      case T5Answers t5 -> {
        T5Spec spec = t5.model().spec();
        int up = (spec.gated().gates() ? 2 : 1) * spec.mlpWidth();
        List<BlockMemory> blocks = new ArrayList<>();
        blocks.addAll(
            copies(spec.encoderLayers(), block(load, seen, spec, up, seen, spec.heads())));
        int asked = text.answerLength();
        blocks.addAll(
            copies(spec.layers(), block(load, asked, spec, up, asked + seen, spec.heads())));
        yield part("language model", load, seen, blocks);
      }
    };
  }

  private static List<BlockMemory> copies(int count, BlockMemory block) {
    return Collections.nCopies(count, block);
  }

  private static PartMemory part(
      String title, StepLoad load, int tokens, List<BlockMemory> blocks) {
    var shape = new BlockMemory.Rows(load.rows(), tokens, Float.BYTES, false);
    return new PartMemory(title, shape, 0, blocks, 0, load.isNarrow());
  }

  /// A block of no trained weights that autograd differentiates: norms, queries, keys, values,
  /// attention, sums, the MLP before and after its activation.
  ///
  /// @param biased columns to which every head has a bias of its own, whose probabilities are kept
  private static BlockMemory block(
      StepLoad load, int tokens, LanguageSpec spec, long mlp, int biased, int heads) {
    var shape = new BlockMemory.Rows(load.rows(), tokens, Float.BYTES, false);
    long c = spec.width();
    long kept = shape.bytes(9 * c + 2 * mlp + 2L * biased * heads);
    long work = shape.bytes(6 * c + 2 * mlp);
    return load.execution().recomputes(0)
        ? new BlockMemory(BlockMemory.Kind.RECOMPUTED, shape.bytes(c), kept + work, work, 0)
        : new BlockMemory(BlockMemory.Kind.AUTOGRAD, kept, work, work, 0);
  }

  /// A chunk's logits with their logarithms, and the rows that are asked for with their gradients.
  private MemoryPlan.Item loss(StepLoad load) {
    long chunk = TokenPart.chunk(answers.vocabulary());
    long rows = (long) load.rows() * text.answerLength();
    long elements = 3 * Math.min(chunk, rows) * answers.vocabulary() + 4 * rows * answers.width();
    return new MemoryPlan.Item(
        "loss", elements * Float.BYTES, "in chunks of %d tokens".formatted(chunk));
  }
}
