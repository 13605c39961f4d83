package dev.eosin.data.opened;

import dev.eosin.config.DataException;
import dev.eosin.data.BadSamples;
import dev.eosin.data.EpochContent;
import dev.eosin.data.Fingerprint;
import dev.eosin.data.Reading;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.settings.MixtureSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/// Several sources as one, one after the other.
public final class JoinedSource implements Source {
  /// One of the sources.
  ///
  /// @param name in messages
  public record Part(String name, Source source) {}

  private final List<Part> parts;
  private final EpochContent content;
  private final Map<String, String> classTexts;

  private JoinedSource(List<Part> parts, EpochContent content, Map<String, String> classTexts) {
    this.parts = parts;
    this.content = content;
    this.classTexts = classTexts;
  }

  /// Each sample of each part once an epoch.
  ///
  /// @throws DataException when a label means different things in two parts
  public static JoinedSource of(List<Part> parts) throws DataException {
    return new JoinedSource(
        List.copyOf(parts), new EpochContent.EverySample(size(parts)), merge(parts));
  }

  /// Each part with its share of an epoch.
  ///
  /// @param settings with the weights of these parts, in their order
  /// @throws DataException when a label means different things in two parts, or an epoch is too
  ///   short for a part to be in it
  static JoinedSource mixture(List<Part> parts, MixtureSettings settings) throws DataException {
    long epoch = settings.epoch().isPresent() ? settings.epoch().get().value() : size(parts);
    var content =
        EpochContent.Parts.of(
            parts.stream().map(part -> part.source().size()).toList(),
            settings.parts().stream().map(MixtureSettings.PartSettings::weight).toList(),
            epoch);
    for (int i = 0; i < parts.size(); i++) {
      if (content.list().get(i).places() == 0) {
        throw new DataException(
            "data.train: an epoch of %d samples has none of the part '%s' with its weight of %s;"
                    .formatted(epoch, parts.get(i).name(), settings.parts().get(i).weight())
                + " make the epoch longer, raise the weight, or leave the part out");
      }
    }
    return new JoinedSource(List.copyOf(parts), content, merge(parts));
  }

  private static long size(List<Part> parts) {
    return parts.stream().mapToLong(part -> part.source().size()).sum();
  }

  private static Map<String, String> merge(List<Part> parts) throws DataException {
    Map<String, String> texts = new LinkedHashMap<>();
    Map<String, String> givenBy = new LinkedHashMap<>();
    for (Part part : parts) {
      for (Map.Entry<String, String> entry : part.source().classTexts().entrySet()) {
        String label = entry.getKey();
        String before = texts.putIfAbsent(label, entry.getValue());
        String first = givenBy.putIfAbsent(label, part.name());
        if (before != null && !before.equals(entry.getValue())) {
          throw new DataException(
              "data.train: the label '%s' is '%s' in the part '%s' and '%s' in '%s'; give both the same class-names"
                  .formatted(label, before, first, entry.getValue(), part.name()));
        }
      }
    }
    return Collections.unmodifiableMap(texts);
  }

  @Override
  public long size() {
    return size(parts);
  }

  @Override
  public Source only(int[] indices, String choice) throws DataException {
    List<Part> fewer = new ArrayList<>();
    long first = 0;
    for (Part part : parts) {
      int[] own = within(part, first, indices);
      if (own.length == 0) {
        throw new DataException(
            "data: nothing of the part '%s' is left (%s)".formatted(part.name(), choice));
      }
      fewer.add(new Part(part.name(), part.source().only(own, choice)));
      first += part.source().size();
    }
    return new JoinedSource(fewer, shares(fewer), classTexts);
  }

  /// Which of some samples lie in a part, as that part counts them.
  ///
  /// @param begins the part's first sample
  private static int[] within(Part part, long begins, int[] indices) {
    long end = begins + part.source().size();
    return Arrays.stream(indices)
        .filter(index -> index >= begins && index < end)
        .map(index -> (int) (index - begins))
        .toArray();
  }

