package dev.eosin.qformer;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Starts a Q-Former from a BERT, as LAVIS does: layers and words are BERT's, queries' MLPs begin
/// as those of words, ids that BERT lacks (`[DEC]`) keep their first values, and so does what looks
/// at images. Token types are left out, since texts are of one type.
///
/// Source: LAVIS `blip2_qformer.py`, transformers 5.18 `modeling_bert.py`.
public final class BertStart {
  private static final String TABLE = "embeddings.word_embeddings.weight";
  private static final String WORDS = "cls.predictions.";

  private final QFormer qformer;
  private final StoredTensors file;
  private final String before;
  // BERT's names of a weight, stacked where there are several.
  private final Map<String, List<String>> sources = new LinkedHashMap<>();

  private BertStart(QFormer qformer, StoredTensors file) {
    this.qformer = qformer;
    this.file = file;
    this.before = file.names().contains("bert." + TABLE) ? "bert." : "";
  }

  /// Whether a file holds a BERT by itself, and not one within another model.
  public static boolean isBert(StoredTensors file) {
    return file.names().contains(TABLE) || file.names().contains("bert." + TABLE);
  }

  /// Whether a BERT's file has what scores words.
  public static boolean scoresWords(StoredTensors file) {
    return file.names().contains(WORDS + "bias");
  }

  /// Writes what a BERT gives into weights that have their first values.
  ///
  /// @param model whose Q-Former and scores of words start so
  /// @param file of a BERT, with its head of words or without
  /// @return the names of weights that keep their first values
  /// @throws DataException naming the file and what it lacks or has in another size
  public static List<String> apply(Alignment model, StoredTensors file, ParameterSet parameters)
      throws DataException {
    BertStart start = new BertStart(model.qformer(), file);
    start.collect();
    if (scoresWords(file)) {
      start.collect(model.heads());
    }
    List<String> kept = new ArrayList<>();
    for (Weight weight : weights(model)) {
      List<String> foreign = start.sources.get(weight.name());
      if (foreign == null) {
        kept.add(weight.name());
      } else {
        start.assign(weight, foreign, parameters);
      }
    }
    return kept;
  }

  private static List<Weight> weights(Alignment model) {
    return model.parts().stream().flatMap(part -> part.weights().stream()).toList();
  }

  private void collect() {
    String own = qformer.prefix();
    sources.put(qformer.table(), List.of(before + TABLE));
    sources.put(qformer.positions(), List.of(before + "embeddings.position_embeddings.weight"));
    affine(own + ".embedding-norm", before + "embeddings.LayerNorm");
    for (int i = 0; i < qformer.spec().layers(); i++) {
      String block = "%s.blocks.%d.".formatted(own, i);
      String layer = "%sencoder.layer.%d.".formatted(before, i);
      String self = layer + "attention.self.";
      affine(block + "attention.query-key-value", self + "query", self + "key", self + "value");
      affine(block + "attention.output", layer + "attention.output.dense");
      affine(block + "attention-norm", layer + "attention.output.LayerNorm");
      for (String mlp : List.of("query-mlp", "mlp")) {
        affine(block + mlp + ".up", layer + "intermediate.dense");
        affine(block + mlp + ".down", layer + "output.dense");
        affine(block + mlp + "-norm", layer + "output.LayerNorm");
      }
    }
  }

  private void collect(AlignmentHeads heads) {
    affine(heads.prefix() + ".words", WORDS + "transform.dense");
    affine(heads.prefix() + ".words-norm", WORDS + "transform.LayerNorm");
    sources.put(heads.wordBias(), List.of(WORDS + "bias"));
  }

  private void affine(String own, String... foreign) {
    sources.put(
        own + ".weight", Arrays.stream(foreign).map(n -> named(n, "weight", "gamma")).toList());
    sources.put(own + ".bias", Arrays.stream(foreign).map(n -> named(n, "bias", "beta")).toList());
  }

  /// BERT's first files call gain and bias of norms gamma and beta.
  private String named(String name, String now, String once) {
    String old = name + "." + once;
    return file.names().contains(old) ? old : name + "." + now;
  }

  private void assign(Weight weight, List<String> foreign, ParameterSet parameters)
      throws DataException {
    float[] values = parameters.get(weight.name()).master().toFloats();
    int part = values.length / foreign.size();
    for (int i = 0; i < foreign.size(); i++) {
      float[] theirs = file.floats(foreign.get(i));
      requireFits(weight, foreign.get(i), theirs.length, part);
      System.arraycopy(theirs, 0, values, i * part, theirs.length);
    }
    try (Tensor tensor = parameters.engine().of(values, weight.shape())) {
      parameters.assign(weight.name(), tensor);
    }
  }

  /// Only what has an entry for each id may be shorter.
  private void requireFits(Weight weight, String foreign, int found, int wanted)
      throws DataException {
    boolean byId = weight.name().equals(qformer.table()) || foreign.equals(WORDS + "bias");
    List<Long> shape = file.header(foreign).shape();
    long[] own = weight.shape();
    boolean alike = own.length < 2 || shape.getLast() == own[own.length - 1];
    if (!alike || (byId ? found > wanted : found != wanted)) {
      throw new DataException(
          "%s: %s is %s, but %s has %d numbers; a BERT of the Q-Former's size%s is needed"
              .formatted(
                  file.path(),
                  foreign,
                  shape,
                  weight,
                  wanted,
                  byId ? ", of at most as many ids," : ""));
    }
  }
}
