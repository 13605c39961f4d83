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
import java.util.Optional;

/// `data` of a recipe that trains on images with what is said about them, where the model's own
/// settings say how text is put.
@Doc("Samples and how they become batches.")
public record ImageDataSettings(
    @Doc("What the run trains on.") SourceSettings train,
    @Doc("What may stand together in a batch of training.") @OrElse("{}")
        TrainOrderSettings trainOrder,
    @Doc("What evaluations use; type split takes it out of train.")
        Optional<SourceSettings> validation,
    @Doc("How images become the image tower's input.") ImageSettings image,
    @Doc("Threads that decode and tokenise ahead of the step; no number changes a result.")
        @OrElse("auto")
        CountOrAuto workers,
    @Doc("Samples that cannot become a row are replaced, counted and listed in bad-rows.jsonl.")
        @OrElse("{ limit: 1 % }")
        BadRowSettings badRows,
    @Doc("How many validation samples may be training samples, too.") @OrElse("{}")
        LeakSettings leaks)
    implements SideSettings, Checked {
  /// @throws IllegalArgumentException for more workers than any machine has use for
  public ImageDataSettings {
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
