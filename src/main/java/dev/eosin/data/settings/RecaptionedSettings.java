package dev.eosin.data.settings;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// `type: recaptioned`: the images of another source with captions out of a file.
@Doc(
    "The images of another source with captions of their own, out of a file, such as what a model"
        + " made of theirs. Images without one are left out, and counted.")
public record RecaptionedSettings(
    @Doc("Where the images come from; no mixture and no split.") SourceSettings source,
    @Doc("A file with one JSON object a line.") Path captions,
    @Doc("The field that names the sample, as messages and files of answers call it.") @OrElse("id")
        String id,
    @Doc("The field of the caption.") @OrElse("caption") String caption,
    @Doc("Keeps the lines whose fields have these values, for example { control: none }.")
        @OrElse("{}")
        Map<String, String> where)
    implements SourceSettings {
  /// @throws IllegalArgumentException for images of a source that is itself made of parts
  public RecaptionedSettings {
    where = Collections.unmodifiableMap(new TreeMap<>(where));
    if (source instanceof MixtureSettings || source instanceof SplitSettings) {
      throw new IllegalArgumentException(
          "source: is a mixture or a split; name the source of the images directly");
    }
  }
}
