package dev.eosin.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.ParityCase;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorRule;
import dev.eosin.file.AtomicFile;
import dev.eosin.language.spec.LanguageConfig;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.language.stored.LanguageNames;
import dev.eosin.language.stored.MergedAdapters;
import dev.eosin.language.stored.PeftFolder;
import dev.eosin.language.stored.PeftFolderTest;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.train.optimisers.AdamW;
import dev.eosin.train.optimisers.AdamWSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Adapters beside a decoder against peft's: logits, loss, gradients, some steps of AdamW, merged
/// weights, and peft's files.
@Tag("parity")
class LanguageLoraParityTest {
  private static final double TOLERANCE = 1e-4;

  /// Of the README: roots of second moments amplify what gradients differ by.
  private static final double TRAINED_TOLERANCE = 2e-4;

  private static final double MERGED_TOLERANCE = 1e-5;
  private static final AdamWSettings TRAINING =
      new AdamWSettings(0.002, List.of(0.9, 0.999), 1e-8, 0, Optional.empty());

  private final ParityCase parity = ParityCase.open("lora");

  /// The recorded adapters.
  enum Kind {
    LORA("adapter", "adapter-init"),
    DORA("adapter-dora", "adapter-dora"),
    OPTIONS("adapter-options", "adapter-options");

    final String folder;
    final String start;

    Kind(String folder, String start) {
      this.folder = folder;
      this.start = start;
    }

    String key(String name) {
      return name().toLowerCase(java.util.Locale.ROOT) + "." + name;
    }
  }

  static Stream<Arguments> ways() {
    return Stream.of(Kind.values())
        .flatMap(kind -> Stream.of(DecoderParity.Way.values()).map(way -> Arguments.of(kind, way)));
  }

  /// The base with adapters of a folder.
  private record Adapted(RecordedDecoder recorded, PeftFolder peft) implements AutoCloseable {
    static Adapted open(ParityCase parity, String folder, Engine engine) throws IOException {
      LanguageConfig config = LanguageConfig.read(parity.file("config.json"));
      Decoder base = new LanguageFolder(parity.folder(), config).decoder("decoder");
      PeftFolder peft = PeftFolder.open(parity.file(folder), base);
      AdaptedDecoder adapted = peft.adapted();
      ParameterSet parameters = ParameterSet.allocate(engine, adapted.specs(), DType.FLOAT32);
      try (StoredTensors own = base(parity, base)) {
        for (var weight : base.weights()) {
          try (Tensor values = engine.of(own.floats(weight.name()), weight.shape())) {
            parameters.assign(weight.name(), values);
          }
        }
      }
      peft.assign(parameters);
      var recorded =
          new RecordedDecoder(
              config,
              adapted.decoder(),
              parameters,
              StoredTensors.open(parity.file("inputs.safetensors")),
              StoredTensors.open(parity.file("expected.safetensors")));
      return new Adapted(recorded, peft);
    }

    /// What the recorded numbers of a trained weight are called.
    Map<String, String> names() {
      AdaptedDecoder adapted = peft.adapted();
      Layout layout =
          LanguageNames.of(adapted.decoder()).adapters(adapted.pairs(), adapted.whole());
      Map<String, String> names = new HashMap<>();
      for (TensorRule rule : layout.rules()) {
        String foreign = rule.foreignNames().getFirst().replace("base_model.model.", "");
        names.put(rule.name(), foreign.endsWith("_vector") ? foreign + ".weight" : foreign);
      }
      return names;
    }

    @Override
    public void close() {
      recorded.close();
      peft.close();
    }
  }

  private static StoredTensors base(ParityCase parity, Decoder decoder) throws IOException {
    return LanguageNames.of(decoder)
        .read(
            StoredTensors.open(parity.file("model.safetensors")), RecordedDecoder.shapes(decoder));
  }

  @ParameterizedTest
  @MethodSource("ways")
  void logitsAreTheRecordedOnes(Kind kind, DecoderParity.Way way) throws IOException {
    try (Adapted adapted = Adapted.open(parity, kind.folder, way.engine);
        Tape tape = new Tape(way.engine)) {
      RecordedDecoder recorded = adapted.recorded;
      assertAttended(
          recorded,
          logits(recorded, recorded.pass(tape, way.execution)),
          recorded.expected().floats(kind.key("logits")));
    }
  }

