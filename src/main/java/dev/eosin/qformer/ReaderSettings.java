package dev.eosin.qformer;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.nn.Dropout;
import java.nio.file.Path;

/// `qformer` of a second stage: where it begins.
@Doc("The Q-Former and its first weights.")
public sealed interface ReaderSettings {
  /// Whether the Q-Former reads the instruction, too.
  boolean instructed();

  /// Of training steps.
  double dropout();

  /// A Q-Former that an earlier stage has trained.
  @Named("trained")
  @Doc("A Q-Former that an earlier stage trained.")
  record TrainedReader(
      @Doc(
              "A run of kind qformer-align or qformer-instruct, or a folder of BLIP-2 or InstructBLIP.")
          Path path,
      @Doc(
              "Whether the Q-Former reads the instruction beside the image (InstructBLIP, CLOVER) or looks at the image alone (BLIP-2).")
          @OrElse("true")
          boolean instructed,
      @Doc("Share of values that training steps leave out.")
          @OrElse("0.1")
          @Range(min = 0, max = 0.9)
          double dropout)
      implements ReaderSettings {}

  /// A Q-Former that nothing has trained yet.
  @Named("random")
  @Doc(
      "A Q-Former of random weights: without a first stage it has to learn everything from the answers.")
  record RandomReader(
      @Doc("As of a trained one.") @OrElse("true") boolean instructed,
      @Doc("Number of layers.") @OrElse("12") @Range(min = 1) int layers,
      @Doc("Hidden size.") @OrElse("768") @Range(min = 2) int width,
      @Doc("Heads of attention, a divisor of the width.") @OrElse("12") @Range(min = 1) int heads,
      @Doc("Hidden size of both MLPs.") @OrElse("3072") @Range(min = 1) int mlpWidth,
      @Doc("Queries look at the image in layers 0, k, 2k ...") @OrElse("2") @Range(min = 1)
          int crossEvery,
      @Doc("Learned queries: tokens that the language model is shown.")
          @OrElse("32")
          @Range(min = 1)
          int queries,
      @Doc("Longest instruction in ids, where it reads any.") @OrElse("512") @Range(min = 2)
          int positions,
      @Doc("Share of values that training steps leave out.")
          @OrElse("0.1")
          @Range(min = 0, max = 0.9)
          double dropout)
      implements ReaderSettings {
    /// @throws IllegalArgumentException when no Q-Former has these sizes
    public RandomReader {
      if (width % heads != 0) {
        throw new IllegalArgumentException(
            "heads: %d heads of %d do not divide evenly".formatted(heads, width));
      }
    }
  }

  /// The dropout of layers and of attention.
  default Dropout dropped() {
    return dropout() == 0 ? Dropout.NONE : new Dropout(dropout(), dropout());
  }
}
