package dev.eosin.train.optimisers;

import dev.eosin.group.Group;
import dev.eosin.group.PendingSum;
import dev.eosin.tensor.Bucket;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Brings the gradients of all ranks together before the optimiser sees them: each rank's are sums
/// over its own rows, divided by the weight of all, so that they add up. A single process hands
/// everything on at once.
///
/// From the second step on gradients leave in pieces ([GradientPlan]) while the backward pass goes
/// on: a piece is complete when as many gradients came as in the first step. What comes after its
/// piece has left is summed in a second round, so that the result never depends on that guess. All
/// ranks sum the same pieces in the same order; what a rank's rows did not use counts as zero
/// there. Where ranks share the optimiser's state, a piece has gradients of one rank's weights, and
/// its sum goes to that rank alone. Where they share the gradients too, pieces leave in the first
/// step already, in an assumed order and awaited one by one, since ranks may speak of other things
/// meanwhile; so whole gradients are never there, unless rows go through the model in parts.
public final class SharedGradients implements GradientSink {
  private final Group group;
  private final Optimiser optimiser;
  private final Engine engine;
  private final boolean overlaps;
  private final GradientSums own;
  private final GradientPlan.Recording recording = new GradientPlan.Recording();

  // Of the first step, where whole gradients are not to be kept even then.
  private final GradientPlan assumed;
  private Optional<GradientPlan> plan = Optional.empty();
  // Of this step.
  private final Map<Parameter, Integer> delivered = new HashMap<>();
  private final List<Sent> sent = new ArrayList<>();
  // Pieces of a step that have come, the first ones.
  private int arrived;

  /// Pieces on their way whose memory is kept where their sums are another rank's.
  private static final int UNDER_WAY = 2;

  /// A piece on its way, or here.
  ///
  /// @param mine whether this rank gets the sum
  private record Sent(Bucket bucket, PendingSum sum, boolean mine) {}

  /// @param overlaps whether gradients leave while the backward pass goes on, where they can
  public SharedGradients(Group group, Optimiser optimiser, boolean overlaps) {
    this.group = group;
    this.optimiser = optimiser;
    this.engine = optimiser.engine();
    this.overlaps = overlaps;
    this.own = new GradientSums(engine);
    this.assumed = GradientPlan.assumed(optimiser.shards(), optimiser.parameters());
  }

  @Override
  public void accept(List<Parameter> ready, List<Tensor> gradients) {
    if (group.size() == 1) {
      optimiser.accept(ready, gradients);
      return;
    }
    own.accept(ready, gradients);
    ready.forEach(parameter -> delivered.merge(parameter, 1, Integer::sum));
    if (plan.isEmpty()) {
      recording.delivered(ready, group);
      if (optimiser.shards().ofGradients() && overlaps) {
        long before = group.calls();
        sendComplete(assumed);
        awaitAll();
        recording.spent(group.calls() - before);
      }
    } else if (plan.get().early()) {
      sendComplete(plan.get());
    }
  }

  private void sendComplete(GradientPlan known) {
    while (sent.size() < known.pieces().size() && isComplete(known)) {
      send(known.pieces().get(sent.size()));
    }
  }

  private void awaitAll() {
    while (arrived < sent.size()) {
      awaitNext();
    }
  }

  private boolean isComplete(GradientPlan known) {
    return known.pieces().get(sent.size()).stream()
        .allMatch(
            parameter ->
                delivered.getOrDefault(parameter, 0)
                    >= known.deliveries().getOrDefault(parameter, 0));
  }

  private void send(List<Parameter> piece) {
    List<long[]> shapes = piece.stream().map(parameter -> parameter.data().shape()).toList();
    Bucket bucket = Bucket.zeros(engine, DType.FLOAT32, shapes, false);
    for (int i = 0; i < piece.size(); i++) {
      if (own.has(piece.get(i))) {
        engine.kernels().run("assign", bucket.views().get(i), own.of(piece.get(i)));
        own.forget(piece.get(i));
      }
    }
    if (optimiser.shards().isWhole()) {
      sent.add(new Sent(bucket, group.beginSum(bucket.flat()), true));
      return;
    }
    int owner = optimiser.shards().owner(piece.getFirst());
    PendingSum sum = group.beginSum(bucket.flat(), owner);
    sent.add(new Sent(bucket, sum, owner == group.rank()));
    while (sent.size() - arrived > UNDER_WAY) {
      awaitNext();
    }
  }

  private void awaitNext() {
    Sent next = sent.get(arrived);
    next.sum.await();
    arrived++;
    if (!next.mine) {
      next.bucket.close();
    }
  }

  /// Once the backward pass is through.
  public void finish() {
    if (group.size() == 1) {
      return;
    }
    boolean known = plan.isPresent();
    if (!known) {
      GradientPlan agreed = recording.agree(group, optimiser.shards(), optimiser.parameters());
      plan = Optional.of(overlaps ? agreed : agreed.late());
    }
    boolean begunBlindly = !known && optimiser.shards().ofGradients() && overlaps;
    List<List<Parameter>> pieces = (begunBlindly ? assumed : plan.get()).pieces();
    while (sent.size() < pieces.size()) {
      send(pieces.get(sent.size()));
    }
    awaitAll();
    if (group.any(!own.isEmpty())) {
      addLate(pieces);
    }
    for (int i = 0; i < pieces.size(); i++) {
      if (sent.get(i).mine) {
        optimiser.accept(pieces.get(i), sent.get(i).bucket.views());
      }
    }
  }

  /// What came after its piece had left.
  private void addLate(List<List<Parameter>> pieces) {
    for (int i = 0; i < pieces.size(); i++) {
      for (int j = 0; j < pieces.get(i).size(); j++) {
        Parameter parameter = pieces.get(i).get(j);
        try (Scope scope = new Scope()) {
          Tensor mine =
              own.has(parameter)
                  ? own.of(parameter)
                  : scope.own(engine.zeros(DType.FLOAT32, parameter.data().shape()));
          Tensor all = scope.own(group.sum(List.of(mine)).getFirst());
          if (sent.get(i).mine) {
            engine.kernels().run("accumulate", sent.get(i).bucket.views().get(j), all);
          }
        }
      }
    }
    own.clear();
  }

  /// Forgets what was not brought together, after a step that failed; the pieces, after any step.
  /// Pieces that are still on their way keep their memory, which another thread writes to: the job
  /// is about to end, and waiting for ranks that may never send theirs would hold that up.
  public void drop() {
    own.clear();
    delivered.clear();
    if (arrived == sent.size()) {
      sent.forEach(piece -> piece.bucket.close());
      sent.clear();
      arrived = 0;
    }
  }
}
