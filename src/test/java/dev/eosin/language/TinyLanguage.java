package dev.eosin.language;

import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.language.rows.DialogueFormat;
import dev.eosin.language.spec.LanguageConfig;
import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.language.spec.T5Gate;
import dev.eosin.language.spec.T5Spec;
import dev.eosin.language.stored.AdapterSettings;
import dev.eosin.language.stored.DecoderSettings;
import dev.eosin.language.stored.DialogueFile;
import dev.eosin.language.stored.LanguageExport;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.language.stored.LanguageNames;
import dev.eosin.language.stored.PeftFolder;
import dev.eosin.nn.Initialiser;
import dev.eosin.nn.Weight;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.text.BytePairSettings;
import dev.eosin.text.BytePairTrainer;
import dev.eosin.text.LanguageTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Folders of small language models with random weights, as Hugging Face has them.
public final class TinyLanguage {
  /// Most tokens that they read.
  public static final int CONTEXT = 64;

  private static final Engine ENGINE = Engine.start(Device.CPU, 1);
  private static final String TEXT = "the tissue is adipose. is the stain dark? yes no. 组织";
  private static final long SEED = 3;

  private TinyLanguage() {}

  /// A tokenizer of 300 tokens.
  static void tokenizer(Path folder) throws IOException {
    BytePairTrainer.train(List.of(TEXT), BytePairSettings.of(300)).write(folder);
  }

  /// A decoder of LLaMA's kind.
  public static Path llama(Path folder, Optional<DialogueFormat> trainedWith) throws IOException {
    Path text = Files.createDirectories(folder.resolveSibling(folder.getFileName() + "-text"));
    tokenizer(text);
    Map<String, FileContent> files = new LinkedHashMap<>();
    for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
      files.put(name, FileContent.copyOf(text.resolve(name)));
    }
    trainedWith.ifPresent(dialogue -> files.put(DialogueFile.NAME, DialogueFile.of(dialogue)));
    var settings =
        new DecoderSettings.Fresh(
            text, 2, 32, 4, Optional.of(2), 48, CONTEXT, 10_000, true, Optional.empty());
    try (LanguageTokenizer tokenizer = settings.open()) {
      LanguageConfig config = settings.config(tokenizer);
      Llama model = Llama.of("decoder", (LlamaSpec) config.spec());
      try (ParameterSet parameters = parameters(model.weights())) {
        LanguageExport.write(folder, config, model, pending(parameters), "float32", files);
      }
    }
    return folder;
  }

  /// A T5 of v1.1's kind.
  public static Path t5(Path folder) throws IOException {
    Files.createDirectories(folder);
    tokenizer(folder);
    int vocabulary;
    try (LanguageTokenizer tokenizer = LanguageTokenizer.open(folder)) {
      vocabulary = tokenizer.largestId() + 1;
    }
    var spec =
        new T5Spec(vocabulary, 32, 2, 2, 4, 8, 48, T5Gate.TANH, false, 8, 32, 1e-6, 0, CONTEXT);
    String config =
        """
        {"model_type": "t5", "vocab_size": %d, "d_model": 32, "num_layers": 2, "num_decoder_layers": 2,
         "num_heads": 4, "d_kv": 8, "d_ff": 48, "feed_forward_proj": "gated-gelu", "tie_word_embeddings": false,
         "relative_attention_num_buckets": 8, "relative_attention_max_distance": 32, "layer_norm_epsilon": 1e-6,
         "n_positions": %d, "decoder_start_token_id": 0, "pad_token_id": 0, "eos_token_id": 2}
        """
            .formatted(vocabulary, CONTEXT);
    AtomicFile.write(folder.resolve("config.json"), FileContent.text(config));
    T5 model = new T5("decoder", spec);
    try (ParameterSet parameters = parameters(model.weights())) {
      AtomicFile.write(
          folder.resolve("model.safetensors"),
          LanguageNames.of(model, "").writePending(pending(parameters), Map.of("format", "pt")));
    }
    return folder;
  }

  private static ParameterSet parameters(List<Weight> weights) {
    ParameterSet parameters =
        ParameterSet.allocate(
            ENGINE, weights.stream().map(weight -> weight.spec(false)).toList(), DType.FLOAT32);
    new Initialiser(new RandomKey(SEED)).fill(parameters, weights);
    return parameters;
  }

  private static Map<String, PendingTensor> pending(ParameterSet parameters) {
    Map<String, PendingTensor> weights = new LinkedHashMap<>();
    for (Parameter parameter : parameters.all()) {
      List<Long> shape = Arrays.stream(parameter.data().shape()).boxed().toList();
      weights.put(
          parameter.name(),
          new PendingTensor(StoredType.F32, shape, () -> TensorData.of(parameter.data())));
    }
    return weights;
  }

  /// Adapters of rank 2 for a folder's model.
  public static Path adapters(Path folder, Path model, Optional<DialogueFormat> trainedWith)
      throws IOException {
    return adapters(folder, model, trainedWith, 64);
  }

  /// Adapters of another size.
  ///
  /// @param alpha twice the scale of what they add
  public static Path adapters(
      Path folder, Path model, Optional<DialogueFormat> trainedWith, int alpha) throws IOException {
    Decoder decoder = LanguageFolder.open(model).decoder("decoder");
    AdapterSettings settings = AdapterSettings.of(2, alpha);
    AdaptedDecoder adapted = settings.resolve(decoder);
    try (ParameterSet parameters = ParameterSet.allocate(ENGINE, adapted.specs(), DType.FLOAT32)) {
      List<Weight> own =
          adapted.decoder().adapterWeights().stream()
              .map(weight -> Weight.normal(weight.name(), 0.5, weight.shape()))
              .toList();
      new Initialiser(new RandomKey(SEED)).fill(parameters, own, 1000);
      PeftFolder.write(
          folder,
          settings,
          adapted,
          parameters,
          Optional.of(model.toString()),
          trainedWith
              .map(dialogue -> Map.of(DialogueFile.NAME, DialogueFile.of(dialogue)))
              .orElseGet(Map::of));
    }
    return folder;
  }
}
