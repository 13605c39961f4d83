package dev.eosin.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// The autograd graph as an explicit list of nodes. A node is one kernel, n tensors in, m tensors
/// out; its outputs are cut (detached), so libtorch's graph never spans two nodes. [#backward] goes
/// through the nodes in reverse, adds gradients where a value fans out, and hands each parameter's
/// gradient to the sink as soon as its last use is done. A node's tensors are closed right after
/// its backward, so memory falls while gradients are delivered. Where nothing below is trained, a
/// kernel leaves no node, and its outputs live until [#release] or until the tape closes.
///
/// One step: `try (var tape = new Tape(engine)) { Value loss = ...; tape.backward(loss, sink); }`
public final class Tape implements Graph {
  /// `graph`: the outputs still tied to libtorch's graph, or what an own backward saved, or nothing
  /// when recomputed.
  private record Node(
      Kernel kernel,
      List<Value> inputs,
      List<Parameter> parameters,
      Object[] constants,
      List<Value> outputs,
      List<Tensor> graph) {
    Object[] arguments() {
      var arguments = new ArrayList<Object>();
      arguments.add(inputs.stream().map(Value::data).toList());
      arguments.add(parameters.stream().map(Parameter::data).toList());
      arguments.addAll(Arrays.asList(constants));
      return arguments.toArray();
    }

    /// Keeps of the kernel's results what its backward needs, and closes the others.
    void keep(List<Tensor> results) {
      List<Tensor> first = kernel.outputs(results);
      List<Tensor> rest = results.subList(kernel.outputs(), results.size());
      boolean autograd = kernel.gradient() == Kernel.Gradient.AUTOGRAD;
      graph.addAll(autograd ? first : rest);
      (autograd ? rest : first).forEach(Tensor::close);
    }

    /// Idempotent: closing a closed tensor does nothing.
    void release() {
      graph.forEach(Tensor::close);
      outputs.forEach(Value::release);
    }
  }

  private final Kernels kernels;
  private final List<Node> nodes = new ArrayList<>();
  // Values that no node made: from outside, or of kernels that are not differentiated.
  private final Set<Value> leaves = new LinkedHashSet<>();
  // Values among them that some node's backward needs.
  private final Set<Value> read = new HashSet<>();
  // Uses of parameters in nodes not yet differentiated, and the sums so far of those used more than
  // once (tied weights).
  private final Map<Parameter, Integer> uses = new HashMap<>();
  private final Map<Parameter, Tensor> partial = new HashMap<>();

  public Tape(Engine engine) {
    this.kernels = engine.kernels();
  }

  /// A tensor from outside whose gradient is wanted; see [#takeGradient]. The tape keeps a detached
  /// alias, not the tensor.
  public Value leaf(Tensor data) {
    Value value = new Value(kernels.list("cut", List.of(data)).getFirst(), true, true);
    leaves.add(value);
    return value;
  }

  @Override
  public Value adopt(Tensor data) {
    Value value = new Value(data, false, true);
    leaves.add(value);
    return value;
  }

  /// After [#backward]: the gradient of a leaf, now the caller's to close.
  public Tensor takeGradient(Value leaf) {
    Tensor gradient =
        Objects.requireNonNull(leaf.gradient(), "no gradient reached this leaf of the tape");
    leaf.gradient(null);
    return gradient;
  }

  @Override
  public boolean differentiates(List<Value> inputs, List<Parameter> parameters) {
    return inputs.stream().anyMatch(Value::differentiable)
        || parameters.stream().anyMatch(Parameter::trainable);
  }

