package dev.eosin.data.synthetic;

import dev.eosin.data.Caption;
import dev.eosin.data.Reading;
import dev.eosin.data.Sample;
import dev.eosin.data.SamplePlace;
import dev.eosin.data.Source;
import dev.eosin.data.settings.SyntheticSettings;
import dev.eosin.random.RandomKey;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Drawn H&E tiles of nine classes with captions, for trying things out without data.
///
/// Train and validation draw from different random streams: no tile of one is a tile of the other,
/// whatever the sizes.
public final class SyntheticSource implements Source {
  private final SyntheticSettings settings;
  private final SyntheticTiles tiles;

  public SyntheticSource(SyntheticSettings settings) {
    this.settings = settings;
    this.tiles =
        new SyntheticTiles(
            new RandomKey(settings.seed()), settings.series(), settings.tile().value());
  }

  @Override
  public long size() {
    return settings.samples();
  }

  @Override
  public Sample get(long index) {
    Objects.checkIndex(index, size());
    return new Sample(
        settings.key(index),
        () -> tiles.draw(index),
        Caption.equal(tiles.captions(index)),
        Optional.of(SyntheticTiles.label(index)),
        Optional.empty());
  }

  @Override
  public long place(long index) {
    String drawing =
        "synthetic %d %d %s %s"
            .formatted(
                SyntheticTiles.DRAWING_VERSION, settings.seed(), settings.split(), settings.tile());
    return SamplePlace.of(SamplePlace.of(drawing), index);
  }

  @Override
  public boolean drawn() {
    return true;
  }

  @Override
  public String fingerprint() {
    // As it was written before there were other drawings, so that older runs go on.
    return "synthetic %d SyntheticSettings[samples=%d, split=%s, tile=%s, seed=%d]"
        .formatted(
            SyntheticTiles.DRAWING_VERSION,
            settings.samples(),
            settings.split(),
            settings.tile(),
            settings.seed());
  }

  @Override
  public Reading reading() {
    return new Reading("%d drawn tiles".formatted(size()));
  }

  @Override
  public Map<String, String> classTexts() {
    return SyntheticTiles.classTexts();
  }
}
