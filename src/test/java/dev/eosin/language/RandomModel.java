package dev.eosin.language;

import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.file.FileContent;
import dev.eosin.language.spec.LanguageConfig;
import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.language.spec.Rotary;
import dev.eosin.language.spec.SpecialIds;
import dev.eosin.language.stored.LanguageExport;
import dev.eosin.nn.Weight;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.text.BytePairSettings;
import dev.eosin.text.BytePairTrainer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// Folders of Hugging Face's with decoders of random bf16 weights.
public final class RandomModel {
  private static final int HIGH_BITS = 16;

  private RandomModel() {}

  /// A decoder of some thousand weights, with a tokenizer of 300 tokens.
  public static void write(Path folder) throws IOException {
    write(folder, 256);
  }

  /// The same, for longer rows.
  ///
  /// @param context most ids that it reads
  public static void write(Path folder, int context) throws IOException {
    var rotary = new Rotary(10_000, new Rotary.Scaling.None());
    write(
        folder,
        new LlamaSpec(
            300, 32, 2, 4, 2, 8, 48, false, false, OptionalInt.empty(), 1e-5, rotary, context));
  }

  /// Writes a model of two thousand million weights, 3.9 GB, into the folder that is named: what
  /// the figures on mapped models in docs/results.md were measured with. With a second argument so
  /// many layers instead of 28: 4 make 1.0 GB. `smollm2-135m` makes 134 million weights in that
  /// model's sizes.
  public static void main(String[] arguments) throws IOException {
    if (arguments.length > 1 && arguments[1].equals("smollm2-135m")) {
      write(Path.of(arguments[0]), smollm());
      return;
    }
    var rotary = new Rotary(500_000, new Rotary.Scaling.None());
    write(
        Path.of(arguments[0]),
        new LlamaSpec(
            128_256,
            2048,
            arguments.length > 1 ? Integer.parseInt(arguments[1]) : 28,
            32,
            8,
            64,
            8192,
            false,
            true,
            OptionalInt.empty(),
            1e-5,
            rotary,
            8192));
  }

  private static LlamaSpec smollm() {
    var rotary = new Rotary(100_000, new Rotary.Scaling.None());
    return new LlamaSpec(
        49_152, 576, 30, 9, 3, 64, 1536, false, true, OptionalInt.empty(), 1e-5, rotary, 8192);
  }

  /// A decoder of these sizes, tensor by tensor.
  public static void write(Path folder, LlamaSpec spec) throws IOException {
    Path tokenizer = Files.createTempDirectory("tokenizer");
    BytePairTrainer.train(
            List.of("the tissue is adipose. is the stain dark? yes no"), BytePairSettings.of(300))
        .write(tokenizer);
    Map<String, FileContent> text = new LinkedHashMap<>();
    try (Stream<Path> files = Files.list(tokenizer)) {
      files.forEach(file -> text.put(String.valueOf(file.getFileName()), FileContent.copyOf(file)));
    }
    Llama model = Llama.of("decoder", spec);
    Map<String, PendingTensor> weights = new LinkedHashMap<>();
    int at = 0;
    for (Weight weight : model.weights()) {
      List<Long> shape = Arrays.stream(weight.shape()).boxed().toList();
      int place = at++;
      weights.put(
          weight.name(),
          new PendingTensor(StoredType.BF16, shape, () -> random(weight, shape, place)));
    }
    var config =
        new LanguageConfig(spec, new SpecialIds(OptionalInt.of(1), List.of(2), OptionalInt.of(0)));
    LanguageExport.write(folder, config, model, weights, "bfloat16", text);
  }

  /// Norms around 1; matrices as large as training from scratch begins, a few values again and
  /// again where they are many.
  private static TensorData random(Weight weight, List<Long> shape, int place) {
    RandomStream random = new RandomKey(3).stream(RandomKey.Purpose.INITIALISATION, 0, place);
    long elements = shape.stream().reduce(1L, Math::multiplyExact);
    boolean norm = shape.size() == 1;
    double deviation = norm ? 0.1 : Math.pow(shape.getLast(), -0.5);
    float[] some = new float[(int) Math.min(elements, 4099)];
    for (int i = 0; i < some.length; i++) {
      some[i] = (float) ((norm ? 1 : 0) + deviation * random.nextGaussian());
    }
    MemorySegment bytes = Arena.ofAuto().allocate(elements * Short.BYTES, 64);
    for (long i = 0; i < elements; i++) {
      short half = (short) (Float.floatToIntBits(some[(int) (i % some.length)]) >> HIGH_BITS);
      bytes.setAtIndex(ValueLayout.JAVA_SHORT, i, half);
    }
    return new TensorData(StoredType.BF16, shape, bytes);
  }
}
