package dev.eosin.data.quality;

import dev.eosin.data.Caption;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent;
import dev.eosin.data.Source;
import dev.eosin.image.ContactSheet;
import dev.eosin.image.Filter;
import dev.eosin.image.Raster;
import dev.eosin.image.Resize;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Adds up what was found of single samples.
final class StatisticsCounts {
  private static final int PICTURES = 24;
  private static final int THUMBNAIL = 128;

  private final SourceStatistics.Plan plan;
  private final List<Integer> tokens = new ArrayList<>();
  private final Map<String, Integer> captions = new HashMap<>();
  private final Map<String, Integer> content = new TreeMap<>();
  private final Map<String, Integer> facts = new TreeMap<>();
  private final Map<String, Integer> labels = new TreeMap<>();
  private final Set<String> groups = new HashSet<>();
  private final Map<String, Integer> sizes = new HashMap<>();
  private final List<String> unreadable = new ArrayList<>();
  private final Set<String> differentlyUnreadable = new HashSet<>();
  private final Map<String, List<String>> files = new LinkedHashMap<>();
  private final List<String> emptyPictures = new ArrayList<>();
  private final List<ContactSheet.Entry> pictures = new ArrayList<>();
  private final SimilarPictures similar;
  private long examined;
  private long tooLong;
  private long captionless;

  /// @param classTexts labels that samples may have: one without samples counts as 0
  StatisticsCounts(SourceStatistics.Plan plan, Map<String, String> classTexts) {
    this.plan = plan;
    this.similar = new SimilarPictures(plan.distance());
    classTexts.keySet().forEach(label -> labels.put(label, 0));
  }

  void add(SourceStatistics.Examined found) throws IOException {
    examined++;
    Sample sample = found.sample();
    tokens.addAll(found.tokens());
    tooLong += found.tokens().stream().filter(length -> length > plan.contextLength()).count();
    content.merge(sample.kind(), 1, Integer::sum);
    switch (sample.content()) {
      case SampleContent.Captions(List<Caption> texts) -> addCaptions(texts);
      case SampleContent.QuestionAnswer asked ->
          asked.fact().ifPresent(fact -> facts.merge(fact, 1, Integer::sum));
      case SampleContent.Conversation _, SampleContent.Document _ -> {}
    }
    sample.label().ifPresent(label -> labels.merge(label, 1, Integer::sum));
    sample.group().ifPresent(groups::add);
    if (found.identity().isPresent()) {
      add(sample, found.identity().get());
    } else if (!found.problem().isEmpty()) {
      unreadable.add(found.problem());
      differentlyUnreadable.add(sample.key() + "\n" + found.problem());
    }
  }

  private void addCaptions(List<Caption> texts) {
    if (texts.isEmpty()) {
      captionless++;
    } else {
      captions.merge(texts.getFirst().text(), 1, Integer::sum);
    }
  }

  private void add(Sample sample, ImageIdentity identity) throws IOException {
    sizes.merge(identity.width() + " x " + identity.height(), 1, Integer::sum);
    boolean known = identity.file().isPresent() && files.containsKey(identity.file().get());
    identity
        .file()
        .ifPresent(file -> files.computeIfAbsent(file, _ -> new ArrayList<>()).add(sample.key()));
    if (identity.picture().isEmpty()) {
      emptyPictures.add(sample.key());
    } else if (!known) {
      similar.add(sample.key(), identity.picture().get());
    }
    if (pictures.size() < PICTURES) {
      pictures.add(thumbnail(sample));
    }
  }

  private static ContactSheet.Entry thumbnail(Sample sample) throws IOException {
    Raster image = sample.images().getFirst().read();
    double scale = (double) THUMBNAIL / Math.max(image.width(), image.height());
    int width = Math.max(1, (int) Math.round(image.width() * scale));
    int height = Math.max(1, (int) Math.round(image.height() * scale));
    Resize shrink = Resize.whole(image.width(), image.height(), width, height, Filter.BICUBIC);
    String caption = sample.captions().isEmpty() ? sample.key() : sample.texts().getFirst();
    return new ContactSheet.Entry(shrink.apply(image).toRgb(), caption);
  }

  SourceStatistics of(Source source) {
    return new SourceStatistics(
        source.reading(),
        source.size(),
        examined,
        new LinkedHashMap<>(content),
        new LinkedHashMap<>(facts),
        Distribution.of(tokens),
        tooLong,
        captionless,
        captions.values().stream().filter(count -> count > 1).mapToLong(Integer::longValue).sum(),
        new LinkedHashMap<>(labels),
        groups.size(),
        bySize(),
        List.copyOf(unreadable),
        differentlyUnreadable.size(),
        files.values().stream().filter(keys -> keys.size() > 1).map(List::copyOf).toList(),
        similar.sets(),
        List.copyOf(emptyPictures),
        List.copyOf(pictures));
  }

  private Map<String, Integer> bySize() {
    Map<String, Integer> sorted = new LinkedHashMap<>();
    sizes.entrySet().stream()
        .sorted(
            Map.Entry.<String, Integer>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
    return sorted;
  }
}
