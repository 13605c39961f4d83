package dev.eosin.vllm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.data.batches.Tokens;
import dev.eosin.data.order.OverLength;
import dev.eosin.language.Columns;
import dev.eosin.language.Decoder;
import dev.eosin.language.chat.BuiltInTemplate;
import dev.eosin.language.chat.ChatEncoder;
import dev.eosin.language.chat.ChatRow;
import dev.eosin.language.chat.Message;
import dev.eosin.language.chat.Message.Role;
import dev.eosin.language.rows.TokenRows;
import dev.eosin.language.stored.LanguageNames;
import dev.eosin.language.stored.PeftFolder;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.text.LanguageTokenizer;
import dev.eosin.train.optimisers.AdamW;
import dev.eosin.train.optimisers.AdamWSettings;
import dev.eosin.train.optimisers.OptimizerGroup;
import dev.eosin.train.optimisers.UpdateTiming;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Rows of no, one and two images from their text to the weights after both stages, against
/// transformers, peft and torch.
@Tag("parity")
class LlavaTrainParityTest {
  private static final double TOLERANCE = 2e-4;
  private static final double NORM_TOLERANCE = 1e-3;
  private static final String PROJECTOR = "projector.";
  private static final String IMAGE = "<image>";

  private final ParityCase parity = ParityCase.open("llava-train");

  private StoredTensors file(String name) throws IOException {
    return StoredTensors.open(parity.file(name + ".safetensors"));
  }

  private JsonNode json(String name) throws IOException {
    return new ObjectMapper().readTree(parity.file(name).toFile());
  }

  private List<JsonNode> rows() throws IOException {
    JsonNode json = json("rows.json");
    List<JsonNode> rows = new ArrayList<>();
    (json.isArray() ? json : json.required("rows")).forEach(row -> rows.add(row));
    assertThat(rows).isNotEmpty();
    return rows;
  }

  private static List<Message> messages(JsonNode row) {
    List<Message> messages = new ArrayList<>();
    for (JsonNode turn : row.required("conversations")) {
      boolean asks = turn.required("from").asText().equals("human");
      Role role = asks ? Role.USER : Role.ASSISTANT;
      messages.add(new Message(role, turn.required("value").asText()));
    }
    return messages;
  }

  /// The rows as ids, cut to the recorded length.
  private List<ChatRow> fitted(int tokens, int length) throws IOException {
    try (LanguageTokenizer tokenizer = LanguageTokenizer.open(parity.file("tokenizer.json"))) {
      ChatEncoder encoder = encoder(tokenizer);
      int id = tokenizer.id(IMAGE).orElseThrow();
      var slots = new ImageSlots(id, tokens, length, OverLength.CUT);
      List<ChatRow> fitted = new ArrayList<>();
      for (JsonNode row : rows()) {
        ChatRow whole = encoder.conversation(messages(row));
        fitted.add(slots.fitted(whole, row.required("images").asInt()).orElseThrow());
      }
      return fitted;
    }
  }

  private static ChatEncoder encoder(LanguageTokenizer tokenizer) throws IOException {
    return ChatEncoder.of(
        tokenizer,
        new BuiltInTemplate(BuiltInTemplate.Style.V1, "</s>"),
        OptionalInt.of(tokenizer.id("<s>").orElseThrow()),
        Set.of(IMAGE));
  }

  private static int[] ints(JsonNode listed) {
    return listed.valueStream().mapToInt(JsonNode::asInt).toArray();
  }