  @Override
  public List<Value> apply(
      Kernel kernel, List<Value> inputs, List<Parameter> parameters, Object... constants) {
    boolean differentiable = differentiates(inputs, parameters);
    Node node =
        new Node(kernel, inputs, parameters, constants, new ArrayList<>(), new ArrayList<>());
    boolean autograd = kernel.gradient() == Kernel.Gradient.AUTOGRAD;
    if (!autograd) {
      kernels.requireBackward(kernel.name());
    }
    kernels.gradMode(differentiable && autograd && !kernel.recomputed());
    try {
      List<Tensor> results = kernels.list(kernel.name(), node.arguments());
      node.graph.addAll(results);
      List<Tensor> raw = kernel.outputs(results);
      List<Tensor> cut = differentiable ? kernels.list("cut", raw) : raw;
      cut.forEach(tensor -> node.outputs.add(new Value(tensor, differentiable, true)));
      keepOnlyWhatBackwardNeeds(node, results, differentiable);
    } catch (RuntimeException e) {
      node.release();
      throw e;
    } finally {
      kernels.gradMode(false); // whatever runs between nodes leaves no graph behind
    }
    if (!differentiable) {
      leaves.addAll(node.outputs);
      return node.outputs;
    }
    nodes.add(node);
    read.addAll(inputs);
    parameters.stream().filter(Parameter::trainable).forEach(p -> uses.merge(p, 1, Integer::sum));
    return node.outputs;
  }

  private static void keepOnlyWhatBackwardNeeds(
      Node node, List<Tensor> results, boolean differentiable) {
    int outputs = node.kernel.outputs();
    node.graph.clear();
    if (!differentiable) {
      results.subList(outputs, results.size()).forEach(Tensor::close);
      return;
    }
    if (node.kernel.recomputed()) {
      results.forEach(Tensor::close);
      return;
    }
    node.keep(results);
  }

  /// Frees what no backward needs: values of a part that is not trained.
  @Override
  public void release(Value value) {
    if (!value.differentiable() && !read.contains(value) && leaves.remove(value)) {
      value.release();
    }
  }

  /// Differentiates the scalar `loss` and empties the tape; read the loss before.
  public void backward(Value loss, GradientSink sink) {
    backward(loss, 1, sink);
  }

  /// Differentiates `scale` times the scalar `loss` and empties the tape; read the loss before.
  public void backward(Value loss, double scale, GradientSink sink) {
    backward(List.of(loss), List.of(kernels.one("filled_like", loss.data(), scale)), sink);
  }

  /// Differentiates the sum of `values` times `gradients` (which the tape takes over) and empties
  /// the tape.
  public void backward(List<Value> values, List<Tensor> gradients, GradientSink sink) {
    for (int i = 0; i < values.size(); i++) {
      accumulate(values.get(i), gradients.get(i));
    }
    while (!nodes.isEmpty()) {
      Node node = nodes.getLast();
      if (node.outputs.stream().anyMatch(value -> value.gradient() != null)) {
        differentiate(node, sink);
      } else {
        skip(node, sink);
      }
      nodes.removeLast();
      node.release();
    }
  }

  /// No gradient reaches the node: its parameters lose a use, and those whose sum is complete now
  /// are delivered.
  private void skip(Node node, GradientSink sink) {
    for (Parameter parameter : node.parameters) {
      if (parameter.trainable() && uses.merge(parameter, -1, Integer::sum) == 0) {
        Tensor total = partial.remove(parameter);
        if (total != null) {
          sink.accept(List.of(parameter), List.of(total));
        }
      }
    }
  }

