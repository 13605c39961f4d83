package dev.eosin.qformer;

import dev.eosin.ParityCase;
import dev.eosin.checkpoint.NameTable;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.checkpoint.TensorRule;
import dev.eosin.nn.Part;
import dev.eosin.nn.Weight;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Small files that a Q-Former begins from: a BERT, and checkpoints of LAVIS.
public final class TinyStarts {
  private static final ParityCase CASE = ParityCase.own("blip2-stage1-drawn");
  private static final int EMBED_SIZE = 16;

  private TinyStarts() {}

  /// A BERT's folder made of a recorded Q-Former's own words, with the norms' old names.
  public static Path bert(Path folder) throws IOException {
    Files.createDirectories(folder);
    bert(CASE, folder.resolve("model.safetensors"), 0);
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"model_type": "bert", "architectures": ["BertForMaskedLM"], "hidden_act": "gelu",
         "num_hidden_layers": 4, "hidden_size": 48, "num_attention_heads": 4, "intermediate_size": 72,
         "vocab_size": 120, "max_position_embeddings": 40, "layer_norm_eps": 1e-12}
        """);
    return folder;
  }

  /// @param idsLess so many ids at the end are left out
  static Path bert(ParityCase parity, Path file, int idsLess) throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter(Map.of());
    try (StoredTensors theirs = StoredTensors.open(parity.file("model.safetensors"))) {
      for (String name : theirs.names()) {
        boolean words = name.startsWith("embeddings.") || name.startsWith("cls.");
        boolean layer = name.startsWith("qformer.") && !name.contains("_query");
        if ((words || layer) && !name.contains("crossattention")) {
          TensorData data = theirs.entry(name);
          boolean byId = name.contains("word_embeddings") || name.equals("cls.predictions.bias");
          writer.add(renamed(name), byId ? cut(data, idsLess) : data);
        }
      }
      writer.write(file);
    }
    return file;
  }

  private static String renamed(String name) {
    String bert =
        name.startsWith("cls.")
            ? name
            : "bert."
                + name.replace("qformer.layernorm", "embeddings.LayerNorm")
                    .replace("qformer.", "")
                    .replace("attention.attention.", "attention.self.");
    return bert.contains("LayerNorm")
        ? bert.replace(".weight", ".gamma").replace(".bias", ".beta")
        : bert;
  }

  private static TensorData cut(TensorData data, int rows) {
    List<Long> shape = new ArrayList<>(data.shape());
    long size = data.bytes().byteSize() / shape.getFirst();
    shape.set(0, shape.getFirst() - rows);
    return new TensorData(data.type(), shape, data.bytes().asSlice(0, size * shape.getFirst()));
  }

  /// The Q-Former of LAVIS's files.
  static QFormerSpec spec(int imageWidth, Optional<QFormerSpec.Words> words) {
    QFormerSpec full = QFormerSpec.bertBase(imageWidth, words);
    return new QFormerSpec(
        4, 64, 1, 96, imageWidth, 2, 5, full.words(), full.normEpsilon(), full.dropout());
  }

  /// LAVIS's checkpoint of a first stage.
  ///
  /// @param ids of its words
  /// @return its weights under Eosin's names
  public static Map<String, float[]> lavis(Path file, int imageWidth, int ids, int positions) {
    QFormer qformer =
        new QFormer(
            "qformer", spec(imageWidth, Optional.of(new QFormerSpec.Words(ids, positions))));
    ImageNorm norm = new ImageNorm("image-norm", imageWidth, 1e-5);
    AlignmentHeads heads = new AlignmentHeads(qformer, "alignment", EMBED_SIZE);
    NameTable table = new NameTable();
    QFormerNames.LAVIS.imageNorm(table, norm);
    QFormerNames.LAVIS.qformer(table, qformer);
    QFormerNames.LAVIS.heads(table, heads);
    return lavis(file, table, List.of(norm, qformer, heads));
  }

  /// Writes what training stores, with some of a frozen tower beside it.
  static Map<String, float[]> lavis(Path file, NameTable table, List<Part> parts) {
    Map<String, float[]> values = new HashMap<>();
    Map<String, TensorRule> rules = new HashMap<>();
    table.rules().forEach(rule -> rules.put(rule.name(), rule));
    SafetensorsWriter writer = new SafetensorsWriter(Map.of());
    for (Part part : parts) {
      for (Weight weight : part.weights()) {
        int size = (int) Arrays.stream(weight.shape()).reduce(1, Math::multiplyExact);
        float[] each = new float[size];
        for (int i = 0; i < size; i++) {
          each[i] = (float) Math.sin(values.size() + i);
        }
        values.put(weight.name(), each);
        TensorRule rule = Objects.requireNonNull(rules.get(weight.name()));
        List<TensorData> foreign = rule.write(TensorData.of(each, weight.shape()));
        for (int i = 0; i < foreign.size(); i++) {
          writer.add(rule.foreignNames().get(i), foreign.get(i));
        }
      }
    }
    writer.add("visual_encoder.pos_embed", TensorData.of(new float[4], 1, 2, 2));
    try {
      writer.write(file);
      return values;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