  private static float[] logits(RecordedDecoder recorded, Pass pass) throws IOException {
    Decoder decoder = recorded.decoder();
    int all = recorded.rows("") * recorded.width("");
    try (Tensor ids = recorded.idTensor("");
        Tensor places = pass.engine().of(LongStream.range(0, all).toArray(), all)) {
      Value states = decoder.through(pass, decoder.embed(pass, ids), recorded.columns(""));
      Value rows = decoder.normed(pass, decoder.rows(pass, states, places));
      return decoder.logits(pass, rows).data().toFloats();
    }
  }

  private static void assertAttended(RecordedDecoder recorded, float[] ours, float[] theirs)
      throws IOException {
    long[] mask = recorded.inputs().longs("attention_mask");
    assertThat(ours).hasSameSizeAs(theirs);
    int width = ours.length / mask.length;
    for (int i = 0; i < ours.length; i++) {
      if (mask[i / width] == 1) {
        assertThat(ours[i]).as("logit %d", i).isCloseTo(theirs[i], within((float) TOLERANCE));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void lossAndGradientsAreTheRecordedOnes(Kind kind, DecoderParity.Way way) throws IOException {
    try (Adapted adapted = Adapted.open(parity, kind.folder, way.engine)) {
      StoredTensors expected = adapted.recorded.expected();
      Map<String, float[]> gradients = new HashMap<>();
      double loss =
          step(
              adapted.recorded,
              way,
              (parameters, tensors) -> {
                for (int i = 0; i < tensors.size(); i++) {
                  gradients.put(parameters.get(i).name(), tensors.get(i).toFloats());
                  tensors.get(i).close();
                }
              });
      assertThat(loss).isCloseTo(expected.floats(kind.key("loss"))[0], within(TOLERANCE));
      Map<String, String> names = adapted.names();
      assertThat(gradients.keySet()).isEqualTo(names.keySet());
      assertThat(names.values().stream().map(name -> kind.key("grad." + name)))
          .containsExactlyInAnyOrderElementsOf(named(expected, kind.key("grad.")));
      for (Map.Entry<String, float[]> gradient : gradients.entrySet()) {
        String name = kind.key("grad." + names.get(gradient.getKey()));
        float[] theirs = expected.floats(name);
        assertClose(name, gradient.getValue(), theirs, TOLERANCE * largest(theirs));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void stepsOfAdamWAreTheRecordedOnes(Kind kind, DecoderParity.Way way) throws IOException {
    try (Adapted adapted = Adapted.open(parity, kind.start, way.engine);
        AdamW optimiser = new AdamW(adapted.recorded.parameters(), TRAINING)) {
      StoredTensors expected = adapted.recorded.expected();
      float[] losses = expected.floats(kind.key("train.loss"));
      for (int step = 0; step < losses.length; step++) {
        double loss = step(adapted.recorded, way, optimiser);
        assertThat(loss)
            .as("loss before step %d", step)
            .isCloseTo(losses[step], within(TRAINED_TOLERANCE));
        optimiser.update(TRAINING.lr());
      }
      for (Map.Entry<String, String> name : adapted.names().entrySet()) {
        String theirs = kind.key("train.final." + name.getValue());
        float[] ours = adapted.recorded.parameters().get(name.getKey()).data().toFloats();
        assertClose(theirs, ours, expected.floats(theirs), TRAINED_TOLERANCE);
      }
    }
  }

  private static double step(RecordedDecoder recorded, DecoderParity.Way way, GradientSink sink)
      throws IOException {
    try (Tape tape = new Tape(way.engine)) {
      Pass pass = recorded.pass(tape, way.execution);
      Decoder decoder = recorded.decoder();
      RecordedDecoder.Asked asked = recorded.asked("");
      int s = asked.places().length;
      try (Tensor ids = recorded.idTensor("");
          Tensor places = pass.engine().of(asked.places(), s);
          Tensor targets = pass.engine().of(asked.targets(), s)) {
        Value states = decoder.through(pass, decoder.embed(pass, ids), recorded.columns(""));
        Value rows = decoder.normed(pass, decoder.rows(pass, states, places));
        Value loss = decoder.loss(pass, rows, targets, s);
        double value = loss.data().toFloat();
        tape.backward(loss, sink);
        return value;
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void mergedWeightsAreTheRecordedOnes(Kind kind, @TempDir Path folder) throws IOException {
    try (Adapted adapted = Adapted.open(parity, kind.folder, RecordedDecoder.ENGINE)) {
      Decoder decoder = adapted.recorded.decoder();
      Layout layout = LanguageNames.of(decoder);
      StoredTensors expected = adapted.recorded.expected();
      Path file = folder.resolve("model.safetensors");
      try (var merged =
          new MergedAdapters(base(parity, decoder), decoder.adapters(), adapted.peft.values())) {
        AtomicFile.write(file, layout.writePending(merged.pending(), Map.of("format", "pt")));
      }
      try (SafetensorsFile written = SafetensorsFile.open(file);
          SafetensorsFile base = SafetensorsFile.open(parity.file("model.safetensors"))) {
        assertThat(written.names()).isEqualTo(base.names());
        List<String> changed = named(expected, kind.key("merged."));
        for (String name : written.names()) {
          assertThat(written.header(name)).isEqualTo(base.header(name));
          String theirs = kind.key("merged." + name);
          if (changed.contains(theirs)) {
            assertClose(theirs, written.floats(name), expected.floats(theirs), MERGED_TOLERANCE);
          } else {
            assertThat(written.floats(name)).as(name).isEqualTo(base.floats(name));
          }
        }
      }
    }
  }

  /// Merging a trained model in memory is merging its folder.
  @ParameterizedTest
  @EnumSource
  void theMergedModelComputesWhatTheAdaptersDo(Kind kind) throws IOException {
    try (Adapted adapted = Adapted.open(parity, kind.folder, RecordedDecoder.ENGINE)) {
      RecordedDecoder recorded = adapted.recorded;
      Decoder plain = recorded.decoder().with(Adapters.NONE);
      ParameterSet parameters =
          ParameterSet.allocate(
              RecordedDecoder.ENGINE,
              plain.weights().stream().map(weight -> weight.spec(false)).toList(),
              DType.FLOAT32);
      try (StoredTensors merged =
          MergedAdapters.of(base(parity, plain), adapted.peft.adapted(), recorded.parameters())) {
        for (var weight : plain.weights()) {
          try (Tensor values =
              RecordedDecoder.ENGINE.of(merged.floats(weight.name()), weight.shape())) {
            parameters.assign(weight.name(), values);
          }
        }
      }
      try (parameters) {
        var alone =
            new RecordedDecoder(
                recorded.config(), plain, parameters, recorded.inputs(), recorded.expected());
        Pass pass = alone.forward();
        float[] theirs = recorded.expected().floats(kind.key("logits"));
        assertAttended(recorded, logits(alone, pass), theirs);
        pass.graph().close();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsWrittenIsWhatPeftWrote(Kind kind, @TempDir Path home) throws IOException {
    Path folder = home.resolve("adapter");
    try (Adapted adapted = Adapted.open(parity, kind.folder, RecordedDecoder.ENGINE)) {
      PeftFolder peft = adapted.peft;
      assertThat(peft.notes()).isEmpty();
      assertThat(
              PeftFolder.write(
                  folder,
                  peft.settings(),
                  peft.adapted(),
                  adapted.recorded.parameters(),
                  Optional.empty(),
                  Map.of()))
          .isEmpty();
      Path theirFolder = parity.file(kind.folder);
      String weights = "adapter_model.safetensors";
      try (SafetensorsFile ours = SafetensorsFile.open(folder.resolve(weights));
          SafetensorsFile theirs = SafetensorsFile.open(theirFolder.resolve(weights))) {
        assertThat(ours.names()).isEqualTo(theirs.names());
        long count = 0;
        for (String name : theirs.names()) {
          assertThat(ours.header(name)).isEqualTo(theirs.header(name));
          assertThat(ours.header(name).type()).isEqualTo(StoredType.F32);
          assertThat(ours.floats(name)).as(name).isEqualTo(theirs.floats(name));
          count += theirs.header(name).elements();
        }
        assertThat(peft.adapted().trainedCount()).isEqualTo(count);
      }
      PeftFolderTest.assertSameOptions(folder, theirFolder);
      try (PeftFolder again =
          PeftFolder.open(folder, adapted.recorded.decoder().with(Adapters.NONE))) {
        assertThat(again.settings()).isEqualTo(peft.settings());
        assertThat(again.adapted().decoder()).isEqualTo(peft.adapted().decoder());
        assertThat(again.adapted().whole()).isEqualTo(peft.adapted().whole());
      }
    }
  }

  private static List<String> named(StoredTensors file, String prefix) {
    return file.names().stream().filter(name -> name.startsWith(prefix)).toList();
  }

  private static double largest(float[] values) {
    double largest = 1;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static void assertClose(String name, float[] ours, float[] theirs, double tolerance) {
    assertThat(Objects.requireNonNull(ours)).as(name).hasSameSizeAs(theirs);
    for (int i = 0; i < ours.length; i++) {
      assertThat((double) ours[i]).as("%s at %d", name, i).isCloseTo(theirs[i], within(tolerance));
    }
  }
}
