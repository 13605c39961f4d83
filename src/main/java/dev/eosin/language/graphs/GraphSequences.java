package dev.eosin.language.graphs;

import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.language.Decoder;
import dev.eosin.language.Llama;
import dev.eosin.language.Opt;
import dev.eosin.language.generation.GrowingSequences;
import dev.eosin.language.spec.T5Spec;
import dev.eosin.onnx.runtime.GraphSession;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/// Rows that onnxruntime continues by a decoder's graph with its keys and values before, as a
/// search for text sees them: what a program that runs the graphs does, to prove them by. b rows, n
/// tokens, c hidden size.
public final class GraphSequences implements GrowingSequences {
  private static final String PAST = "past_key_values.";
  private static final String PRESENT = "present.";

  /// Of a prompt, as numbers at once: a quarter of a GiB.
  private static final long MOST_LOGITS = 1L << 26;

  private final Engine engine;
  private final GraphSession decoder;
  private final Optional<GraphSession> table;
  private final int vocabulary;
  // What the graph takes in every step, row by row.
  private Map<String, TensorData> kept;
  private int rows;
  private Tensor scores;

  private GraphSequences(
      Engine engine,
      GraphSession decoder,
      Optional<GraphSession> table,
      int vocabulary,
      Map<String, TensorData> kept,
      Map<String, TensorData> first,
      long mostLogits)
      throws DataException {
    this.engine = engine;
    this.decoder = decoder;
    this.table = table;
    this.vocabulary = vocabulary;
    this.kept = new TreeMap<>(kept);
    this.scores = kept.containsKey(GraphInputs.MASK) ? read(first, mostLogits) : step(first);
  }

  /// Prompts as ids.
  ///
  /// @param filler stands before shorter rows; changes nothing
  /// @throws DataException naming the graph and what onnxruntime says
  public static GraphSequences ofIds(
      Engine engine, Decoder decoder, GraphSession session, List<int[]> prompts, int filler)
      throws DataException {
    return ofIds(engine, decoder, session, prompts, filler, MOST_LOGITS);
  }

  /// As above.
  ///
  /// @param mostLogits that are computed at once, as far as a column of tokens has no more
  static GraphSequences ofIds(
      Engine engine,
      Decoder decoder,
      GraphSession session,
      List<int[]> prompts,
      int filler,
      long mostLogits)
      throws DataException {
    int width = prompts.stream().mapToInt(ids -> ids.length).max().orElseThrow();
    long[] ids = new long[prompts.size() * width];
    Arrays.fill(ids, filler);
    long[] mask = new long[ids.length];
    for (int row = 0; row < prompts.size(); row++) {
      int[] prompt = prompts.get(row);
      for (int i = 0; i < prompt.length; i++) {
        int at = (row + 1) * width - prompt.length + i;
        ids[at] = prompt[i];
        mask[at] = 1;
      }
    }
    Map<String, TensorData> kept = new HashMap<>(nothing(decoder, prompts.size()));
    kept.put(GraphInputs.MASK, TensorData.of(mask, prompts.size(), width));
    Map<String, TensorData> first =
        Map.of(
            GraphInputs.IDS, TensorData.of(ids, prompts.size(), width),
            GraphInputs.POSITIONS, positions(mask, prompts.size()));
    return new GraphSequences(
        engine, session, Optional.empty(), decoder.spec().vocabulary(), kept, first, mostLogits);
  }

  /// Prompts as tokens, among them those of images, all ending in the last column.
  ///
  /// @param table graph of the token table, for what follows
  /// @param mask int64 [b,n]
  public static GraphSequences ofTokens(
      Engine engine,
      Decoder decoder,
      GraphSession session,
      GraphSession table,
      TensorData tokens,
      TensorData mask)
      throws DataException {
    int rows = mask.shape().getFirst().intValue();
    Map<String, TensorData> kept = new HashMap<>(nothing(decoder, rows));
    kept.put(GraphInputs.MASK, mask);
    Map<String, TensorData> first =
        Map.of(
            GraphInputs.EMBEDDINGS, tokens, GraphInputs.POSITIONS, positions(mask.longs(), rows));
    return new GraphSequences(
        engine, session, Optional.of(table), decoder.spec().vocabulary(), kept, first, MOST_LOGITS);
  }