  @Test
  void idsAndLabelsAreTheRecordedOnes() throws IOException {
    VisionLanguage model = RecordedVisionLanguage.described(parity);
    try (StoredTensors inputs = file("inputs");
        LanguageTokenizer tokenizer = LanguageTokenizer.open(parity.file("tokenizer.json"))) {
      int length = inputs.header("input_ids").shape().get(1).intValue();
      List<ChatRow> fitted = fitted(model.tokensOfImage(), length);
      List<JsonNode> rows = rows();
      assertThat(fitted).hasSameSizeAs(rows);
      int cut = 0;
      for (int i = 0; i < rows.size(); i++) {
        JsonNode row = rows.get(i);
        String id = row.required("id").asText();
        ChatRow whole = encoder(tokenizer).conversation(messages(row));
        assertThat(whole.text()).as(id).isEqualTo(row.required("text").asText());
        assertThat(whole.ids()).as(id).isEqualTo(ints(row.required("ids_before_expansion")));
        assertThat(fitted.get(i).ids()).as(id).isEqualTo(ints(row.required("input_ids")));
        assertThat(labels(fitted.get(i))).as(id).isEqualTo(ints(row.required("labels")));
        int kept = row.required("kept").asInt();
        assertThat(fitted.get(i).ids()).hasSize(kept);
        cut += kept < row.required("length_after_expansion").asInt() ? 1 : 0;
      }
      assertThat(cut).isPositive();
    }
  }

  private static int[] labels(ChatRow row) {
    return IntStream.range(0, row.ids().length)
        .map(i -> row.supervised()[i] ? row.ids()[i] : -100)
        .toArray();
  }

  /// The rows of a training with the images of all.
  private record RecordedRows(List<ChatRow> rows, int[] images, float[] pixels, long[] shape) {
    /// Some rows as the model takes them.
    SeenRows seen(RecordedVisionLanguage recorded, int from, int to) {
      int width = rows.stream().mapToInt(row -> row.ids().length).max().orElseThrow();
      int[] ids = new int[rows.size() * width];
      int[] lengths = new int[rows.size()];
      boolean[] supervised = new boolean[ids.length];
      for (int row = 0; row < lengths.length; row++) {
        int[] own = rows.get(row).ids();
        System.arraycopy(own, 0, ids, row * width, own.length);
        System.arraycopy(rows.get(row).supervised(), 0, supervised, row * width, own.length);
        lengths[row] = own.length;
      }
      TokenRows taken = TokenRows.of(new Tokens(ids, width, lengths, supervised), from, to);
      int count = Arrays.stream(images, from, to).sum();
      return SeenRows.of(taken, recorded.imageId(), count, recorded.model().tokensOfImage());
    }

    Optional<Pictures> pictures(Scope scope, int from, int to) {
      int first = Arrays.stream(images, 0, from).sum();
      int count = Arrays.stream(images, from, to).sum();
      if (count == 0) {
        return Optional.empty();
      }
      int each = pixels.length / (int) shape[0];
      float[] part = Arrays.copyOfRange(pixels, first * each, (first + count) * each);
      return Optional.of(
          new Pictures.Whole(
              scope.own(
                  RecordedVisionLanguage.ENGINE.of(part, count, shape[1], shape[2], shape[3]))));
    }

    int asked(RecordedVisionLanguage recorded, int from, int to) {
      return seen(recorded, from, to).rows().asked();
    }

    /// The loss of some rows; its gradients go into the sink.
    double step(
        RecordedVisionLanguage recorded, int from, int to, double weight, GradientSink sink) {
      try (Tape tape = new Tape(RecordedVisionLanguage.ENGINE);
          Scope scope = new Scope()) {
        Pass pass = recorded.pass(tape);
        SeenRows seen = seen(recorded, from, to);
        Optional<Pictures> pictures = pictures(scope, from, to);
        Optional<Value> loss = recorded.model().loss(pass, scope, seen, pictures, weight);
        double value = loss.orElseThrow().data().toFloat();
        tape.backward(loss.get(), sink);
        return value;
      }
    }
  }

  private RecordedRows set(RecordedVisionLanguage recorded) throws IOException {
    try (StoredTensors inputs = file("inputs")) {
      int length = inputs.header("input_ids").shape().get(1).intValue();
      int[] images =
          Arrays.stream(inputs.longs("image_count")).mapToInt(Math::toIntExact).toArray();
      return new RecordedRows(
          fitted(recorded.model().tokensOfImage(), length),
          images,
          inputs.floats("pixel_values"),
          inputs.header("pixel_values").shape().stream().mapToLong(Long::longValue).toArray());
    }
  }

