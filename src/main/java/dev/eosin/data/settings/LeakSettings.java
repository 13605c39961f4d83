package dev.eosin.data.settings;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.config.Share;

/// `data.leaks`: how validation data is compared with training data before a run starts.
@Doc("How validation data is compared with training data before a run starts.")
public record LeakSettings(
    @Doc(
            "By group reads no image, and compares where samples lie, too; by file reads all files of both sides; by picture decodes"
                + " them and finds copies that were saved again, resized, mirrored or turned by quarter turns.")
        @OrElse("group")
        By by,
    @Doc("Of 63 bits of a picture, how many may differ between copies.")
        @OrElse("8")
        @Range(min = 0, max = 16)
        int distance,
    @Doc(
            "Share of the validation images that may be copies or training samples themselves; above"
                + " it the run is refused.")
        @OrElse("0 %")
        Share allow) {
  /// What is compared; each includes those before it.
  public enum By {
    GROUP,
    FILE,
    PICTURE
  }
}
