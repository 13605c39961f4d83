package dev.eosin.data;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// `type: folder`: one folder for each class, captions from templates.
@Doc("A folder with one folder of images for each class.")
public record FolderSettings(
    @Doc("The folder that holds one folder for each class.") Path path,
    @Doc(
            "What each class folder shows, in the order of the classes; without it the folder's"
                + " name is the text.")
        @OrElse("{}")
        Map<String, String> classNames,
    @Doc("Captions; {} stands for the class text. Needed for training.") @OrElse("[]")
        List<String> templates,
    @Doc("File name endings of images, in small letters.")
        @OrElse("[png, jpg, jpeg, tif, tiff, webp, bmp, gif, jp2]")
        List<String> extensions,
    @Doc(SampleLists.ONLY_DOC) Optional<Path> only,
    @Doc(SampleLists.WITHOUT_DOC) Optional<Path> without)
    implements SourceSettings {
  /// All images.
  public FolderSettings(
      Path path, Map<String, String> classNames, List<String> templates, List<String> extensions) {
    this(path, classNames, templates, extensions, Optional.empty(), Optional.empty());
  }

  /// @throws IllegalArgumentException for a template without `{}`, a blank class text, no extension
  public FolderSettings {
    classNames = ClassTemplates.checkedNames(classNames);
    templates = ClassTemplates.checked("templates", templates);
    extensions = extensions.stream().map(ending -> ending.toLowerCase(Locale.ROOT)).toList();
    if (extensions.isEmpty()) {
      throw new IllegalArgumentException("extensions: give at least one, for example [png]");
    }
  }
}