  private static final GradientSink NOWHERE =
      (parameters, tensors) -> tensors.forEach(Tensor::close);

  @Test
  void featuresLossesOfRowsAndLogitsAreTheRecordedOnes() throws IOException {
    try (RecordedVisionLanguage recorded = stage1();
        StoredTensors expected = file("expected");
        Tape tape = new Tape(RecordedVisionLanguage.ENGINE);
        Scope scope = new Scope()) {
      RecordedRows set = set(recorded);
      Pass pass = recorded.pass(tape);
      VisionLanguage model = recorded.model();
      Pictures all = set.pictures(scope, 0, set.rows().size()).orElseThrow();
      float[] features = model.seen(pass, all).data().toFloats();
      LlavaParityTest.assertClose(expected, "image_features", features, TOLERANCE);
      float[] sums = expected.floats("row_loss_sum");
      for (int row = 0; row < sums.length; row++) {
        double sum = set.step(recorded, row, row + 1, 1, NOWHERE);
        assertThat(sum)
            .as("row %d", row)
            .isCloseTo(sums[row], within(TOLERANCE * Math.max(1, sums[row])));
      }
      SeenRows two = set.seen(recorded, 2, 3);
      Value seen = model.seen(pass, set.pictures(scope, 2, 3).orElseThrow());
      Value tokens = model.tokens(pass, scope, two, Optional.of(seen));
      int n = two.rows().width();
      Value states = model.decoder().through(pass, tokens, Columns.whole(n));
      Tensor places = scope.own(pass.engine().of(LongStream.range(0, n).toArray(), n));
      Value picked = model.decoder().normed(pass, model.decoder().rows(pass, states, places));
      float[] logits = model.decoder().logits(pass, picked).data().toFloats();
      LlavaParityTest.assertClose(expected, "logits_row_2", logits, TOLERANCE);
    }
  }

  private RecordedVisionLanguage stage1() throws IOException {
    return RecordedVisionLanguage.open(
        parity, decoder -> decoder, name -> name.startsWith(PROJECTOR));
  }

  private AdamWSettings settings(JsonNode stage) {
    List<Double> betas = new ArrayList<>();
    stage.required("betas").forEach(beta -> betas.add(beta.asDouble()));
    var projector =
        new OptimizerGroup(
            PROJECTOR + "**", stage.required("projector_factor").asDouble(), Optional.empty());
    return new AdamWSettings(
        1,
        betas,
        stage.required("eps").asDouble(),
        0,
        Optional.of(stage.required("clip").asDouble()),
        List.of(projector),
        1,
        UpdateTiming.TOGETHER);
  }

  @Test
  void bothStagesAreTheRecordedOnes() throws IOException {
    Map<String, float[]> projector = new HashMap<>();
    try (RecordedVisionLanguage recorded = stage1()) {
      train(recorded, recorded.foreignNames(), "stage1");
      for (Weight weight : recorded.model().projector().weights()) {
        float[] trained = recorded.parameters().get(weight.name()).data().toFloats();
        projector.put(weight.name(), trained);
      }
    }
    Decoder base = RecordedVisionLanguage.described(parity).decoder();
    var names = LanguageNames.of(base, "model.language_model.", "lm_head.");
    try (PeftFolder peft = PeftFolder.open(parity.file("adapter-init"), base, names);
        RecordedVisionLanguage recorded =
            RecordedVisionLanguage.open(
                parity, decoder -> peft.adapted().decoder(), name -> name.startsWith(PROJECTOR))) {
      peft.assign(recorded.parameters());
      for (Weight weight : recorded.model().projector().weights()) {
        float[] values = Objects.requireNonNull(projector.get(weight.name()));
        try (Tensor tensor = RecordedVisionLanguage.ENGINE.of(values, weight.shape())) {
          recorded.parameters().assign(weight.name(), tensor);
        }
      }
      train(recorded, LlavaParityTest.names(recorded, peft), "stage2");
      try (PeftFolder trained = PeftFolder.open(parity.file("adapter-trained"), base, names)) {
        for (Weight weight : trained.adapted().trained()) {
          float[] ours = recorded.parameters().get(weight.name()).data().toFloats();
          LlavaParityTest.assertClose(trained.weights(), weight.name(), ours, TOLERANCE);
        }
      }
    }
  }

