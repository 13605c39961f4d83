package dev.eosin.revise;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.data.settings.SourceSettings;
import dev.eosin.page.Page;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Where captions come from; the key `type` chooses.
@Doc("Where captions come from.")
public sealed interface CaptionTable {
  /// What rows depend on besides the file.
  Map<String, String> pins();

  /// The title of a page about them: what was done, and of which file, where there is one.
  default String title(String what) {
    return switch (this) {
      case Table table -> Page.title(what, table.path());
      case Data _ -> what;
    };
  }

  /// A file of JSON.
  @Named("table")
  @Doc("A file of JSON objects, one a line or in an array; images are not looked for.")
  record Table(
      @Doc("The file.") Path path,
      @Doc("The field that names a row for good; without it rows are numbered from 1.")
          Optional<String> key,
      @Doc("The field with the image's path; without it there is none.") Optional<String> image,
      @Doc("The field with the caption.") @OrElse("caption") String caption,
      @Doc("The field with the slide or patient; without it each row is alone.")
          Optional<String> group)
      implements CaptionTable {
    @Override
    public Map<String, String> pins() {
      Map<String, String> pins = new TreeMap<>();
      pins.put("captions.caption", caption);
      key.ifPresent(field -> pins.put("captions.key", field));
      image.ifPresent(field -> pins.put("captions.image", field));
      group.ifPresent(field -> pins.put("captions.group", field));
      return pins;
    }
  }

  /// Whatever a training reads.
  @Named("data")
  @Doc(
      "Any data that a training reads: its samples' captions, of several one that the seed draws."
          + " An image is named as messages name its sample.")
  record Data(@Doc("The data; no mixture and no split.") SourceSettings source)
      implements CaptionTable {
    @Override
    public Map<String, String> pins() {
      return Map.of();
    }
  }
}
