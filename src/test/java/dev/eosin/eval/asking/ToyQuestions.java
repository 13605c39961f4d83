package dev.eosin.eval.asking;

import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent.QuestionAnswer;
import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.data.Source;
import dev.eosin.eval.Answerer;
import dev.eosin.image.RgbImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Questions about the colour of tiles, and a model that sees it: of each tile an open, a closed
/// and a choice.
public final class ToyQuestions implements Source {
  private static final List<String> COLOURS = List.of("red", "green", "blue");

  private final List<Sample> samples = new ArrayList<>();

  /// Tiles whose colours take turns, and which differ in a pixel each unless they are said to be
  /// equal.
  public ToyQuestions(int tiles, boolean equalOnesOfAColour) {
    for (int tile = 0; tile < tiles; tile++) {
      byte[] pixels = new byte[12];
      pixels[tile % COLOURS.size()] = 1;
      pixels[11] = (byte) (equalOnesOfAColour ? 0 : tile);
      var image = new RgbImage(2, 2, pixels);
      String colour = COLOURS.get(tile % COLOURS.size());
      String asked = COLOURS.get(tile / COLOURS.size() % COLOURS.size());
      Sample.ImageReader reader = () -> image;
      add(tile, "open", reader, "Which colour?", colour, Kind.OPEN, List.of());
      String yes = asked.equals(colour) ? "yes" : "no";
      add(tile, "closed", reader, "Is it " + asked + "?", yes, Kind.CLOSED, List.of());
      add(tile, "choice", reader, "Choose.", colour, Kind.CHOICE, COLOURS);
    }
  }

  private void add(
      int tile,
      String name,
      Sample.ImageReader image,
      String question,
      String answer,
      Kind kind,
      List<String> options) {
    samples.add(
        new Sample(
            "tile-%d/%s".formatted(tile, name),
            List.of(image),
            new QuestionAnswer(question, answer, kind, options, Optional.of("colour")),
            Optional.empty(),
            Optional.of("slide-" + tile / 4)));
  }

  @Override
  public long size() {
    return samples.size();
  }

  @Override
  public Sample get(long index) {
    return samples.get(Math.toIntExact(index));
  }

  @Override
  public String fingerprint() {
    return "toy-" + samples.size();
  }

  /// Says the colour that it sees or is told of, and red where there is none.
  public static final class Seer implements Answerer {
    private final List<String> asked = new ArrayList<>();

    /// The ids of all questions so far.
    public List<String> asked() {
      return asked;
    }

    @Override
    public Answer answer(Question question, Consumer<String> pieces) throws IOException {
      asked.add(question.id());
      String colour =
          question.images().isEmpty() ? told(question.text()) : seen(question.images().getFirst());
      String text = said(question, colour);
      pieces.accept(text);
      return new Answer(text, List.of());
    }

    private static String said(Question question, String colour) {
      if (question.options().contains(colour)) {
        return colour;
      }
      if (question.text().contains("Choose.")) {
        int letter = question.text().indexOf(": " + colour, question.text().indexOf('\n')) - 1;
        return question.text().substring(letter, letter + 1);
      }
      if (question.text().contains("Is it ")) {
        return question.text().contains("Is it " + colour) ? "Yes." : "No.";
      }
      return colour;
    }

    private static String seen(RgbImage image) {
      for (int i = 0; i < COLOURS.size(); i++) {
        if (image.pixels()[i] == 1) {
          return COLOURS.get(i);
        }
      }
      throw new AssertionError("no toy tile");
    }

    private static String told(String text) {
      return COLOURS.stream()
          .filter(colour -> text.contains("colour: " + colour))
          .findFirst()
          .orElse("red");
    }
  }
}
