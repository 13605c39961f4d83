package dev.eosin.train.optimisers;

import dev.eosin.group.Group;
import dev.eosin.tensor.Bucket;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Which rank keeps the optimiser's state of a trained weight, and updates it. A weight has one
/// rank, whole, since some rules look at whole matrices; the largest weights are given out first,
/// each to the rank that has the least. What a checkpoint holds does not depend on it.
public final class Shards {
  /// Every rank keeps everything.
  public static final Shards WHOLE = new Shards(Group.ALONE, Map.of(), false);

  /// Smaller messages cost more than they spare.
  private static final long LEAST_PIECE_BYTES = 1_000_000;

  private final Group group;
  private final Map<Parameter, Integer> owners;
  private final boolean gradients;

  private Shards(Group group, Map<Parameter, Integer> owners, boolean gradients) {
    this.group = group;
    this.owners = owners;
    this.gradients = gradients;
  }

  /// The weights spread over the ranks of a group.
  ///
  /// @param gradients whether a rank keeps no gradients of others' weights either
  public static Shards over(Group group, List<Parameter> parameters, boolean gradients) {
    if (group.size() == 1) {
      return WHOLE;
    }
    long[] given = new long[group.size()];
    Map<Parameter, Integer> owners = new HashMap<>();
    List<Parameter> largestFirst = new ArrayList<>(parameters);
    largestFirst.sort(Comparator.comparingLong(parameter -> -parameter.data().elements()));
    for (Parameter parameter : largestFirst) {
      int least = 0;
      for (int rank = 1; rank < given.length; rank++) {
        least = given[rank] < given[least] ? rank : least;
      }
      owners.put(parameter, least);
      given[least] += parameter.data().elements();
    }
    return new Shards(group, owners, gradients);
  }

  /// Whether every rank keeps everything.
  public boolean isWhole() {
    return owners.isEmpty();
  }

  /// Whether a rank keeps no gradients of others' weights, once they have left.
  boolean ofGradients() {
    return gradients;
  }

  Group group() {
    return group;
  }

  /// The rank that updates a weight; 0 where all do.
  int owner(Parameter parameter) {
    return owners.getOrDefault(parameter, 0);
  }

  /// Whether this rank updates a weight.
  boolean owns(Parameter parameter) {
    return isWhole() || owner(parameter) == group.rank();
  }

  /// Gives every rank the weights that others have updated; masters and what follows them.
  void spread(Engine engine, List<Parameter> parameters) {
    if (isWhole()) {
      return;
    }
    for (List<Parameter> piece : pieces(parameters)) {
      int owner = owner(piece.getFirst());
      List<Tensor> masters = piece.stream().map(Parameter::master).toList();
      List<long[]> shapes = masters.stream().map(Tensor::shape).toList();
      try (Bucket bucket = Bucket.zeros(engine, DType.FLOAT32, shapes, false)) {
        if (owner == group.rank()) {
          engine.kernels().run("assign_all", bucket.views(), masters);
        }
        group.broadcast(List.of(bucket.flat()), owner);
        if (owner != group.rank()) {
          engine.kernels().run("assign_all", masters, bucket.views());
          round(engine, piece.stream().filter(Parameter::shadowed).toList());
        }
      }
    }
  }

  private static void round(Engine engine, List<Parameter> shadowed) {
    if (!shadowed.isEmpty()) {
      List<Tensor> narrow = shadowed.stream().map(Parameter::data).toList();
      List<Tensor> wide = shadowed.stream().map(Parameter::master).toList();
      engine.kernels().run("assign_all", narrow, wide);
    }
  }

  /// While gradients are not kept, each rank's next piece waits to be full: pieces of all ranks are
  /// as large as one is otherwise.
  private long pieceBytes() {
    return gradients
        ? Math.max(LEAST_PIECE_BYTES, GradientPlan.PIECE_BYTES / group.size())
        : GradientPlan.PIECE_BYTES;
  }

  /// Weights of one rank each, about [GradientPlan#PIECE_BYTES] together, or less where gradients
  /// are not kept.
  List<List<Parameter>> pieces(List<Parameter> order) {
    Map<Integer, List<Parameter>> open = new TreeMap<>();
    Map<Integer, Long> bytes = new HashMap<>();
    List<List<Parameter>> pieces = new ArrayList<>();
    for (Parameter parameter : order) {
      int owner = owner(parameter);
      open.computeIfAbsent(owner, none -> new ArrayList<>()).add(parameter);
      if (bytes.merge(owner, Float.BYTES * parameter.data().elements(), Long::sum)
          >= pieceBytes()) {
        pieces.add(List.copyOf(open.remove(owner)));
        bytes.remove(owner);
      }
    }
    open.values().forEach(rest -> pieces.add(List.copyOf(rest)));
    return pieces;
  }
}
