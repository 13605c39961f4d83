package dev.eosin.train;

import dev.eosin.tensor.ParameterSet;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// The moving average of a run's weights, where its recipe asks for one: kept, evaluated, exported.
public record OptionalAverage(Optional<WeightAverage> average) implements AutoCloseable {
  /// An action on the model as it stands.
  public interface Action<T> {
    T run() throws IOException;
  }

  public static OptionalAverage of(Optional<EmaSettings> settings, ParameterSet weights) {
    return new OptionalAverage(settings.map(ema -> new WeightAverage(weights, ema)));
  }

  /// Makes the average what the weights are.
  public void begin() {
    average.ifPresent(WeightAverage::begin);
  }

  /// Evaluations that see the average, where the recipe says so.
  public List<Scheduled> evaluating(List<Scheduled> evaluations) {
    boolean shown = average.map(WeightAverage::settings).filter(EmaSettings::evaluate).isPresent();
    return evaluations.stream()
        .map(
            scheduled ->
                new Scheduled(
                    step -> showing(shown, () -> scheduled.evaluation().run(step)),
                    scheduled.cadence(),
                    scheduled.score()))
        .toList();
  }

  /// Exports the average, where the recipe says so.
  public <T> T exporting(Action<T> action) throws IOException {
    boolean shown = average.map(WeightAverage::settings).filter(EmaSettings::export).isPresent();
    return showing(shown, action);
  }

  private <T> T showing(boolean shown, Action<T> action) throws IOException {
    if (!shown) {
      return action.run();
    }
    try (WeightAverage.Shown instead = average.orElseThrow().show()) {
      return action.run();
    }
  }

  @Override
  public void close() {
    average.ifPresent(WeightAverage::close);
  }
}
