package dev.eosin.train.logs;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.config.Seconds;
import java.net.URI;
import java.util.Optional;

/// The key `logging.mlflow` of a recipe.
@Doc(
    "An MLflow server, told beside the training by its REST interface. It can neither fail nor slow a run; rows that it does not take are counted and said.")
public record MlflowSettings(
    @Doc("Where it listens: http://localhost:5000.") String uri,
    @Doc("The experiment that runs are put into; made where it is missing.") @OrElse("eosin")
        String experiment,
    @Doc("What the run is called; the name of its folder without it.") Optional<String> runName,
    @Doc("The environment variable that holds a bearer token, where the server wants one.")
        Optional<String> tokenVariable,
    @Doc("Rows that wait while the server does not answer; what comes then is left out.")
        @OrElse("10_000")
        @Range(min = 1, max = 1e7)
        int waiting,
    @Doc("How long the end of a run waits for rows that are not sent yet.") @OrElse("10 s")
        Seconds patience) {
  /// @throws IllegalArgumentException for what is no http address, or a blank name
  public MlflowSettings {
    URI parsed = URI.create(uri);
    if (parsed.getHost() == null || !String.valueOf(parsed.getScheme()).matches("https?")) {
      throw new IllegalArgumentException(
          "uri: '%s' is no address of a server; write e.g. http://localhost:5000".formatted(uri));
    }
    if (experiment.isBlank()) {
      throw new IllegalArgumentException("experiment: is blank");
    }
  }
}
