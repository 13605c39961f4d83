package dev.eosin.vllm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.ParityCase;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorRule;
import dev.eosin.language.Columns;
import dev.eosin.language.Decoder;
import dev.eosin.language.generation.EndTokens;
import dev.eosin.language.generation.GeneratedSequence;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.generation.Generator;
import dev.eosin.language.generation.Prompt;
import dev.eosin.language.rows.TokenRows;
import dev.eosin.language.stored.LanguageNames;
import dev.eosin.language.stored.MergedAdapters;
import dev.eosin.language.stored.PeftFolder;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.train.optimisers.AdamW;
import dev.eosin.train.optimisers.AdamWSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A LLaVA model against transformers' and peft's: features, logits, gradients of both stages, some
/// steps of AdamW, merged weights and generated tokens.
@Tag("parity")
class LlavaParityTest {
  private static final double TOLERANCE = 2e-4;

  /// Of the README: after steps with an epsilon of 1e-8.
  private static final double TRAINED_TOLERANCE = 1e-3;

  private static final double MERGED_TOLERANCE = 1e-5;
  private static final String PROJECTOR = "projector.";

  private final ParityCase parity = ParityCase.open("llava");

  private RecordedVisionLanguage open(Function<Decoder, Decoder> change) throws IOException {
    return RecordedVisionLanguage.open(parity, change, name -> name.startsWith(PROJECTOR));
  }

  private StoredTensors file(String name) throws IOException {
    return StoredTensors.open(parity.file(name + ".safetensors"));
  }

  @Test
  void featuresStatesAndLogitsAreTheRecordedOnes() throws IOException {
    try (RecordedVisionLanguage recorded = open(decoder -> decoder);
        StoredTensors inputs = file("inputs");
        StoredTensors expected = file("expected");
        Tape tape = new Tape(RecordedVisionLanguage.ENGINE);
        Scope scope = new Scope()) {
      LlavaRows rows = LlavaRows.of(recorded, inputs);
      Pass pass = recorded.pass(tape);
      VisionLanguage model = recorded.model();
      Pictures pictures = rows.pictures(scope);
      Value features = model.images().of(pass, pictures.whole());
      assertClose(expected, "vision_features", features.data().toFloats(), TOLERANCE);
      Value seen = model.seen(pass, pictures);
      assertClose(expected, "image_features", seen.data().toFloats(), TOLERANCE);
      Value tokens = model.tokens(pass, scope, rows.seen(), Optional.of(seen));
      assertAttended(rows, tokens.data(), expected.floats("llm.inputs_embeds"));
      int n = rows.seen().rows().width();
      List<Value> states = model.decoder().states(pass, tokens, Columns.whole(n));
      for (int i = 0; i < states.size(); i++) {
        assertAttended(rows, states.get(i).data(), expected.floats("llm.layer." + i));
      }
      Value normed = model.decoder().normed(pass, states.getLast());
      assertAttended(rows, normed.data(), expected.floats("llm.norm"));
      assertAttended(rows, logits(recorded, pass, scope, rows), expected.floats("logits"));
    }
  }

  private static Tensor logits(
      RecordedVisionLanguage recorded, Pass pass, Scope scope, LlavaRows rows) {
    VisionLanguage model = recorded.model();
    Decoder decoder = model.decoder();
    Value seen = model.seen(pass, rows.pictures(scope));
    Value tokens = model.tokens(pass, scope, rows.seen(), Optional.of(seen));
    TokenRows all = rows.seen().rows();
    Value states = decoder.through(pass, tokens, Columns.whole(all.width()));
    long[] every = LongStream.range(0, (long) all.size() * all.width()).toArray();
    Tensor places = scope.own(pass.engine().of(every, every.length));
    Value picked = decoder.normed(pass, decoder.rows(pass, states, places));
    return decoder.logits(pass, picked).data();
  }

