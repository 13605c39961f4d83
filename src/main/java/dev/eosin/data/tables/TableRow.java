package dev.eosin.data.tables;

import dev.eosin.data.Caption;
import dev.eosin.data.SampleContent;
import java.util.List;
import java.util.Optional;

/// What a row of a table says of one sample; blank texts are left out.
///
/// @param images each image's path as the row gives it, or what names it; empty where it has none
/// @param content of the sample; captions are empty where the row has none
/// @param flaw why the row cannot be a sample; its content is then without meaning
public record TableRow(
    List<String> images,
    SampleContent content,
    Optional<RowFlaw> flaw,
    Optional<String> label,
    Optional<String> group) {
  public TableRow {
    images = List.copyOf(images);
  }

  /// An image with its captions.
  ///
  /// @param image blank where the row has none
  /// @param captions empty where the row has none
  public TableRow(
      String image, List<Caption> captions, Optional<String> label, Optional<String> group) {
    this(named(image), new SampleContent.Captions(captions), Optional.empty(), label, group);
  }

  /// An image with a question or conversation, or with what is wrong with it.
  public static TableRow of(
      List<String> images, Said said, Optional<String> label, Optional<String> group) {
    return switch (said) {
      case Said.Whole(SampleContent content) ->
          new TableRow(images, content, Optional.empty(), label, group);
      case Said.Flawed(RowFlaw flaw) ->
          new TableRow(
              images, new SampleContent.Captions(List.of()), Optional.of(flaw), label, group);
    };
  }

  /// What a row says, or why it says nothing.
  public sealed interface Said {
    record Whole(SampleContent content) implements Said {}

    record Flawed(RowFlaw flaw) implements Said {}
  }

  /// The image as a list; none where its name is blank.
  public static List<String> named(String image) {
    return image.isBlank() ? List.of() : List.of(image);
  }

  /// The first image; blank where there is none.
  public String image() {
    return images.isEmpty() ? "" : images.getFirst();
  }

  List<Caption> captions() {
    return content instanceof SampleContent.Captions(List<Caption> captions) ? captions : List.of();
  }

  /// The row as a fingerprint takes it. Rows of captions keep the form that they had before rows
  /// could say anything else, so that runs go on.
  public String identity() {
    return content instanceof SampleContent.Captions && flaw.isEmpty() && images.size() < 2
        ? "TableRow[image=%s, captions=%s, label=%s, group=%s]"
            .formatted(image(), captions(), label, group)
        : toString();
  }
}
