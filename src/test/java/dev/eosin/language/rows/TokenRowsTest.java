package dev.eosin.language.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.language.Adapters;
import dev.eosin.language.Columns;
import dev.eosin.language.Decoder;
import dev.eosin.language.DecoderSequences;
import dev.eosin.language.RecordedDecoder;
import dev.eosin.language.TinyLanguage;
import dev.eosin.language.stored.AdapterSettings;
import dev.eosin.language.stored.Base;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.language.stored.LanguageNames;
import dev.eosin.language.stored.MergedAdapters;
import dev.eosin.language.stored.PeftFolder;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Graph;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Rows of the token table that are trained by themselves, against what peft recorded (`record.py`
/// beside the files): scores, loss and gradients, the folder read and written, and merged.
class TokenRowsTest {
  private static final Path RECORDED = Path.of("src/test/resources/language/peft-token-rows");
  private static final Engine ENGINE = RecordedDecoder.ENGINE;

  @TempDir private Path home;

  private record Opened(
      LanguageFolder folder, PeftFolder peft, ParameterSet parameters, StoredTensors expected)
      implements AutoCloseable {
    static Opened of(String name, Path adapter) throws IOException {
      LanguageFolder folder = LanguageFolder.open(RECORDED.resolve(name).resolve("base"));
      Decoder plain = folder.decoder("decoder");
      PeftFolder peft = PeftFolder.open(adapter, plain);
      ParameterSet set =
          ParameterSet.allocate(
              ENGINE,
              peft.adapted().specs(),
              DType.FLOAT32,
              List.of(folder.frozen(ENGINE, plain, LanguageFolder.shapes(plain), Base.MAPPED)));
      peft.assign(set);
      StoredTensors expected =
          StoredTensors.open(RECORDED.resolve(name).resolve("expected.safetensors"));
      return new Opened(folder, peft, set, expected);
    }

    static Opened of(String name) throws IOException {
      return of(name, RECORDED.resolve(name).resolve("adapter"));
    }

    Decoder decoder() {
      return peft.adapted().decoder();
    }

    long[] ids() throws IOException {
      return expected.longs("input_ids");
    }

    int rows() throws IOException {
      return expected.header("input_ids").shape().getFirst().intValue();
    }

    /// Through the last norm, at some places.
    Value states(Pass pass, long... places) throws IOException {
      int width = ids().length / rows();
      try (Tensor ids = ENGINE.of(ids(), rows(), width);
          Tensor at = ENGINE.of(places, places.length)) {
        Value tokens = decoder().embed(pass, ids);
        Value states = decoder().through(pass, tokens, new Columns(width, new long[rows()]));
        return decoder().normed(pass, decoder().rows(pass, states, at));
      }
    }

    @Override
    public void close() {
      peft.close();
      parameters.close();
      expected.close();
    }
  }

  private static Pass pass(Opened opened, Graph graph, boolean ownBackward) {
    return new Pass(graph, opened.parameters(), new BlockExecution(false, ownBackward, 0));
  }

  private static void assertClose(float[] found, float[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.length; i++) {
      assertThat(found[i]).isCloseTo(expected[i], within(1e-4f));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tied", "untied"})
  void scoresAreTheirs(String name) throws IOException {
    try (Opened opened = Opened.of(name);
        Forward graph = new Forward(ENGINE)) {
      long[] all = LongStream.range(0, opened.ids().length).toArray();
      Pass pass = pass(opened, graph, false);
      Value rows = opened.states(pass, all);
      float[] expected = opened.expected().floats("logits");
      assertClose(opened.decoder().logits(pass, rows).data().toFloats(), expected);
      int width = opened.ids().length / opened.rows();
      int vocabulary = opened.decoder().spec().vocabulary();
      List<int[]> prompts = new ArrayList<>();
      for (int row = 0; row < opened.rows(); row++) {
        prompts.add(
            Arrays.stream(opened.ids(), row * width, (row + 1) * width - 1)
                .mapToInt(Math::toIntExact)
                .toArray());
      }
      try (DecoderSequences speaks = DecoderSequences.of(opened.decoder(), pass, prompts, 0, 2)) {
        speaks.append(new int[] {(int) opened.ids()[width - 1], (int) opened.ids()[2 * width - 1]});
        float[] last = new float[2 * vocabulary];
        for (int row = 0; row < 2; row++) {
          int from = ((row + 1) * width - 1) * vocabulary;
          System.arraycopy(expected, from, last, row * vocabulary, vocabulary);
        }
        assertClose(speaks.scores().toFloats(), last);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"tied,true", "tied,false", "untied,true", "untied,false"})
  void lossAndGradientsAreTheirs(String name, boolean ownBackward) throws IOException {
    Map<String, float[]> found = new LinkedHashMap<>();
    try (Opened opened = Opened.of(name);
        Tape tape = new Tape(ENGINE)) {
      int width = opened.ids().length / opened.rows();
      long[] places =
          LongStream.range(0, opened.ids().length).filter(at -> (at + 1) % width > 0).toArray();
      long[] next = LongStream.of(places).map(at -> ids(opened)[(int) at + 1]).toArray();
      Pass pass = pass(opened, tape, ownBackward);
      Value rows = opened.states(pass, places);
      try (Tensor targets = ENGINE.of(next, next.length);
          Tensor likely = opened.decoder().likelihoods(pass, rows, targets)) {
        Value loss = opened.decoder().loss(pass, rows, targets, next.length);
        assertThat(loss.data().toFloat())
            .isCloseTo(opened.expected().floats("loss")[0], within(1e-5f));
        double sum = 0;
        for (float each : likely.toFloats()) {
          sum -= each;
        }
        assertThat(sum / next.length).isCloseTo(loss.data().toFloat(), within(1e-5));
        tape.backward(
            loss,
            (parameters, gradients) -> {
              for (int i = 0; i < gradients.size(); i++) {
                found.put(parameters.get(i).name(), gradients.get(i).toFloats());
                gradients.get(i).close();
              }
            });
      }
      String rowsOf = Adapters.rows(opened.decoder().table());
      assertThat(found).hasSize(5).containsKey(rowsOf);
      String before = "grad.base_model.model.model.";
      assertClose(
          Objects.requireNonNull(found.get(rowsOf)),
          opened.expected().floats(before + "embed_tokens.token_adapter.trainable_tokens_delta"));
      String query = "decoder.blocks.1.attention.query.weight";
      assertClose(
          Objects.requireNonNull(found.get(Adapters.down(query))),
          opened.expected().floats(before + "layers.1.self_attn.q_proj.lora_A.weight"));
    }
  }

  private static long[] ids(Opened opened) {
    try {
      return opened.ids();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tied", "untied"})
  void theFolderComesBackAndMerges(String name) throws IOException {
    Path written = home.resolve("written");
    try (Opened opened = Opened.of(name)) {
      assertThat(
              PeftFolder.write(
                  written,
                  opened.peft().settings(),
                  opened.peft().adapted(),
                  opened.parameters(),
                  Optional.of("a/base"),
                  Map.of()))
          .isEmpty();
      assertThat(
              new ObjectMapper()
                  .readTree(written.resolve("adapter_config.json").toFile())
                  .path("trainable_token_indices")
                  .toString())
          .isEqualTo(name.equals("tied") ? "[5,3,9]" : "[9,3]");
      Path theirs = RECORDED.resolve(name).resolve("adapter");
      assertThat(PeftFolder.names(written)).isEqualTo(PeftFolder.names(theirs));
      assertMerges(opened);
    }
    try (Opened again = Opened.of(name, written);
        Opened first = Opened.of(name)) {
      String rows = Adapters.rows(again.decoder().table());
      assertThat(again.parameters().get(rows).data().toFloats())
          .isEqualTo(first.parameters().get(rows).data().toFloats());
    }
  }

  private static void assertMerges(Opened opened) throws IOException {
    Decoder plain = opened.folder().decoder("decoder");
    int width = plain.spec().width();
    try (StoredTensors file =
        LanguageNames.of(plain).read(opened.folder().weights(), LanguageFolder.shapes(plain))) {
      MergedAdapters merged = MergedAdapters.of(file, opened.peft().adapted(), opened.parameters());
      float[] table = file.floats(plain.table());
      float[] rows = opened.parameters().get(Adapters.rows(plain.table())).data().toFloats();
      List<Integer> tokens = opened.decoder().adapters().tokens();
      for (int i = 0; i < tokens.size(); i++) {
        System.arraycopy(rows, i * width, table, tokens.get(i) * width, width);
      }
      assertThat(merged.floats(plain.table())).isEqualTo(table);
      if (!plain.head().equals(plain.table())) {
        assertThat(merged.floats(plain.head())).isEqualTo(file.floats(plain.head()));
      }
    }
  }

  @Test
  void rowsBeginAsTheTableHasThem() throws IOException {
    try (Opened opened = Opened.of("tied")) {
      String table = opened.decoder().table();
      opened.peft().adapted().fillRows(opened.parameters());
      float[] all = opened.parameters().get(table).data().toFloats();
      float[] rows = opened.parameters().get(Adapters.rows(table)).data().toFloats();
      assertThat(Arrays.copyOfRange(rows, 16, 32)).isEqualTo(Arrays.copyOfRange(all, 48, 64));
    }
  }

  @Test
  void tokensThatAreNotThereAreNamed() throws IOException {
    Path model = TinyLanguage.llama(home.resolve("model"), Optional.empty());
    Decoder decoder = LanguageFolder.open(model).decoder("decoder");
    try (var tokenizer = dev.eosin.text.LanguageTokenizer.open(model)) {
      assertThat(settings("a", "e").resolve(decoder, tokenizer).decoder().adapters().tokens())
          .containsExactly(tokenizer.id("a").orElseThrow(), tokenizer.id("e").orElseThrow());
      assertThat(settings("a").resolve(decoder, tokenizer).describe())
          .contains("1 token rows among them");
      assertThatThrownBy(() -> settings("no token").resolve(decoder, tokenizer))
          .hasMessageStartingWith("train-tokens: 'no token' is no token of");
      assertThatThrownBy(() -> settings("a", "a").resolve(decoder, tokenizer))
          .hasMessageContaining("a token is named twice");
    }
  }

  private static AdapterSettings settings(String... tokens) {
    return new AdapterSettings(
        2,
        4,
        List.of("all-linear"),
        false,
        false,
        Map.of(),
        Map.of(),
        List.of(),
        List.of(tokens),
        0);
  }
}