  private static void assertAttended(LlavaRows rows, Tensor found, float[] theirs) {
    float[] ours = found.toFloats();
    assertThat(ours).hasSameSizeAs(theirs);
    int width = ours.length / rows.mask().length;
    for (int i = 0; i < ours.length; i++) {
      if (rows.mask()[i / width] == 1) {
        assertThat(ours[i]).as("at %d", i).isCloseTo(theirs[i], within((float) TOLERANCE));
      }
    }
  }

  private static double step(RecordedVisionLanguage recorded, LlavaRows rows, GradientSink sink) {
    try (Tape tape = new Tape(RecordedVisionLanguage.ENGINE);
        Scope scope = new Scope()) {
      Pass pass = recorded.pass(tape);
      Optional<Pictures> pictures = Optional.of(rows.pictures(scope));
      int asked = rows.seen().rows().asked();
      Value loss = recorded.model().loss(pass, scope, rows.seen(), pictures, asked).orElseThrow();
      double value = loss.data().toFloat();
      tape.backward(loss, sink);
      return value;
    }
  }

  private static GradientSink into(Map<String, float[]> gradients) {
    return (parameters, tensors) -> {
      for (int i = 0; i < tensors.size(); i++) {
        gradients.put(parameters.get(i).name(), tensors.get(i).toFloats());
        tensors.get(i).close();
      }
    };
  }

  @Test
  void theProjectorsGradientsAreTheRecordedOnes() throws IOException {
    try (RecordedVisionLanguage recorded = open(decoder -> decoder);
        StoredTensors inputs = file("inputs");
        StoredTensors expected = file("expected")) {
      Map<String, float[]> gradients = new HashMap<>();
      double loss = step(recorded, LlavaRows.of(recorded, inputs), into(gradients));
      assertThat(loss).isCloseTo(expected.floats("loss")[0], within(TOLERANCE));
      assertGradients(recorded.foreignNames(), gradients, expected, "stage1.grad.");
    }
  }

  static void assertGradients(
      Map<String, String> names, Map<String, float[]> gradients, StoredTensors expected, String key)
      throws IOException {
    List<String> recorded =
        expected.names().stream()
            .filter(name -> name.startsWith(key))
            .map(name -> name.substring(key.length()))
            .toList();
    assertThat(gradients.keySet().stream().map(name -> Objects.requireNonNull(names.get(name))))
        .containsExactlyInAnyOrderElementsOf(recorded);
    for (Map.Entry<String, float[]> gradient : gradients.entrySet()) {
      String name = key + names.get(gradient.getKey());
      double largest = 1;
      for (float value : expected.floats(name)) {
        largest = Math.max(largest, Math.abs(value));
      }
      assertClose(expected, name, gradient.getValue(), TOLERANCE * largest);
    }
  }

  /// What the recorded numbers of a trained weight are called.
  static Map<String, String> names(RecordedVisionLanguage recorded, PeftFolder peft) {
    Map<String, String> names = new HashMap<>(recorded.foreignNames());
    Decoder decoder = peft.adapted().decoder();
    for (String linear : decoder.adapters().linears().keySet()) {
      String module = linear.replaceAll("\\.weight$", "");
      String foreign = Objects.requireNonNull(names.get(linear)).replaceAll("\\.weight$", "");
      // Pairs are listed with the one that comes first in the forward pass first.
      List<String> pair =
          decoder.adapterWeights().stream()
              .map(weight -> weight.name())
              .filter(name -> name.startsWith(module + "."))
              .toList();
      assertThat(pair).as(linear).hasSize(2);
      names.put(pair.getFirst(), foreign + ".lora_A.weight");
      names.put(pair.getLast(), foreign + ".lora_B.weight");
    }
    return names;
  }

