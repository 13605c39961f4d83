package dev.eosin.data.opened;

import dev.eosin.config.Checked;
import dev.eosin.config.CountOrAuto;
import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.data.settings.BadRowSettings;
import dev.eosin.data.settings.LeakSettings;
import dev.eosin.data.settings.SideSettings;
import dev.eosin.data.settings.SourceSettings;
import dev.eosin.data.settings.TrainOrderSettings;
import dev.eosin.image.transforms.ImageSettings;
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
    implements SideSettings, Checked {
  /// @throws IllegalArgumentException for more workers than any machine has use for
  public DataSettings {
    Workers.check(workers);
  }

  @Override
  public void check(Findings findings) {
    Sources.checkSides(this, findings);
  }

  @Override
  public int workerCount() {
    return Workers.count(workers);
  }
}