  /// Answers to what an encoder's graph gave.
  ///
  /// @param read [b,n,c]
  /// @param mask int64 [b,n]
  public static GraphSequences ofEncoder(
      Engine engine, T5Spec spec, GraphSession session, TensorData read, TensorData mask)
      throws DataException {
    int rows = mask.shape().getFirst().intValue();
    Map<String, TensorData> kept = new HashMap<>();
    kept.put(T5Graph.READ, read);
    kept.put(T5Graph.READ_MASK, mask);
    kept.putAll(nothing(spec, rows, 0));
    long[] starts = new long[rows];
    Arrays.fill(starts, spec.start());
    Map<String, TensorData> first =
        Map.of(GraphInputs.IDS, TensorData.of(starts, rows, 1), T5Graph.BRANCH, branch(false));
    return new GraphSequences(
        engine, session, Optional.empty(), spec.vocabulary(), kept, first, MOST_LOGITS);
  }

  /// Keys and values that stand for none.
  ///
  /// @param length of them, which a first call ignores
  public static Map<String, TensorData> nothing(T5Spec spec, int rows, int length) {
    Map<String, TensorData> none = new HashMap<>();
    for (int layer = 0; layer < spec.layers(); layer++) {
      for (String which : List.of("decoder.key", "decoder.value", "encoder.key", "encoder.value")) {
        none.put(
            "%s%d.%s".formatted(PAST, layer, which),
            TensorData.of(
                new float[rows * spec.heads() * length * spec.headWidth()],
                rows,
                spec.heads(),
                length,
                spec.headWidth()));
      }
    }
    return none;
  }

  /// `use_cache_branch`: whether keys and values before are given.
  public static TensorData branch(boolean before) {
    return TensorData.of(before);
  }

  /// Keys and values of no tokens.
  public static Map<String, TensorData> nothing(Decoder decoder, int rows) {
    long heads;
    long size;
    switch (decoder) {
      case Llama llama -> {
        heads = llama.spec().groups();
        size = llama.spec().headWidth();
      }
      case Opt opt -> {
        heads = opt.spec().heads();
        size = opt.spec().headWidth();
      }
    }
    Map<String, TensorData> none = new HashMap<>();
    for (int layer = 0; layer < decoder.spec().layers(); layer++) {
      for (String which : List.of("key", "value")) {
        none.put(
            "%s%d.%s".formatted(PAST, layer, which),
            TensorData.of(new float[0], rows, heads, 0, size));
      }
    }
    return none;
  }

  /// The place of each token in its row: as generation has it, 1 for padding.
  public static TensorData positions(long[] mask, int rows) {
    int width = mask.length / rows;
    long[] positions = new long[mask.length];
    for (int row = 0; row < rows; row++) {
      long sum = 0;
      for (int i = row * width; i < (row + 1) * width; i++) {
        sum += mask[i];
        positions[i] = mask[i] == 0 ? 1 : sum - 1;
      }
    }
    return TensorData.of(positions, rows, width);
  }

  /// What a graph gives as that which it takes next.
  static Map<String, TensorData> before(Map<String, TensorData> given) {
    Map<String, TensorData> next = new TreeMap<>();
    given.forEach(
        (name, value) -> {
          if (name.startsWith(PRESENT)) {
            next.put(PAST + name.substring(PRESENT.length()), value);
          }
        });
    return next;
  }

