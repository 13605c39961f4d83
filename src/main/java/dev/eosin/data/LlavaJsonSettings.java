package dev.eosin.data;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// `type: llava-json`: conversations about images as LLaVA's training data has them (`{id, image,
/// conversations: [{from, value}, ...]}`); one turn becomes the caption.
@Doc("LLaVA-style conversations about images; one turn of each becomes the caption.")
public record LlavaJsonSettings(
    @Doc("The file, in UTF-8: an array of records, or one record a line.") Path path,
    @Doc("The folder that image paths start from; without it the file's own folder.")
        Optional<Path> images,
    @Doc("Whose words are the caption, as `from` says.") @OrElse("gpt") String speaker,
    @Doc("Which of the speaker's turns is the caption, from 1.") @OrElse("1") @Range(min = 1)
        int turn,
    @Doc("Records of text alone stop the run (refuse) or are left out and counted (skip).")
        @OrElse("refuse")
        WithoutImage withoutImage,
    @Doc("Field with the slide, patient or original tile; a dot leads into nested ones.")
        Optional<String> group,
    @Doc("Keeps the records whose fields have these values, for example { type: OPEN }.")
        @OrElse("{}")
        Map<String, String> where,
    @Doc(SampleLists.ONLY_DOC) Optional<Path> only,
    @Doc(SampleLists.WITHOUT_DOC) Optional<Path> without,
    @Doc(SampleLists.ID_DOC) Optional<String> id)
    implements SourceSettings {
  /// All records.
  public LlavaJsonSettings(
      Path path,
      Optional<Path> images,
      String speaker,
      int turn,
      WithoutImage withoutImage,
      Optional<String> group,
      Map<String, String> where) {
    this(
        path,
        images,
        speaker,
        turn,
        withoutImage,
        group,
        where,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /// What becomes of a record without an image.
  public enum WithoutImage {
    REFUSE,
    SKIP
  }

  public LlavaJsonSettings {
    where = Collections.unmodifiableMap(new TreeMap<>(where));
  }
}
