package dev.eosin.data.synthetic;

import dev.eosin.data.Reading;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent.Conversation;
import dev.eosin.data.SampleContent.Turn;
import dev.eosin.data.Source;
import dev.eosin.data.settings.SyntheticSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// Conversations about tiles that nobody drew: independent facts told in words before the first
/// question, fresh ones in each, and the answers. What a language model must be able to do before
/// it is shown pictures.
public final class FactConversations implements Source {
  private static final int QUESTIONS = 6;

  private final SyntheticSettings settings;
  private final FactTiles tiles;

  public FactConversations(SyntheticSettings settings) {
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
    List<FactQuestion> asked = tiles.conversation(index, QUESTIONS);
    List<Turn> turns = new ArrayList<>();
    for (FactQuestion one : asked) {
      String question =
          turns.isEmpty() ? ToldFacts.before(one.told(), one.question()) : one.question();
      turns.add(new Turn(true, question));
      turns.add(new Turn(false, one.answer()));
    }
    return new Sample(
        settings.key(index),
        List.of(),
        new Conversation(turns),
        Optional.empty(),
        Optional.empty());
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
    return new Reading("%d conversations about told facts".formatted(size()));
  }
}
