package dev.eosin.data.settings;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Share;

/// `type: split`: validation samples that are taken out of `data.train`.
@Doc(
    "Samples taken out of data.train, which loses them; only for data.validation. The name of a"
        + " group decides its side, so samples added later move no others.")
public record SplitSettings(
    @Doc(
            "What stays together: group (slide, patient) keeps both sides apart; sample splits one"
                + " by one, by the samples' names.")
        @OrElse("group")
        By by,
    @Doc("Part of the groups, or of the samples, that is held out.") Share share,
    @Doc("Chooses which are held out; independent of the run's seed.") @OrElse("0") long seed)
    implements SourceSettings {
  /// What stays on one side.
  public enum By {
    GROUP,
    SAMPLE
  }

  /// @throws IllegalArgumentException for a share that leaves one side empty
  public SplitSettings {
    if (share.value() <= 0 || share.value() >= 1) {
      throw new IllegalArgumentException(
          "share: %s leaves one side empty; write e.g. '10 %%'".formatted(share));
    }
  }
}
