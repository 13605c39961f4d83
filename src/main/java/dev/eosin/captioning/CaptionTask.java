package dev.eosin.captioning;

import java.util.Locale;

/// What is asked of each row.
public enum CaptionTask {
  /// An image, told in words.
  DESCRIBE(
      Form.TEXT,
      "You see a tile of a stained tissue section. Describe the tissue and its architecture, the"
          + " cells with their nuclei and cytoplasm, the stroma, and what is abnormal, in {min} to"
          + " {max} words. Say only what can be seen; give no advice."),

  /// PathGen's first step: an image with a caption that is too short, told in full.
  ENHANCE(
      Form.TEXT,
      "You see a tile of a stained tissue section. First describe its morphology; then supplement"
          + " and correct that by what is known of it: {text}\nWrite one description of {min} to"
          + " {max} words. Say only what can be seen, give no advice, and never mention that you"
          + " were told something."),

  /// A caption, made shorter.
  SUMMARISE(
      Form.TEXT,
      "Shorten this caption of a pathology image to {min} to {max} words. Keep what says most about"
          + " the tissue and its changes; leave out introductions, guesses and advice. Caption:"
          + " {text}"),

  /// What tells slides of a project apart, as prompts for a CLIP.
  ATTRIBUTES(
      Form.LIST,
      "List the {count} visual attributes that matter most in H&E slides of this kind of cancer:"
          + " {text}. Each is of {min} to {max} words, begins with \"An H&E image of\", speaks of one"
          + " thing that a pathologist can see in a single tile, and is unlike the others."),

  /// What a report says that can be seen.
  FINDINGS(
      Form.LIST,
      "List the findings of this pathology report that can be seen under the microscope in H&E"
          + " slides, at most {count}. Each is of {min} to {max} words, begins with \"An H&E image"
          + " of\", and says nothing that the report does not say; leave out names, dates, sizes in"
          + " centimetres and what other tests found. Report: {text}");

  /// How an answer is made up.
  enum Form {
    TEXT,
    LIST
  }

  private final Form form;
  private final String prompt;

  CaptionTask(Form form, String prompt) {
    this.form = form;
    this.prompt = prompt;
  }

  Form form() {
    return form;
  }

  /// What is asked where a recipe does not say it.
  String prompt() {
    return prompt;
  }

  /// Whether images are shown.
  public boolean looks() {
    return this == DESCRIBE || this == ENHANCE;
  }

  /// Whether rows need a text.
  boolean reads() {
    return this != DESCRIBE;
  }

  /// The name of the answer's field, and of the file of its texts.
  String field() {
    return form == Form.TEXT ? "caption" : name().toLowerCase(Locale.ROOT);
  }

  /// Words of a text, where a recipe does not say them.
  CaptionSettings.Span words() {
    return switch (this) {
      case DESCRIBE, ENHANCE -> new CaptionSettings.Span(20, 200);
      case SUMMARISE -> new CaptionSettings.Span(5, 50);
      case ATTRIBUTES, FINDINGS -> new CaptionSettings.Span(5, 25);
    };
  }

  /// Texts of an answer, where a recipe does not say it.
  CaptionSettings.Span count() {
    return switch (this) {
      case DESCRIBE, ENHANCE, SUMMARISE -> new CaptionSettings.Span(1, 1);
      case ATTRIBUTES -> new CaptionSettings.Span(20, 20);
      case FINDINGS -> new CaptionSettings.Span(1, 12);
    };
  }
}
