package dev.eosin.train.optimisers;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// One of `optimizer.groups`: weights that are updated otherwise than the rest.
///
/// @param match a pattern of whole names
/// @param lrScale factor of the learning rate
/// @param weightDecay in place of the optimiser's
public record OptimizerGroup(
    @Doc(
            "Names of weights, as docs/formats.md has them: `*` is any part of a name between two dots, `**` any part, dots included, as in `text.**` or `**.bias`.")
        String match,
    @Doc("Factor of the learning rate.") @OrElse("1.0") @Range(above = 0) double lrScale,
    @Doc(
            "Weight decay in place of optimizer.weight-decay; gains, biases and the logit scale do not decay here either.")
        @Range(min = 0)
        Optional<Double> weightDecay) {
  /// Whether the pattern fits the whole name.
  public boolean matches(String name) {
    return pattern().matcher(name).matches();
  }

  private Pattern pattern() {
    return Pattern.compile(
        Arrays.stream(match.split("\\*\\*", -1))
            .map(OptimizerGroup::withinParts)
            .collect(Collectors.joining(".*")));
  }

  private static String withinParts(String text) {
    return Arrays.stream(text.split("\\*", -1))
        .map(Pattern::quote)
        .collect(Collectors.joining("[^.]*"));
  }
}
