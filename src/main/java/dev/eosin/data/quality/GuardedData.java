package dev.eosin.data.quality;

import dev.eosin.data.opened.DataSets;
import dev.eosin.data.opened.DataSettings;
import dev.eosin.data.settings.LeakSettings;
import java.io.IOException;

/// Opens data that is to be trained and validated on, and compares both sides as `data.leaks` says.
public final class GuardedData {
  private GuardedData() {}

  /// @throws IOException when the data is at fault, or more of the training data is among the
  ///   validation data than the settings allow
  public static DataSets open(DataSettings settings) throws IOException {
    DataSets data = DataSets.open(settings, settings.text().tokenizer().open());
    if (data.validation().isEmpty()) {
      return data;
    }
    LeakSettings leaks = settings.leaks();
    return LeakCheck.of(data.train(), data.validation().get(), leaks, settings.workerCount())
        .verdict(leaks)
        .map(data::noting)
        .orElse(data);
  }
}
