package dev.eosin.train.logs;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Steps;
import java.util.Optional;

/// The key `logging` of a recipe; log.jsonl has every step whatever it says.
@Doc("What is shown of a run besides log.jsonl, which has every step.")
public record LoggingSettings(
    @Doc("Write TensorBoard event files into the run folder.") @OrElse("true") boolean tensorboard,
    @Doc(
            "Write log.csv (a line for each update) and evaluations.csv (a line for each figure), too.")
        @OrElse("false")
        boolean csv,
    @Doc("An MLflow server that is told of every update and evaluation; none without it.")
        Optional<MlflowSettings> mlflow,
    @Doc("How often a progress line is printed where there is no terminal.") @OrElse("10 steps")
        Steps every) {
  /// @throws IllegalArgumentException when `every` is zero
  public LoggingSettings {
    if (every.value() < 1) {
      throw new IllegalArgumentException("every: at least '1 step' is needed");
    }
  }
}
