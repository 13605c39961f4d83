package dev.eosin.data.settings;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// `type: caption-conversations`: images with captions, such as PA-LLaVA's `[{image, caption}]`, as
/// conversations in which somebody asks for a description.
@Doc(
    "Images with captions as conversations: a request to describe the image, answered with its"
        + " caption. Which request a row has, and where its image stands, are functions of the seed"
        + " and the row.")
public record CaptionConversationsSettings(
    @Doc(
            "The file: .json, .jsonl, .csv, .tsv or .parquet, or a folder or pattern of Parquet"
                + " files; its name says which.")
        Path path,
    @Doc("The folder that image paths start from; without it the file's own folder.")
        Optional<Path> images,
    @Doc("The field with the image.") @OrElse("image") String image,
    @Doc("The field with the caption.") @OrElse("caption") String caption,
    @Doc("A file with a request on each line; without it 21 of Eosin's own.")
        Optional<Path> prompts,
    @Doc("Whether <image> stands before the request, after it, or by chance at either place.")
        @OrElse("either")
        Mark mark,
    @Doc("Chooses requests and places; independent of the run's seed.") @OrElse("0") long seed,
    @Doc("Keeps the rows whose fields have these values, for example { split: train }.")
        @OrElse("{}")
        Map<String, String> where,
    @Doc(SampleLists.ONLY_DOC) Optional<Path> only,
    @Doc(SampleLists.WITHOUT_DOC) Optional<Path> without,
    @Doc(SampleLists.ID_DOC) Optional<String> id)
    implements SourceSettings {
  /// Where the image stands.
  public enum Mark {
    BEFORE,
    AFTER,
    EITHER
  }

  public CaptionConversationsSettings {
    where = Collections.unmodifiableMap(new TreeMap<>(where));
  }
}