  /// Batches in turn, each in micro-batches whose gradients add up.
  private void train(RecordedVisionLanguage recorded, Map<String, String> names, String stage)
      throws IOException {
    JsonNode training = json("training.json");
    JsonNode own = training.required(stage);
    int ofBatch = training.required("batch_rows").asInt();
    int parts = training.required("accumulation").asInt();
    RecordedRows set = set(recorded);
    int batches = set.rows().size() / ofBatch;
    try (AdamW optimiser = new AdamW(recorded.parameters(), settings(own));
        StoredTensors expected = file("expected")) {
      float[] losses = expected.floats(stage + ".loss");
      float[] micro = expected.floats(stage + ".micro_losses");
      float[] norms = expected.floats(stage + ".grad_norm");
      for (int step = 0; step < losses.length; step++) {
        int from = step % batches * ofBatch;
        int asked = set.asked(recorded, from, from + ofBatch);
        Map<String, float[]> gradients = new HashMap<>();
        double whole = set.step(recorded, from, from + ofBatch, asked, adding(gradients));
        assertThat(whole).as("whole, step %d", step).isCloseTo(losses[step], within(TOLERANCE));
        double sum = 0;
        Map<String, float[]> added = new HashMap<>();
        for (int part = 0; part < parts; part++) {
          int start = from + part * ofBatch / parts;
          int end = from + (part + 1) * ofBatch / parts;
          double loss = set.step(recorded, start, end, asked, optimiser);
          set.step(recorded, start, end, asked, adding(added));
          assertThat(loss).isCloseTo(micro[step * parts + part], within(TOLERANCE));
          sum += loss;
        }
        assertThat(sum).isCloseTo(losses[step], within(TOLERANCE));
        assertSame(added, gradients);
        if (step == 0) {
          LlavaParityTest.assertGradients(names, added, expected, stage + ".grad.");
        }
        assertThat(optimiser.gradientNorm())
            .isCloseTo(norms[step], within(NORM_TOLERANCE * norms[step]));
        optimiser.update(own.required("lr").get(step).asDouble());
      }
      for (Weight weight : recorded.model().projector().weights()) {
        float[] ours = recorded.parameters().get(weight.name()).data().toFloats();
        String name = stage + ".final." + names.get(weight.name());
        LlavaParityTest.assertClose(expected, name, ours, TOLERANCE);
      }
    }
  }

  static GradientSink adding(Map<String, float[]> sums) {
    return (parameters, tensors) -> {
      for (int i = 0; i < tensors.size(); i++) {
        float[] more = tensors.get(i).toFloats();
        tensors.get(i).close();
        float[] before = sums.putIfAbsent(parameters.get(i).name(), more);
        for (int j = 0; before != null && j < more.length; j++) {
          before[j] += more[j];
        }
      }
    };
  }

  /// Accumulated is whole.
  static void assertSame(Map<String, float[]> added, Map<String, float[]> whole) {
    assertThat(added.keySet()).isEqualTo(whole.keySet());
    added.forEach(
        (name, ours) -> {
          float[] theirs = Objects.requireNonNull(whole.get(name));
          for (int i = 0; i < ours.length; i++) {
            assertThat(ours[i]).as(name).isCloseTo(theirs[i], within(1e-5f));
          }
        });
  }
}
