package dev.eosin.data.settings;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `type: webdataset`: samples in tar files.
@Named("webdataset")
@Doc(
    "Tar shards as WebDataset has them: the files that belong to one sample are neighbours and have"
        + " one name before their ending: an image (.jpg, .png, .jpeg, .webp, .tif, .tiff, .bmp, .gif) with a"
        + " caption (.txt), with fields (.json), with a label (.cls).")
public record WebDatasetSettings(
    @Doc(
            "The shards, for example shards/pathgen-{0000..0127}.tar: braces hold a range or a"
                + " list, the file name may have * and ?, a folder stands for its .tar files, ::"
                + " joins several. Shards at http(s) addresses need 'cache'.")
        String path,
    @Doc("What the .json of a sample holds.") @OrElse("{}") WebDatasetFields json,
    @Doc("Whether the .cls of a sample is its label.") @OrElse("false") boolean cls,
    @Doc(
            "What each label shows, in the order of the classes; without it the label is the"
                + " text, and all labels are read at the start.")
        @OrElse("{}")
        Map<String, String> classNames,
    @Doc("Captions made from the label instead of those in the shards; {} is the class text.")
        @OrElse("[]")
        List<String> templates,
    @Doc("The folder for the shards' indices; without it each lies beside its shard.")
        Optional<Path> index,
    @Doc("Where shards at http(s) addresses are kept.") Optional<ShardCacheSettings> cache,
    @Doc("Goes on without shards that are broken or missing, and says which.") @OrElse("false")
        boolean skipBrokenShards)
    implements SourceSettings {
  /// @throws IllegalArgumentException for faulty braces, a template without `{}`, a blank class
  ///   text, addresses without a cache, templates without labels or beside captions, two places of
  ///   the label
  public WebDatasetSettings {
    classNames = ClassTemplates.checkedNames(classNames);
    templates = ClassTemplates.checked("templates", templates);
    boolean remote = ShardPaths.expand(path).stream().anyMatch(ShardPaths::isRemote);
    if (remote && cache.isEmpty()) {
      throw new IllegalArgumentException(
          "path: shards at addresses need a folder to keep them; set cache: { dir: FOLDER }");
    }
    if (cls && json.label().isPresent()) {
      throw new IllegalArgumentException("cls: labels come from json.label already; remove one");
    }
    boolean labelled = cls || json.label().isPresent();
    if (!labelled && !(templates.isEmpty() && classNames.isEmpty())) {
      throw new IllegalArgumentException(
          "cls: templates and class-names need labels; set cls: true or json.label");
    }
    if (!templates.isEmpty() && !json.captions().isEmpty()) {
      throw new IllegalArgumentException(
          "templates: captions come from json.captions already; remove one of the two");
    }
  }

  public boolean labelled() {
    return cls || json.label().isPresent();
  }
}
