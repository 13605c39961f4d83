package dev.eosin.prepare;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.config.Seconds;
import java.util.Optional;

/// How rows are worked through; nothing here changes what comes of a row that is answered.
@Doc("How rows are worked through.")
public record PreparationSettings(
    @Doc("How many rows are in work at once.") @OrElse("8") @Range(min = 1, max = 10_000)
        int parallel,
    @Doc("What becomes of a row for which a service has no answer.") @OrElse("open") Failed failed,
    @Doc("The run stops when so many rows in a row failed: then it is not the rows.")
        @OrElse("50")
        @Range(min = 1)
        int failuresInARow,
    @Doc("What may be spent.") @OrElse("{}") Limits budget) {

  /// What becomes of a row that failed.
  public enum Failed {
    /// It stays for the next run; nothing is written while a row is open.
    OPEN,
    /// It is left out for good, for the reason `failed`.
    REJECT
  }

  /// What may be spent. A run that has spent it stops cleanly, and goes on when it is raised.
  @Doc("What may be spent; a run that has spent it stops, and goes on with a larger budget.")
  public record Limits(
      @Doc("Calls to services, of all runs of this preparation together.") @Range(min = 0)
          Optional<Long> calls,
      @Doc("Tokens sent and received, of all runs together.") @Range(min = 0) Optional<Long> tokens,
      @Doc("Money in the currency of the price list, of all runs together.") @Range(min = 0)
          Optional<Double> money,
      @Doc("The time after which this run begins nothing new.") Optional<Seconds> time) {
    /// No limit.
    public static final Limits NONE =
        new Limits(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }
}
