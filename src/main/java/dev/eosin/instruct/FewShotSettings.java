package dev.eosin.instruct;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// `type: few-shot`: tiles of a few slides for training, those of all others held out.
@Named("few-shot")
@Doc(
    "Tiles in folders SOURCE/CLASS/SLIDE, or CLASS/SLIDE for one source: the tiles of a few slides of"
        + " each class and source become instructions, those of all others held-out.jsonl, questions"
        + " with their answers as options.")
public record FewShotSettings(
    @Doc("The folder of the sources, or of the classes.") Path path,
    @Doc("The answer for each class, by the class folder's name.")
        @OrElse(
            "{ positive: this is a positive pathological image, negative: this is a negative"
                + " pathological image }")
        Map<String, String> answers,
    @Doc("The questions, paraphrases of one; held-out tiles are asked the first.")
        List<String> questions,
    @Doc("Different questions about a tile of training.") @OrElse("1") @Range(min = 1)
        int questionsPerTile,
    @Doc("Slides for training, drawn of each class of each source.") @OrElse("1") @Range(min = 1)
        int slidesPerClass,
    @Doc("The slides for training by their folders' names, instead of drawn ones.") @OrElse("[]")
        List<String> slides,
    @Doc("Tiles of a slide for training, drawn; without it all.") @Range(min = 1)
        Optional<Integer> tilesPerSlide,
    @Doc("File name endings of tiles, in small letters.")
        @OrElse("[png, jpg, jpeg, tif, tiff, webp]")
        List<String> extensions)
    implements InstructionSettings {
  /// @throws IllegalArgumentException for fewer than two classes, answers that are empty or alike,
  ///   no question, and no ending
  public FewShotSettings {
    answers = Collections.unmodifiableMap(new LinkedHashMap<>(answers));
    questions = Slots.distinct("questions", questions);
    slides = List.copyOf(slides);
    extensions = extensions.stream().map(ending -> ending.toLowerCase(Locale.ROOT)).toList();
    if (answers.size() < 2 || new HashSet<>(answers.values()).size() < answers.size()) {
      throw new IllegalArgumentException(
          "answers: %s, expected two classes or more, each with an answer of its own"
              .formatted(answers));
    }
    answers.forEach(
        (label, text) -> {
          if (text.isBlank()) {
            throw new IllegalArgumentException("answers: '%s' has no text".formatted(label));
          }
        });
    questions.forEach(
        question -> {
          if (!Slots.checked("questions", question).isEmpty()) {
            throw new IllegalArgumentException(
                "questions: '%s' has a place, expected none: the class is the answer"
                    .formatted(question));
          }
        });
    ClosedSettings.requireEnough("questions-per-tile", questionsPerTile, questions);
    if (extensions.isEmpty()) {
      throw new IllegalArgumentException("extensions: give at least one, for example [png]");
    }
  }
}
