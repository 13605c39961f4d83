package dev.eosin.eval.answers;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// An answer, with what was asked, what was shown and what is right: a line of an answers file.
///
/// @param id names the question; its controls and rotations have the same
/// @param image names the picture that was really shown; none where there was none
/// @param question without its options
/// @param gold what is right: of options one's text or its letter
/// @param answer what came back; may be empty
/// @param type how the answer is judged
/// @param fact what the question asks for, where that is known
/// @param control what was given in place of the question's picture
/// @param draw from 0, where a control was drawn several times
/// @param rotation by how many places the options were moved to the left
/// @param options as they were shown, the first is A; none where the answer is free or they are
///   unknown
/// @param group slide, patient or the like, where it is known
/// @param further fields of a file that are not Eosin's
public record AnswerRow(
    String id,
    Optional<String> image,
    String question,
    String gold,
    String answer,
    Kind type,
    Optional<String> fact,
    Control control,
    int draw,
    int rotation,
    List<String> options,
    Optional<String> group,
    Map<String, JsonNode> further) {
  private static final int LETTERS = 26;

  /// What no two rows of a file have in common.
  public record Key(String id, Control control, int draw, int rotation) {
    @Override
    public String toString() {
      return "id '%s', control %s, draw %d, rotation %d"
          .formatted(id, control.written(), draw, rotation);
    }
  }

  public AnswerRow {
    options = List.copyOf(options);
    further = Collections.unmodifiableMap(new LinkedHashMap<>(further));
  }

  public Key key() {
    return new Key(id, control, draw, rotation);
  }

  /// The same row with another answer.
  public AnswerRow answered(String text) {
    return new AnswerRow(
        id, image, question, gold, text, type, fact, control, draw, rotation, options, group,
        further);
  }

  /// Where the right option stands, from 0; empty where gold is neither an option nor the letter of
  /// one.
  public OptionalInt rightOption() {
    int place = options.indexOf(gold);
    if (place >= 0) {
      return OptionalInt.of(place);
    }
    String letter = gold.strip();
    int number = letter.length() == 1 ? Character.toUpperCase(letter.charAt(0)) - 'A' : -1;
    int most = options.isEmpty() ? LETTERS : options.size();
    return number >= 0 && number < most ? OptionalInt.of(number) : OptionalInt.empty();
  }

  /// The letter of an option.
  ///
  /// @param place from 0
  public static String letter(int place) {
    return String.valueOf((char) ('A' + place));
  }
}
