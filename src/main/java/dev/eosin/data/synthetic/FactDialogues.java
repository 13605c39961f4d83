package dev.eosin.data.synthetic;

import dev.eosin.data.Reading;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent.Conversation;
import dev.eosin.data.SampleContent.Turn;
import dev.eosin.data.Source;
import dev.eosin.data.settings.SyntheticSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Drawn tiles of independent facts, each with everything that is asked about it as one
/// conversation, in an order of its own: a model reads the picture once for many answers.
public final class FactDialogues implements Source {
  private final SyntheticSettings settings;
  private final FactTiles tiles;

  public FactDialogues(SyntheticSettings settings) {
    this.settings = settings;
    this.tiles = DrawnFacts.tiles(settings);
  }

  @Override
  public long size() {
    return settings.samples();
  }

  @Override
  public Sample get(long index) {
    Objects.checkIndex(index, size());
    Facts facts = tiles.facts(index);
    List<Turn> turns = new ArrayList<>();
    for (FactQuestion asked : tiles.dialogue(index)) {
      turns.add(new Turn(true, asked.question()));
      turns.add(new Turn(false, asked.answer()));
    }
    String key = settings.key(index);
    return new Sample(
        key,
        List.of(() -> tiles.draw(facts, index)),
        new Conversation(turns),
        Optional.of(FactTiles.label(facts)),
        Optional.of(key));
  }

  @Override
  public long place(long index) {
    return DrawnFacts.place(settings, index);
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
    return new Reading("%d conversations about drawn tiles".formatted(size()));
  }

  @Override
  public Map<String, String> classTexts() {
    return FactTiles.classTexts();
  }
}
