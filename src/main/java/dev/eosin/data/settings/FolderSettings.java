package dev.eosin.data.settings;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// `type: folder`: one folder for each class, captions from templates.
@Doc(
    "A folder of images: one folder for each class, with captions of templates; or captions in text files beside the images, or in a metadata file.")
public record FolderSettings(
    @Doc("The folder that holds one folder for each class, or the images.") Path path,
    @Doc(
            "Where captions come from: templates, filled with what the class folders show; text-files, a.txt beside a.jpg, one caption each, in and below the folder; or metadata, the folder's metadata.jsonl (or metadata.csv) as Hugging Face's imagefolder has it: file_name, with text or caption, and label where it has one.")
        @OrElse("templates")
        Captions captions,
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
  /// Where captions come from.
  public enum Captions {
    TEMPLATES,
    TEXT_FILES,
    METADATA
  }

  /// All images of folders of classes.
  public FolderSettings(
      Path path, Map<String, String> classNames, List<String> templates, List<String> extensions) {
    this(
        path,
        Captions.TEMPLATES,
        classNames,
        templates,
        extensions,
        Optional.empty(),
        Optional.empty());
  }

  /// @throws IllegalArgumentException for a template without `{}`, a blank class text, no
  ///   extension, or classes beside captions of text files
  public FolderSettings {
    classNames = ClassTemplates.checkedNames(classNames);
    templates = ClassTemplates.checked("templates", templates);
    extensions = extensions.stream().map(ending -> ending.toLowerCase(Locale.ROOT)).toList();
    if (extensions.isEmpty()) {
      throw new IllegalArgumentException("extensions: give at least one, for example [png]");
    }
    if (captions == Captions.TEXT_FILES && !(classNames.isEmpty() && templates.isEmpty())) {
      throw new IllegalArgumentException(
          "captions: text-files have captions of their own and no classes; leave out class-names and templates, or take captions: templates");
    }
  }
}