  /// The model with the recorded adapters.
  private record Adapted(RecordedVisionLanguage recorded, PeftFolder peft)
      implements AutoCloseable {
    static Adapted open(ParityCase parity, String folder) throws IOException {
      Decoder base = RecordedVisionLanguage.described(parity).decoder();
      PeftFolder peft =
          PeftFolder.open(
              parity.file(folder),
              base,
              LanguageNames.of(base, "model.language_model.", "lm_head."));
      var recorded =
          RecordedVisionLanguage.open(
              parity, decoder -> peft.adapted().decoder(), name -> name.startsWith(PROJECTOR));
      peft.assign(recorded.parameters());
      return new Adapted(recorded, peft);
    }

    Map<String, String> names() {
      return LlavaParityTest.names(recorded, peft);
    }

    @Override
    public void close() {
      recorded.close();
      peft.close();
    }
  }

  @Test
  void logitsLossAndGradientsWithAdaptersAreTheRecordedOnes() throws IOException {
    try (Adapted adapted = Adapted.open(parity, "adapter");
        StoredTensors inputs = file("inputs");
        StoredTensors expected = file("expected")) {
      RecordedVisionLanguage recorded = adapted.recorded();
      LlavaRows rows = LlavaRows.of(recorded, inputs);
      try (Tape tape = new Tape(RecordedVisionLanguage.ENGINE);
          Scope scope = new Scope()) {
        Tensor logits = logits(recorded, recorded.pass(tape), scope, rows);
        assertAttended(rows, logits, expected.floats("stage2.logits"));
      }
      Map<String, float[]> gradients = new HashMap<>();
      double loss = step(recorded, rows, into(gradients));
      assertThat(loss).isCloseTo(expected.floats("stage2.loss")[0], within(TOLERANCE));
      assertGradients(adapted.names(), gradients, expected, "stage2.grad.");
    }
  }

  @Test
  void stepsOfAdamWAreTheRecordedOnes() throws IOException {
    var settings = new AdamWSettings(2e-3, List.of(0.9, 0.999), 1e-8, 0, Optional.of(1.0));
    try (Adapted adapted = Adapted.open(parity, "adapter");
        StoredTensors inputs = file("inputs");
        StoredTensors expected = file("expected");
        AdamW optimiser = new AdamW(adapted.recorded().parameters(), settings)) {
      RecordedVisionLanguage recorded = adapted.recorded();
      LlavaRows rows = LlavaRows.of(recorded, inputs);
      float[] losses = expected.floats("stage2.train.loss");
      for (int step = 0; step < losses.length; step++) {
        double loss = step(recorded, rows, optimiser);
        assertThat(loss).as("step %d", step).isCloseTo(losses[step], within(TOLERANCE));
        optimiser.update(settings.lr());
      }
      String key = "stage2.train.final.";
      int compared = 0;
      for (Map.Entry<String, String> name : adapted.names().entrySet()) {
        if (expected.names().contains(key + name.getValue())) {
          float[] ours = recorded.parameters().get(name.getKey()).data().toFloats();
          assertClose(expected, key + name.getValue(), ours, TRAINED_TOLERANCE);
          compared++;
        }
      }
      assertThat((long) compared)
          .isEqualTo(expected.names().stream().filter(name -> name.startsWith(key)).count());
    }
  }

  @Test
  void mergedWeightsAreTheRecordedOnes() throws IOException {
    try (Adapted adapted = Adapted.open(parity, "adapter");
        StoredTensors expected = file("expected");
        StoredTensors base = file("model")) {
      VisionLanguage model = adapted.recorded().model();
      var layout = VisionLanguageNames.of(model, VisionLanguageNames.form(base));
      StoredTensors own = layout.read(base, RecordedVisionLanguage.shapes(model.weights()));
      var merged = new MergedAdapters(own, model.decoder().adapters(), adapted.peft().values());
      int changed = 0;
      for (TensorRule rule : layout.rules()) {
        String theirs = "merged." + rule.foreignNames().getFirst();
        if (expected.names().contains(theirs)) {
          changed++;
          assertClose(expected, theirs, merged.floats(rule.name()), MERGED_TOLERANCE);
        } else {
          assertThat(model.decoder().adapters().linears()).doesNotContainKey(rule.name());
        }
      }
      assertThat(changed).isEqualTo(model.decoder().adapters().linears().size());
    }
  }

