package dev.eosin.data.synthetic;

import dev.eosin.data.Reading;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent.QuestionAnswer;
import dev.eosin.data.Source;
import dev.eosin.data.settings.SyntheticSettings;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Drawn tiles of independent facts, with questions that need the picture: a sample for each
/// question, those of a tile one after the other, in one group.
public final class FactQuestions implements Source {
  private final SyntheticSettings settings;
  private final FactTiles tiles;
  // Where the questions of each tile begin, and where those of the last one end.
  private final int[] begins;

  public FactQuestions(SyntheticSettings settings) {
    this.settings = settings;
    this.tiles = DrawnFacts.tiles(settings);
    this.begins = new int[Math.toIntExact(settings.samples()) + 1];
    for (int tile = 0; tile + 1 < begins.length; tile++) {
      begins[tile + 1] = begins[tile] + FactTiles.questions(tiles.facts(tile));
    }
  }

  @Override
  public long size() {
    return begins[begins.length - 1];
  }

  private int tile(long index) {
    Objects.checkIndex(index, size());
    int found = Arrays.binarySearch(begins, (int) index);
    return found >= 0 ? found : -found - 2;
  }

  @Override
  public Sample get(long index) {
    int tile = tile(index);
    int number = (int) index - begins[tile];
    Facts facts = tiles.facts(tile);
    FactQuestion asked = tiles.question(tile, number);
    String key = settings.key(tile);
    return new Sample(
        "%s/%d".formatted(key, number),
        List.of(() -> tiles.draw(facts, tile)),
        new QuestionAnswer(
            asked.question(),
            asked.answer(),
            kind(asked),
            List.of(),
            Optional.of(asked.fact().label()),
            Optional.of(asked.told())),
        Optional.of(FactTiles.label(facts)),
        Optional.of(key));
  }

  private static QuestionAnswer.Kind kind(FactQuestion asked) {
    return switch (asked.kind()) {
      case TRUE, FALSE -> QuestionAnswer.Kind.CLOSED;
      case OPEN -> QuestionAnswer.Kind.OPEN;
    };
  }

  @Override
  public long place(long index) {
    return DrawnFacts.place(settings, tile(index));
  }

  @Override
  public boolean drawn() {
    return true;
  }

  @Override
  public String fingerprint() {
    return DrawnFacts.fingerprint(settings);
  }

  @Override
  public Reading reading() {
    return new Reading(
        "%d questions about %d drawn tiles of independent facts"
            .formatted(size(), settings.samples()));
  }

  @Override
  public Map<String, String> classTexts() {
    return FactTiles.classTexts();
  }
}
