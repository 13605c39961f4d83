package dev.eosin.language;

import dev.eosin.nn.Pass;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Keys and values of a [Llama]'s tokens, written in place.
final class LlamaMemory implements RowMemory {
  private final Llama model;
  private final Pass pass;
  private final List<Tensor> weights = new ArrayList<>();
  private final long[] counts;
  private final long[] kinds;
  private final double[] scales;
  private List<Tensor> memory;
  private Columns columns = Columns.whole(0);
  private int rows;
  private int at;
  // Columns up to here are the same in all rows that were made of one, so that they stay in place.
  private int prompt;
  // Which of the first rows each row was made of; empty while none was.
  private int[] origins = {};

  private LlamaMemory(Llama model, Pass pass, int rows, List<Tensor> memory) {
    this.model = model;
    this.pass = pass;
    this.rows = rows;
    this.memory = memory;
    int layers = model.spec().layers();
    this.counts = new long[layers];
    this.kinds = new long[layers * model.linears(0).size()];
    this.scales = new double[kinds.length];
    for (int layer = 0; layer < layers; layer++) {
      List<Parameter> p = model.parameters(pass, layer);
      p.forEach(parameter -> weights.add(parameter.data()));
      counts[layer] = p.size();
      long[] own = model.kinds(layer);
      System.arraycopy(own, 0, kinds, layer * own.length, own.length);
      System.arraycopy(model.scales(layer, false), 0, scales, layer * own.length, own.length);
    }
  }

  static LlamaMemory begin(Llama model, Pass pass, int rows, int most) {
    LlamaSpec spec = model.spec();
    DType type =
        model.wide(pass) ? DType.FLOAT32 : pass.parameters().get(model.table()).data().dtype();
    List<Tensor> memory = new ArrayList<>();
    for (int i = 0; i < 2 * spec.layers(); i++) {
      memory.add(pass.engine().zeros(type, rows, spec.groups(), most, spec.headWidth()));
    }
    return new LlamaMemory(model, pass, rows, memory);
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int columns() {
    return at;
  }

  @Override
  public Tensor begin(Tensor tokens, Columns prompts) {
    columns = prompts;
    prompt = prompts.width();
    return step(tokens);
  }

  @Override
  public Tensor next(long[] ids) {
    try (Tensor each = pass.engine().of(ids, ids.length, 1);
        Tensor tokens =
            pass.engine()
                .kernels()
                .list(
                    "token_embedding",
                    List.of(each),
                    List.of(pass.parameters().get(model.table()).data()),
                    model.wide(pass))
                .getFirst()) {
      return step(tokens);
    }
  }

  private Tensor step(Tensor tokens) {
    int n = Math.toIntExact(tokens.size(1));
    int window = model.spec().window().orElse(0);
    // One new token looks no further back than its window; several may each look as far.
    int first = window > 0 && n == 1 ? Math.max(0, at + 1 - window) : 0;
    try (Scope scope = new Scope()) {
      List<Tensor> x = new ArrayList<>();
      x.add(tokens);
      x.addAll(scope.own(model.turns(pass, columns.positions(at, n), columns.starts().length)));
      boolean several = n > 1 && (at > 0 || (window > 0 && window < n));
      if (several || Arrays.stream(columns.starts()).anyMatch(start -> start > first)) {
        Tensor starts = scope.own(pass.engine().of(columns.starts(), columns.starts().length));
        x.add(scope.own(pass.engine().kernels().one("seen_columns", starts, at, n, first, window)));
      }
      Tensor last = scope.own(layers(x, first));
      at += n;
      return logits(last);
    }
  }

  private Tensor layers(List<Tensor> x, int first) {
    LlamaSpec spec = model.spec();
    return pass.engine()
        .kernels()
        .one(
            "llama_step",
            x,
            weights,
            memory,
            counts,
            at,
            first,
            spec.heads(),
            spec.groups(),
            spec.biased(),
            kinds,
            scales,
            spec.normEpsilon());
  }

  private Tensor logits(Tensor states) {
    List<Tensor> norm = List.of(pass.parameters().get(model.norm()).data());
    double epsilon = model.spec().normEpsilon();
    try (Tensor normed =
        pass.engine().kernels().list("rms_norm", List.of(states), norm, epsilon).getFirst()) {
      List<Tensor> head = List.of(pass.parameters().get(model.head()).data());
      return pass.engine().kernels().list("token_logits", List.of(normed), head).getFirst();
    }
  }

  @Override
  public void choose(int[] from) {
    long[] places = Arrays.stream(from).asLongStream().toArray();
    boolean sameRows = from.length == rows && samePrompts(from);
    try (Tensor chosen = pass.engine().of(places, places.length)) {
      if (sameRows) {
        pass.engine().kernels().run("exchange_columns", memory, chosen, prompt, at);
      } else {
        List<Tensor> fresh = pass.engine().kernels().list("remembered_rows", memory, chosen, at);
        memory.forEach(Tensor::close);
        memory = fresh;
      }
    }
    if (columns.starts().length > 1) {
      long[] starts = Arrays.stream(from).mapToLong(row -> columns.starts()[row]).toArray();
      columns = new Columns(columns.width(), starts);
    }
    origins = Arrays.stream(from).map(row -> origins.length == 0 ? row : origins[row]).toArray();
    rows = from.length;
  }

  private boolean samePrompts(int[] from) {
    for (int i = 0; i < from.length; i++) {
      boolean same = origins.length == 0 ? from[i] == i : origins[from[i]] == origins[i];
      if (!same) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() {
    memory.forEach(Tensor::close);
  }
}