  /// Reads a prompt: in pieces, each behind the keys and values of those before, since a graph
  /// gives the logits of every token of it.
  private Tensor read(Map<String, TensorData> prompt, long mostLogits) throws DataException {
    TensorData mask = Objects.requireNonNull(kept.get(GraphInputs.MASK));
    int width = mask.shape().get(1).intValue();
    long column = mask.shape().getFirst() * vocabulary;
    int most = Math.clamp(mostLogits / column, 1, width);
    int from = 0;
    while (width - from > most) {
      read(prompt, mask, from, from + most).close();
      from += most;
    }
    return read(prompt, mask, from, width);
  }

  private Tensor read(Map<String, TensorData> prompt, TensorData mask, int from, int to)
      throws DataException {
    kept.put(GraphInputs.MASK, RowTensors.columns(mask, 0, to));
    Map<String, TensorData> piece = new HashMap<>();
    prompt.forEach((name, data) -> piece.put(name, RowTensors.columns(data, from, to)));
    return step(piece);
  }

  private Tensor step(Map<String, TensorData> fresh) throws DataException {
    Map<String, TensorData> inputs = new HashMap<>(kept);
    inputs.putAll(fresh);
    TensorData tokens = fresh.get(GraphInputs.IDS);
    List<Long> read =
        Objects.requireNonNull(tokens == null ? fresh.get(GraphInputs.EMBEDDINGS) : tokens).shape();
    rows = read.getFirst().intValue();
    int width = read.get(1).intValue();
    Map<String, TensorData> given =
        decoder.run(inputs, GraphInputs.LOGITS, rows, width, vocabulary);
    kept.putAll(before(given));
    TensorData all = Objects.requireNonNull(given.get(GraphInputs.LOGITS));
    float[] last = new float[rows * vocabulary];
    for (int row = 0; row < rows; row++) {
      all.copy(((row + 1L) * width - 1) * vocabulary, last, row * vocabulary, vocabulary);
    }
    return engine.of(last, rows, vocabulary);
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int vocabulary() {
    return vocabulary;
  }

  @Override
  public Tensor scores() {
    return scores;
  }

  @Override
  public void append(int[] tokens) {
    long[] ids = Arrays.stream(tokens).asLongStream().toArray();
    Map<String, TensorData> fresh = new HashMap<>();
    try {
      TensorData next = TensorData.of(ids, ids.length, 1);
      if (table.isPresent()) {
        fresh.put(
            GraphInputs.EMBEDDINGS,
            Objects.requireNonNull(
                table.get().run(Map.of(GraphInputs.IDS, next)).get(GraphInputs.EMBEDDINGS)));
      } else {
        fresh.put(GraphInputs.IDS, next);
      }
      if (decoder.inputs().contains(T5Graph.BRANCH)) {
        fresh.put(T5Graph.BRANCH, branch(true));
      } else {
        long[] longer = RowTensors.longer(Objects.requireNonNull(kept.get(GraphInputs.MASK)));
        int width = longer.length / ids.length;
        kept.put(GraphInputs.MASK, TensorData.of(longer, ids.length, width));
        long[] places = positions(longer, ids.length).longs();
        long[] last = new long[ids.length];
        Arrays.setAll(last, row -> places[(row + 1) * width - 1]);
        fresh.put(GraphInputs.POSITIONS, TensorData.of(last, ids.length, 1));
      }
      Tensor fresher = step(fresh);
      scores.close();
      scores = fresher;
    } catch (DataException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void spread(int copies) {
    int[] from = new int[rows * copies];
    Arrays.setAll(from, row -> row / copies);
    choose(from);
  }

  @Override
  public void choose(int[] from) {
    kept.replaceAll((_, data) -> RowTensors.chosen(data, from));
    rows = from.length;
    float[] old = scores.toFloats();
    float[] fresh = new float[from.length * vocabulary];
    for (int row = 0; row < from.length; row++) {
      System.arraycopy(old, from[row] * vocabulary, fresh, row * vocabulary, vocabulary);
    }
    scores.close();
    scores = engine.of(fresh, from.length, vocabulary);
  }

  @Override
  public void keep(int[] rows) {
    choose(rows);
  }

  @Override
  public void close() {
    scores.close();
  }
}
