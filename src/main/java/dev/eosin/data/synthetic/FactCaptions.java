package dev.eosin.data.synthetic;

import dev.eosin.data.Caption;
import dev.eosin.data.Reading;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.settings.SyntheticSettings;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Drawn tiles of independent facts, with captions that state every one, or what is there.
public final class FactCaptions implements Source {
  private final SyntheticSettings settings;
  private final FactTiles tiles;

  public FactCaptions(SyntheticSettings settings) {
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
    return new Sample(
        settings.key(index),
        () -> tiles.draw(facts, index),
        Caption.equal(captions(index)),
        Optional.of(FactTiles.label(facts)),
        Optional.empty());
  }

  private List<String> captions(long index) {
    return settings.says() == SyntheticSettings.Says.FINDINGS
        ? tiles.findings(index)
        : tiles.captions(index);
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
    return new Reading("%d drawn tiles of independent facts".formatted(size()));
  }

  @Override
  public Map<String, String> classTexts() {
    return FactTiles.classTexts();
  }
}
