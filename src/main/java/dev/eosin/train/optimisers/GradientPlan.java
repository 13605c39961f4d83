package dev.eosin.train.optimisers;

import dev.eosin.group.Group;
import dev.eosin.tensor.Parameter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// In which pieces, and in which order, ranks sum their gradients: the order in which they came to
/// the first rank in its first step, cut into pieces of about 25 MB, the same on all ranks.
///
/// @param pieces parameters of each
/// @param deliveries how often each parameter's gradient came in a step of this rank
/// @param early whether pieces may leave while the backward pass goes on: not where ranks speak of
///   other things meanwhile
record GradientPlan(
    List<List<Parameter>> pieces, Map<Parameter, Integer> deliveries, boolean early) {
  /// What torch's DDP takes, too: large enough for the link's full rate, small enough to leave
  /// soon.
  static final long PIECE_BYTES = 25_000_000;

  /// What is taken for the order of gradients before anything was seen of it: that of the weights,
  /// backwards, each of which comes once.
  static GradientPlan assumed(Shards shards, List<Parameter> parameters) {
    Map<Parameter, Integer> once = new HashMap<>();
    parameters.forEach(parameter -> once.put(parameter, 1));
    return new GradientPlan(shards.pieces(parameters.reversed()), once, true);
  }

  /// What the first step shows.
  static final class Recording {
    private final Map<Parameter, Integer> deliveries = new LinkedHashMap<>();
    private long callsBefore = -1;

    void delivered(List<Parameter> ready, Group group) {
      if (callsBefore < 0) {
        callsBefore = group.calls();
      }
      for (Parameter parameter : ready) {
        int before = deliveries.getOrDefault(parameter, 0);
        // Last delivered, last in the order.
        deliveries.remove(parameter);
        deliveries.put(parameter, before + 1);
      }
    }

    /// Calls for gradients that left in this step already, which nobody has to wait for again.
    void spent(long calls) {
      callsBefore += calls;
    }

    /// Once the step's gradients are all here.
    GradientPlan agree(Group group, Shards shards, List<Parameter> parameters) {
      boolean speaks = callsBefore >= 0 && group.calls() != callsBefore;
      boolean early = !group.any(speaks);
      return new GradientPlan(
          shards.pieces(order(group, parameters)), Map.copyOf(deliveries), early);
    }

    private List<Parameter> order(Group group, List<Parameter> parameters) {
      Set<Parameter> own = new LinkedHashSet<>(deliveries.keySet());
      own.addAll(parameters);
      ByteBuffer places = ByteBuffer.allocate(Integer.BYTES * parameters.size());
      own.forEach(parameter -> places.putInt(parameters.indexOf(parameter)));
      ByteBuffer first = ByteBuffer.wrap(group.exchange(places.array()).getFirst());
      List<Parameter> order = new ArrayList<>();
      while (first.hasRemaining()) {
        order.add(parameters.get(first.getInt()));
      }
      return order;
    }
  }

  /// The same, whose pieces leave when the backward pass is through.
  GradientPlan late() {
    return new GradientPlan(pieces, deliveries, false);
  }
}
