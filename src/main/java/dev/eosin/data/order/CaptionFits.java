package dev.eosin.data.order;

import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.text.CaptionEncoder;
import dev.eosin.text.EncodedCaption.Fit;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/// How many captions came to fit their rows in which way.
///
/// @param contextLength n, the most ids of a row
public record CaptionFits(Map<Fit, Long> counts, int contextLength) {
  public CaptionFits {
    counts = Map.copyOf(counts);
  }

  /// Encodes the captions of the positions [0, count).
  public static CaptionFits of(
      Source source, SampleOrder order, CaptionEncoder encoder, long count) {
    Map<Fit, Long> counts = new EnumMap<>(Fit.class);
    for (long position = 0; position < count; position++) {
      Sample sample = source.get(order.index(position));
      if (sample.captions().isEmpty()) {
        // A bad row; its stand-in counts where it stands itself.
        continue;
      }
      String caption = order.caption(position, sample.captions()).text();
      Fit fit = encoder.training(caption, order.key(), order.epoch(position), position).fit();
      counts.merge(fit, 1L, Long::sum);
    }
    return new CaptionFits(counts, encoder.contextLength());
  }

  /// One line for a person to read.
  @Override
  public String toString() {
    long all = counts.values().stream().mapToLong(Long::longValue).sum();
    return String.format(
        Locale.ROOT,
        "of the first %,d, %.1f %% are cut to %d ids and %.1f %% lose sentences",
        all,
        percent(Fit.TRUNCATED, all),
        contextLength,
        percent(Fit.SAMPLED, all));
  }

  private double percent(Fit fit, long all) {
    return 100.0 * counts.getOrDefault(fit, 0L) / all;
  }
}
