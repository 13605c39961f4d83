package dev.eosin.data;

import dev.eosin.config.Checked;
import dev.eosin.config.CountOrAuto;
import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.image.ImageSettings;
import dev.eosin.text.TextSettings;
import java.util.Optional;

/// `data`: what a run trains and is validated on.
@Doc("Samples and how they become batches.")
public record DataSettings(
    @Doc("What the run trains on.") SourceSettings train,
    @Doc("What may stand together in a batch of training.") @OrElse("{}")
        TrainOrderSettings trainOrder,
    @Doc("What evaluations use that say data: validation; type split takes it out of train.")
        Optional<SourceSettings> validation,
    @Doc("How images become the image tower's input.") ImageSettings image,
    @Doc("How captions become the text tower's input.") @OrElse("{}") TextSettings text,
    @Doc("Threads that decode and tokenise ahead of the step; no number changes a result.")
        @OrElse("auto")
        CountOrAuto workers,
    @Doc(
            "Samples whose image cannot be read or whose caption is empty are replaced, counted"
                + " and listed in bad-rows.jsonl.")
        @OrElse("{ limit: 1 % }")
        BadRowSettings badRows,
    @Doc("How validation data is compared with training data before a run starts.") @OrElse("{}")
        LeakSettings leaks)
    implements Checked {
  // More decoders than this outrun any step, and each holds an image in memory.
  private static final int MOST_AUTOMATIC_WORKERS = 16;
  private static final int MOST_WORKERS = 1024;

  /// @throws IllegalArgumentException for more workers than any machine has use for
  public DataSettings {
    if (workers.or(1) > MOST_WORKERS) {
      throw new IllegalArgumentException(
          "workers: %s is more than %d; write auto".formatted(workers, MOST_WORKERS));
    }
  }

  @Override
  public void check(Findings findings) {
    if (train instanceof SplitSettings) {
      findings.add("train.type", "a split is taken out of data.train; write it as data.validation");
    }
    if (validation.isPresent() && validation.get() instanceof MixtureSettings) {
      findings.add(
          "validation.type", "a mixture is for data.train; every sample is evaluated once");
    }
  }

  /// The number of worker threads: for `auto`, the processors but one.
  public int workerCount() {
    int processors = Runtime.getRuntime().availableProcessors();
    return Math.max(1, workers.or(Math.min(processors - 1, MOST_AUTOMATIC_WORKERS)));
  }
}
