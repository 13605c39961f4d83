package dev.eosin.run;

import dev.eosin.config.DataException;
import dev.eosin.data.Source;
import dev.eosin.data.opened.DataSets;
import dev.eosin.data.opened.DataSettings;
import dev.eosin.data.opened.GroupLeaks;
import dev.eosin.data.opened.OpenedSources;
import dev.eosin.data.opened.SampleLeaks;
import dev.eosin.data.quality.LeakCheck;
import dev.eosin.data.quality.SourceStatistics;
import dev.eosin.data.quality.StatisticsReport;
import dev.eosin.data.settings.SplitSettings;
import dev.eosin.experiment.RunSettings;
import dev.eosin.text.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/// What a recipe's data consists of and what is wrong with it, before a run.
public final class DataStatistics {
  private DataStatistics() {}

  /// @param most samples of each part to examine; leaks are looked for in all of them
  /// @throws DataException when the data cannot be opened; what a training would refuse of data
  ///   that can be is told
  public static StatisticsReport of(RunSettings recipe, long most) throws IOException {
    DataSettings settings = SplitExports.pairs(recipe);
    OpenedSources.Looked looked = OpenedSources.look(settings, settings.image().decoder().exact());
    OpenedSources data = looked.sources();
    List<String> refusals = new ArrayList<>(looked.refusals());
    Tokenizer tokenizer = settings.text().tokenizer().open();
    int workers = settings.workerCount();
    var plan =
        new SourceStatistics.Plan(
            tokenizer, settings.text().length(), settings.leaks().distance(), most, workers);
    Map<String, SourceStatistics> parts = new LinkedHashMap<>();
    parts.put(DataSets.TRAIN, SourceStatistics.of(data.train(), plan));
    List<String> across = new ArrayList<>(data.notes());
    if (data.validation().isPresent()) {
      Source validation = data.validation().get();
      parts.put(DataSets.VALIDATION, SourceStatistics.of(validation, plan));
      SampleLeaks.of(data.train(), validation).summary().ifPresent(across::add);
      GroupLeaks groups = GroupLeaks.of(data.train(), validation);
      groups.shared().ifPresent(across::add);
      groups.unseen().ifPresent(across::add);
      LeakCheck copies = LeakCheck.of(data.train(), validation, settings.leaks(), workers);
      copies.summary().ifPresent(across::add);
      try {
        copies.verdict(settings.leaks());
      } catch (DataException leaks) {
        refusals.add(String.valueOf(leaks.getMessage()));
      }
    }
    refusals.addAll(unreadable(recipe, settings, data, parts));
    return new StatisticsReport(parts, across, refusals);
  }

  /// What a training or its evaluations would stop at when they come to read it, beyond what is
  /// refused before they start: each side by itself.
  private static List<String> unreadable(
      RunSettings recipe,
      DataSettings settings,
      OpenedSources data,
      Map<String, SourceStatistics> parts) {
    List<String> stops = new ArrayList<>();
    Map<String, Source> read = new LinkedHashMap<>();
    read.put(DataSets.TRAIN, data.train());
    if (!recipe.evaluate().isEmpty()) {
      data.validation().ifPresent(side -> read.put(DataSets.VALIDATION, side));
    }
    boolean divided = settings.validation().filter(SplitSettings.class::isInstance).isPresent();
    read.forEach(
        (name, side) -> {
          SourceStatistics part = Objects.requireNonNull(parts.get(name));
          boolean more = part.unreadable().size() > side.badSamples().count();
          if (more && part.exceeds(settings.badRows())) {
            String both = divided ? "; before the split " + counted(parts.values()) : "";
            stops.add(
                "%s: %s samples cannot be read%s: more than data.bad-rows.limit (%s of each side) allows, for example %s; mend or remove them, or raise that limit"
                    .formatted(
                        name,
                        counted(List.of(part)),
                        both,
                        settings.badRows().limit(),
                        part.unreadable().getFirst()));
          }
        });
    return stops;
  }

  private static String counted(Collection<SourceStatistics> parts) {
    long bad = parts.stream().mapToLong(SourceStatistics::differentlyUnreadable).sum();
    long examined = parts.stream().mapToLong(SourceStatistics::examined).sum();
    return String.format(Locale.ROOT, "%d of %d (%.1f %%)", bad, examined, 100.0 * bad / examined);
  }
}
