package dev.eosin.data.listed;

import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent.QuestionAnswer;
import java.util.List;
import java.util.Optional;

/// A row of [ListedImages]: what is looked at, and what is known of it.
///
/// @param path names it: the image as the folder or table has it, or the id of a question
/// @param images each decodes when asked; none where there is only a text
/// @param text what is asked of it; empty where all are asked the same
/// @param group slide, patient or the like
/// @param label its class
/// @param split the part of the data that it belongs to, such as `train` or `test`
/// @param centre hospital, scanner or the like that it comes from
public record ListedImage(
    String path,
    List<Sample.ImageReader> images,
    Optional<String> text,
    Optional<String> group,
    Optional<String> label,
    Optional<String> split,
    Optional<String> centre) {
  public ListedImage {
    images = List.copyOf(images);
  }

  /// A sample of a source; what a question's answer should be is its label.
  static ListedImage of(Sample sample) {
    Optional<String> text = Optional.empty();
    Optional<String> label = sample.label();
    if (sample.content() instanceof QuestionAnswer asked) {
      text = Optional.of(asked.question());
      label = label.or(() -> Optional.of(asked.answer()).filter(answer -> !answer.isBlank()));
    }
    return new ListedImage(
        sample.key(),
        sample.images(),
        text,
        sample.group(),
        label,
        Optional.empty(),
        Optional.empty());
  }

  /// The same, of a centre.
  ListedImage from(Optional<String> where) {
    return new ListedImage(path, images, text, group, label, split, where);
  }
}