  private void differentiate(Node node, GradientSink sink) {
    boolean own = node.kernel.gradient() == Kernel.Gradient.OWN;
    // An own backward gives a gradient for each place of an input; libtorch gives all of them at
    // once.
    List<Value> values =
        own ? node.inputs : node.inputs.stream().filter(Value::differentiable).distinct().toList();
    List<Parameter> parameters =
        node.parameters.stream().filter(parameter -> own || parameter.trainable()).toList();
    if (node.kernel.recomputed()) {
      computeAgain(node);
    }
    List<Tensor> gradients = own ? ownBackward(node) : autograd(node, values, parameters);
    node.release(); // before the sink: the graph's memory can serve the optimiser
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i).differentiable()) {
        accumulate(values.get(i), gradients.get(i));
      } else {
        gradients.get(i).close();
      }
    }
    deliver(parameters, gradients.subList(values.size(), gradients.size()), sink);
  }

  private void computeAgain(Node node) {
    kernels.gradMode(node.kernel.gradient() == Kernel.Gradient.AUTOGRAD);
    try {
      node.keep(kernels.list(node.kernel.name(), node.arguments()));
    } finally {
      kernels.gradMode(false);
    }
  }

  private List<Tensor> ownBackward(Node node) {
    try (Tensor none = nothing()) {
      return ownBackward(node, none);
    }
  }

  private Tensor nothing() {
    return kernels.one("zeros", new long[] {0}, DType.FLOAT32.scalarType(), Device.CPU.torchName());
  }

  private List<Tensor> ownBackward(Node node, Tensor none) {
    var arguments = new ArrayList<Object>();
    arguments.add(
        node.outputs.stream()
            .map(value -> Objects.requireNonNullElse(value.gradient(), none))
            .toList());
    arguments.add(node.inputs.stream().map(Value::data).toList());
    arguments.add(node.parameters.stream().map(Parameter::data).toList());
    arguments.add(node.graph);
    arguments.addAll(Arrays.asList(node.constants));
    List<Tensor> gradients = kernels.list(node.kernel.name() + "_backward", arguments.toArray());
    int wanted = node.inputs.size() + node.parameters.size();
    if (gradients.size() != wanted) {
      gradients.forEach(Tensor::close);
      throw new IllegalStateException(
          "kernel %s_backward gave %d gradients for %d inputs and %d parameters"
              .formatted(
                  node.kernel.name(),
                  gradients.size(),
                  node.inputs.size(),
                  node.parameters.size()));
    }
    return gradients;
  }

  private List<Tensor> autograd(Node node, List<Value> values, List<Parameter> parameters) {
    var reached = new ArrayList<Tensor>();
    var upstream = new ArrayList<Tensor>();
    for (int i = 0; i < node.outputs.size(); i++) {
      Tensor gradient = node.outputs.get(i).gradient();
      if (gradient != null) {
        reached.add(node.graph.get(i));
        upstream.add(gradient);
      }
    }
    var targets = new ArrayList<Tensor>();
    values.forEach(value -> targets.add(value.data()));
    parameters.forEach(parameter -> targets.add(parameter.data()));
    return kernels.listAs("grad of " + node.kernel.name(), "grad", reached, targets, upstream);
  }

  private void deliver(List<Parameter> parameters, List<Tensor> gradients, GradientSink sink) {
    var ready = new ArrayList<Parameter>();
    var complete = new ArrayList<Tensor>();
    for (int i = 0; i < parameters.size(); i++) {
      Parameter parameter = parameters.get(i);
      Tensor gradient = gradients.get(i);
      if (!parameter.trainable()) {
        gradient.close(); // an own backward computes frozen gradients too
        continue;
      }
      Tensor before = partial.remove(parameter);
      Tensor total = before == null ? gradient : sum(before, gradient);
      if (uses.merge(parameter, -1, Integer::sum) > 0) {
        partial.put(parameter, total);
      } else {
        ready.add(parameter);
        complete.add(total);
      }
    }
    sink.accept(ready, complete);
  }

  private void accumulate(Value value, Tensor gradient) {
    Tensor before = value.gradient();
    value.gradient(before == null ? gradient : sum(before, gradient));
  }

  /// Not in place: libtorch may return one tensor for two targets (y = a + b gives both the
  /// upstream gradient itself).
  private Tensor sum(Tensor first, Tensor second) {
    try (first;
        second) {
      return kernels.one("add", first, second);
    }
  }

  /// After an exception in the middle of a step: nothing stays behind.
  @Override
  public void close() {
    nodes.forEach(Node::release);
    nodes.clear();
    leaves.forEach(Value::release);
    leaves.clear();
    read.clear();
    partial.values().forEach(Tensor::close);
    partial.clear();
  }
}