  @Test
  void generatedTokensAreTheRecordedOnes() throws IOException {
    try (RecordedVisionLanguage recorded = open(decoder -> decoder);
        Adapted adapted = Adapted.open(parity, "adapter");
        StoredTensors expected = file("expected")) {
      assertGenerated(recorded, expected.longs("generated"));
      assertGenerated(adapted.recorded(), expected.longs("stage2.generated"));
    }
  }

  private void assertGenerated(RecordedVisionLanguage recorded, long[] theirs) throws IOException {
    try (StoredTensors inputs = file("inputs");
        Scope scope = new Scope();
        Forward graph = new Forward(RecordedVisionLanguage.ENGINE)) {
      long[] ids = inputs.longs("generate.input_ids");
      long[] mask = inputs.longs("generate.attention_mask");
      int b = inputs.header("generate.input_ids").shape().getFirst().intValue();
      int n = ids.length / b;
      List<int[]> prompts = new ArrayList<>();
      for (int row = 0; row < b; row++) {
        prompts.add(
            IntStream.range(row * n, row * n + n)
                .filter(i -> mask[i] == 1)
                .map(i -> (int) ids[i])
                .toArray());
      }
      Pictures pictures = LlavaRows.of(recorded, inputs).pictures(scope);
      int most = theirs.length / b;
      var generator =
          new Generator(
              GenerationSettings.greedy(most), new EndTokens(recorded.language().ids().ends(), 0));
      List<GeneratedSequence> found;
      try (var sequences =
          recorded
              .model()
              .continued(
                  recorded.pass(graph), prompts, recorded.imageId(), Optional.of(pictures), most)) {
        found =
            generator.generate(
                sequences, IntStream.range(0, b).mapToObj(row -> Prompt.unseen(row)).toList());
      }
      Set<Integer> ends = Set.copyOf(recorded.language().ids().ends());
      for (int row = 0; row < b; row++) {
        List<Integer> expected = new ArrayList<>();
        for (int i = 0; i < most; i++) {
          expected.add((int) theirs[row * most + i]);
          if (ends.contains(expected.getLast())) {
            break;
          }
        }
        List<Integer> ours = found.get(row).ids();
        assertThat(ours.subList(0, expected.size())).as("row %d", row).isEqualTo(expected);
      }
    }
  }

  /// What a whole file holds under each form's names is read as that form.
  @Test
  void everyFormIsKnownAgain() throws IOException {
    VisionLanguage model = RecordedVisionLanguage.described(parity);
    for (VisionLanguageNames.Form form : VisionLanguageNames.Form.values()) {
      var names = VisionLanguageNames.of(model, form);
      assertThat(names.rules()).hasSameSizeAs(model.weights());
      assertThat(names.rules().stream().map(TensorRule::name))
          .containsExactlyInAnyOrderElementsOf(
              model.weights().stream().map(weight -> weight.name()).toList());
    }
    try (SafetensorsFile file = SafetensorsFile.open(parity.file("model.safetensors"))) {
      assertThat(VisionLanguageNames.form(file)).isEqualTo(VisionLanguageNames.Form.LLAVA_HF);
    }
  }

  static void assertClose(StoredTensors expected, String name, float[] ours, double tolerance)
      throws IOException {
    float[] theirs = expected.floats(name);
    assertThat(ours).as(name).hasSameSizeAs(theirs);
    for (int i = 0; i < ours.length; i++) {
      assertThat((double) ours[i]).as("%s at %d", name, i).isCloseTo(theirs[i], within(tolerance));
    }
  }
}