  private EpochContent shares(List<Part> fewer) {
    return switch (content) {
      case EpochContent.EverySample _ -> new EpochContent.EverySample(size(fewer));
      case EpochContent.Parts(List<EpochContent.Parts.Part> list) -> {
        List<EpochContent.Parts.Part> shares = new ArrayList<>();
        long first = 0;
        for (int i = 0; i < list.size(); i++) {
          long samples = fewer.get(i).source().size();
          shares.add(new EpochContent.Parts.Part(first, samples, list.get(i).places()));
          first += samples;
        }
        yield new EpochContent.Parts(shares);
      }
    };
  }

  @Override
  public Sample get(long index) {
    return in(index, Source::get);
  }

  @Override
  public long place(long index) {
    return in(index, Source::place);
  }

  @Override
  public boolean drawn() {
    return parts.stream().allMatch(part -> part.source().drawn());
  }

  private <T> T in(long index, BiFunction<Source, Long, T> question) {
    Objects.checkIndex(index, size());
    long left = index;
    for (Part part : parts) {
      if (left < part.source().size()) {
        return question.apply(part.source(), left);
      }
      left -= part.source().size();
    }
    throw new IllegalStateException("a part has changed its size");
  }

  @Override
  public String fingerprint() {
    Fingerprint fingerprint = new Fingerprint().add("joined").add(content.toString());
    parts.forEach(part -> fingerprint.add(part.name()).add(part.source().fingerprint()));
    return fingerprint.hex();
  }

  @Override
  public Map<String, String> classTexts() {
    return classTexts;
  }

  @Override
  public BadSamples badSamples() {
    return BadSamples.joined(parts.stream().map(part -> part.source().badSamples()).toList());
  }

  @Override
  public BadSamples badAmong(int[] indices) {
    List<BadSamples> found = new ArrayList<>();
    long first = 0;
    for (Part part : parts) {
      found.add(part.source().badAmong(within(part, first, indices)));
      first += part.source().size();
    }
    return BadSamples.joined(found);
  }

  @Override
  public Reading reading() {
    return Reading.joined(
        parts.stream().map(Part::name).toList(),
        parts.stream().map(part -> part.source().reading()).toList());
  }

  @Override
  public EpochContent epochContent() {
    return content;
  }

  @Override
  public List<String> notes() {
    Stream<String> own =
        parts.stream()
            .flatMap(part -> part.source().notes().stream().map(note -> part.name() + ": " + note));
    List<String> notes = new ArrayList<>(own.toList());
    if (content instanceof EpochContent.Parts shares) {
      for (int i = 0; i < parts.size(); i++) {
        notes.add(describe(parts.get(i), shares.list().get(i), shares.size()));
      }
    }
    return notes;
  }

  /// Parts that are so small for their weight that batches hold pairs more than once, a line each.
  ///
  /// @param batch pairs in a batch
  List<String> repeats(int batch) {
    List<String> notes = new ArrayList<>();
    if (content instanceof EpochContent.Parts shares) {
      for (int i = 0; i < parts.size(); i++) {
        EpochContent.Parts.Part share = shares.list().get(i);
        double taken = (double) batch * share.places() / shares.size();
        double turns = (double) share.places() / share.samples();
        double epoch = shares.size();
        // Pairs of copies in an epoch, times the chance that both are in one batch, by batches.
        double meetings =
            share.samples()
                * (turns * Math.max(0, turns - 1) / 2)
                * (batch / epoch)
                * ((batch - 1) / Math.max(1, epoch - 1));
        double copies = Math.max(taken - share.samples(), meetings);
        if (copies >= 1) {
          notes.add(repeats(parts.get(i).name(), share.samples(), batch, taken, copies));
        }
      }
    }
    return notes;
  }

  private static String repeats(String part, long samples, int batch, double taken, double copies) {
    return String.format(
        Locale.ROOT,
        "data.train: %s: %,.0f of the %,d pairs of a batch come from its %,d samples, so that about"
            + " %,.0f are there more than once, and each copy counts as a wrong answer to the others;"
            + " lower its weight, or take loss.positives: same-image",
        part,
        taken,
        batch,
        samples,
        copies);
  }

  private static String describe(Part part, EpochContent.Parts.Part share, long epoch) {
    return String.format(
        Locale.ROOT,
        "%s: %,d of the %,d samples of an epoch, %.2f passes over its %,d samples",
        part.name(),
        share.places(),
        epoch,
        (double) share.places() / share.samples(),
        share.samples());
  }
}
