package dev.eosin.run;

import dev.eosin.config.DataException;
import dev.eosin.data.Source;
import dev.eosin.data.opened.DataSettings;
import dev.eosin.data.opened.GroupLeaks;
import dev.eosin.data.opened.OpenedSources;
import dev.eosin.data.opened.SampleLeaks;
import dev.eosin.data.quality.LeakCheck;
import dev.eosin.data.quality.SourceStatistics;
import dev.eosin.data.quality.StatisticsReport;
import dev.eosin.experiment.RunSettings;
import dev.eosin.text.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
    parts.put("data.train", SourceStatistics.of(data.train(), plan));
    List<String> across = new ArrayList<>(data.notes());
    if (data.validation().isPresent()) {
      Source validation = data.validation().get();
      parts.put("data.validation", SourceStatistics.of(validation, plan));
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
    return new StatisticsReport(parts, across, refusals);
  }
}
