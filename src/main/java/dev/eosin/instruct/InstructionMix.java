package dev.eosin.instruct;

import dev.eosin.config.Doc;
import dev.eosin.config.Range;
import java.util.EnumMap;
import java.util.Map;

/// `mix`: how many questions, and what share of them each way makes.
@Doc(
    "How many questions are wanted, and what share each way makes; only as many captions as that"
        + " takes are drawn, each way on its own. Without it every caption goes every way.")
public record InstructionMix(
    @Doc("Questions in all, at most.") @Range(min = 1) int questions,
    @Doc("Share that a language model makes.") @Range(min = 0, max = 1) double generated,
    @Doc("Share from open templates.") @Range(min = 0, max = 1) double open,
    @Doc("Share from closed templates.") @Range(min = 0, max = 1) double closed) {
  private static final double ROUNDING = 1e-9;

  /// @throws IllegalArgumentException when the shares are no whole
  public InstructionMix {
    double sum = generated + open + closed;
    if (Math.abs(sum - 1) > ROUNDING) {
      throw new IllegalArgumentException(
          "generated: the shares generated %s, open %s and closed %s add up to %s, expected 1"
              .formatted(generated, open, closed, (float) sum));
    }
  }

  double share(Way way) {
    return switch (way) {
      case GENERATED -> generated;
      case OPEN -> open;
      case CLOSED -> closed;
    };
  }

  /// Questions of each way; together exactly [#questions].
  Map<Way, Integer> quotas() {
    Map<Way, Integer> quotas = new EnumMap<>(Way.class);
    double share = 0;
    int before = 0;
    for (Way way : Way.values()) {
      share += share(way);
      int until = (int) Math.rint(share * questions);
      quotas.put(way, until - before);
      before = until;
    }
    return quotas;
  }
}
