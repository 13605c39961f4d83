package dev.eosin.data.settings;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// `type: llava-json`: conversations about images as LLaVA's training data has them (`{id, image,
/// conversations: [{from, value}, ...]}`), whole or one turn of each as the caption.
@Doc("LLaVA-style conversations about images, whole or one turn of each as the caption.")
public record LlavaJsonSettings(
    @Doc("The file, in UTF-8: an array of records, or one record a line.") Path path,
    @Doc("The folder that image paths start from; without it the file's own folder.")
        Optional<Path> images,
    @Doc(
            "What a record is: a caption, one turn of it, or the whole conversation, in which human"
                + " and gpt take turns and <image> marks where an image stands.")
        @OrElse("caption")
        Says says,
    @Doc("Whose words are the caption, as `from` says.") @OrElse("gpt") String speaker,
    @Doc("Which of the speaker's turns is the caption, from 1.") @OrElse("1") @Range(min = 1)
        int turn,
    @Doc(
            "Records of text alone stop the run (refuse), are left out and counted (skip), or, as"
                + " conversations, are samples without an image (keep).")
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
  /// The default of `speaker`.
  public static final String ANSWERING = "gpt";

  /// What becomes of a record.
  public enum Says {
    CAPTION,
    CONVERSATION
  }

  /// Captions of all records.
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
        Says.CAPTION,
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
    SKIP,
    KEEP
  }

  /// @throws IllegalArgumentException for text alone as a caption, or a turn of whole conversations
  public LlavaJsonSettings {
    if (says == Says.CAPTION && withoutImage == WithoutImage.KEEP) {
      throw new IllegalArgumentException(
          "without-image: keep is for says: conversation; a caption needs its image");
    }
    if (says == Says.CONVERSATION && (turn != 1 || !speaker.equals(ANSWERING))) {
      throw new IllegalArgumentException(
          "speaker and turn choose a caption; remove them with says: conversation");
    }
    where = Collections.unmodifiableMap(new TreeMap<>(where));
  }
}
