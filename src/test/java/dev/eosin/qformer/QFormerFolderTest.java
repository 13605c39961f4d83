package dev.eosin.qformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.ParityCase;
import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.checkpoint.TorchSave;
import dev.eosin.config.DataException;
import dev.eosin.language.stored.Base;
import dev.eosin.language.stored.LanguageExport;
import dev.eosin.nn.Part;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.ParameterSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Folders of transformers, recorded ones read and written again.
class QFormerFolderTest {
  private static Path recorded(String name) {
    return ParityCase.open(name).folder();
  }

  private static Map<String, PendingTensor> pending(StoredTensors own) throws IOException {
    Map<String, PendingTensor> all = new LinkedHashMap<>();
    for (String name : own.names()) {
      all.put(name, PendingTensor.of(own, name, StoredType.F32));
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(strings = {"blip2-retrieval", "blip2-opt", "blip2-t5", "instructblip-llama"})
  void whatIsWrittenIsReadAgain(String name, @TempDir Path folder) throws IOException {
    QFormerFolder theirs = QFormerFolder.open(recorded(name));
    Path written = folder.resolve("model");
    var export = new QFormerExport(theirs.config(), Optional.empty(), Optional.empty(), "float32");
    try (StoredTensors own = theirs.weights()) {
      export.write(written, pending(own), Map.of());
      assertThat(QFormerFolder.is(written)).isTrue();
      QFormerFolder ours = QFormerFolder.open(written);
      ours.check();
      assertThat(ours.config()).isEqualTo(theirs.config());
      try (StoredTensors again = ours.weights();
          StoredTensors file = StoredTensors.open(written);
          StoredTensors original = StoredTensors.open(recorded(name))) {
        assertThat(file.names()).isEqualTo(original.names());
        for (String each : own.names()) {
          assertThat(again.floats(each)).as(each).isEqualTo(own.floats(each));
        }
      }
    }
  }

  /// Weights in two shards, named by an index.
  @Test
  void shardsAreReadAsOne(@TempDir Path folder) throws IOException {
    Path whole = recorded("blip2-t5");
    Files.copy(whole.resolve("config.json"), folder.resolve("config.json"));
    List<SafetensorsWriter> shards =
        List.of(new SafetensorsWriter(Map.of()), new SafetensorsWriter(Map.of()));
    StringJoiner index = new StringJoiner(",", "{\"weight_map\": {", "}}");
    try (StoredTensors file = StoredTensors.open(whole)) {
      for (String name : file.names()) {
        int shard = name.startsWith("language_model.") ? 1 : 0;
        shards.get(shard).add(name, file.entry(name));
        index.add("\"%s\": \"%s\"".formatted(name, shard(shard)));
      }
      for (int i = 0; i < shards.size(); i++) {
        shards.get(i).write(folder.resolve(shard(i)));
      }
    }
    Files.writeString(folder.resolve("model.safetensors.index.json"), index.toString());
    assertHoldsTheSame(QFormerFolder.open(folder), QFormerFolder.open(whole));
    QFormerFolder opened = QFormerFolder.open(folder);
    Files.delete(folder.resolve(shard(1)));
    assertThatThrownBy(opened::check)
        .isInstanceOf(DataException.class)
        .hasMessageContaining(shard(1));
  }

  private static String shard(int number) {
    return "model-%05d-of-00002.safetensors".formatted(number + 1);
  }

  /// What torch.save wrote, which older folders hold.
  @Test
  void aFileOfTorchIsRead(@TempDir Path folder) throws IOException {
    Path whole = recorded("blip2-retrieval");
    Files.copy(whole.resolve("config.json"), folder.resolve("config.json"));
    Map<String, TensorData> tensors = new LinkedHashMap<>();
    try (StoredTensors file = StoredTensors.open(whole)) {
      for (String name : file.names()) {
        tensors.put(name, file.entry(name));
      }
      TorchSave.write(folder.resolve("pytorch_model.bin"), tensors);
    }
    assertHoldsTheSame(QFormerFolder.open(folder), QFormerFolder.open(whole));
  }

  private static void assertHoldsTheSame(QFormerFolder ours, QFormerFolder theirs)
      throws IOException {
    ours.check();
    assertThat(ours.config()).isEqualTo(theirs.config());
    try (StoredTensors own = ours.weights();
        StoredTensors wanted = theirs.weights()) {
      assertThat(own.names()).isEqualTo(wanted.names());
      for (String name : own.names()) {
        assertThat(own.floats(name)).as(name).isEqualTo(wanted.floats(name));
      }
    }
  }

  @Test
  void aTableThatEndsBeforeTheImagesIdGetsRows(@TempDir Path folder) throws IOException {
    QFormerFolder theirs = QFormerFolder.open(recorded("instructblip-llama"));
    int entries = theirs.config().language().orElseThrow().spec().vocabulary();
    Path written = folder.resolve("model");
    QFormerConfig config = theirs.config().withImageToken(entries + 1);
    try (StoredTensors own = theirs.weights()) {
      new QFormerExport(config, Optional.empty(), Optional.empty(), "float32")
          .write(written, pending(own), Map.of());
    }
    QFormerFolder ours = QFormerFolder.open(written);
    assertThat(ours.config().language().orElseThrow().spec().vocabulary()).isEqualTo(entries + 2);
    assertThat(ours.config().imageToken()).hasValue(entries + 1);
    try (StoredTensors own = theirs.weights();
        StoredTensors longer = ours.weights()) {
      for (String name : List.of("decoder.token-embedding.weight", "decoder.head.weight")) {
        float[] before = own.floats(name);
        float[] after = longer.floats(name);
        int width = before.length / entries;
        assertThat(after).startsWith(before).hasSize(before.length + 2 * width);
        for (int i = 0; i < 2 * width; i++) {
          double mean = 0;
          for (int row = 0; row < entries; row++) {
            mean += before[row * width + i % width] / (double) entries;
          }
          assertThat((double) after[before.length + i]).isCloseTo(mean, within(1e-6));
        }
      }
    }
  }

  /// A language model's folder made of the one within a recorded model.
  private static Path language(QFormerFolder theirs, Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve("config.json"),
        LanguageExport.described(theirs.config().language().orElseThrow()).toString());
    Answers answers = theirs.model().answers().orElseThrow();
    try (StoredTensors own = theirs.weights()) {
      Map<String, PendingTensor> weights = pending(own);
      weights.keySet().removeAll(names(theirs.model().trained()));
      weights.keySet().removeAll(names(List.of(theirs.model().tower().orElseThrow())));
      QFormerModel.names(answers, "")
          .writePending(weights, Map.of())
          .write(folder.resolve("model.safetensors"));
    }
    return folder;
  }

  private static Set<String> names(List<? extends Part> parts) {
    return parts.stream()
        .flatMap(part -> part.weights().stream())
        .map(Weight::name)
        .collect(Collectors.toSet());
  }

  @ParameterizedTest
  @ValueSource(strings = {"blip2-opt", "blip2-t5", "instructblip-llama"})
  void aFrozenLanguageModelStaysWhereItIs(String name, @TempDir Path folder) throws IOException {
    QFormerFolder theirs = QFormerFolder.open(recorded(name));
    Path language = language(theirs, folder.resolve("language"));
    Path written = folder.resolve("model");
    FrozenPart pointer = FrozenPart.of(language, new TreeMap<>());
    List<? extends Part> frozen = theirs.model().answers().orElseThrow().parts();
    try (StoredTensors own = theirs.weights()) {
      Map<String, PendingTensor> weights = pending(own);
      weights.keySet().removeAll(names(frozen));
      new QFormerExport(theirs.config(), Optional.empty(), Optional.of(pointer), "float32")
          .write(written, weights, Map.of());
      QFormerFolder ours = QFormerFolder.open(written);
      ours.check();
      assertThat(ours.config()).isEqualTo(theirs.config());
      assertThat(ours.language()).contains(pointer);
      assertThat(written.resolve("config.json")).doesNotExist();
      assertThat(written.resolve("model.safetensors")).doesNotExist();
      assertSameModel(ours, own);
    }
    byte[] bytes = Files.readAllBytes(language.resolve("model.safetensors"));
    bytes[bytes.length - 1] ^= 1;
    Files.write(language.resolve("model.safetensors"), bytes);
    assertThatThrownBy(QFormerFolder.open(written)::check)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("eosin.json: the language model at " + language);
    Files.delete(language.resolve("model.safetensors"));
    Files.delete(language.resolve("config.json"));
    Files.delete(language);
    assertThatThrownBy(QFormerFolder.open(written)::check)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("eosin.json: the language model that this model needs is not at");
  }

  /// Trained weights loaded, frozen ones used in place.
  private static void assertSameModel(QFormerFolder ours, StoredTensors own) throws IOException {
    QFormerModel model = ours.model();
    List<? extends Part> language = model.answers().orElseThrow().parts();
    List<ParameterSet.Spec> specs =
        model.parts().stream()
            .flatMap(part -> part.weights().stream())
            .map(weight -> weight.spec(false))
            .toList();
    try (ParameterSet set =
        ParameterSet.allocate(
            RecordedQFormer.ENGINE,
            specs,
            DType.FLOAT32,
            List.of(ours.frozen(RecordedQFormer.ENGINE, language, Base.MAPPED)))) {
      assertThat(ours.load(set)).isEmpty();
      for (String each : own.names()) {
        assertThat(set.get(each).data().toFloats()).as(each).isEqualTo(own.floats(each));
      }
    }
  }

  @Test
  void aSecondStageTakesNormAndQFormerOfAFirst() throws IOException {
    QFormerFolder first = QFormerFolder.open(recorded("blip2-retrieval"));
    QFormer qformer = new QFormer("qformer", first.config().qformer());
    LanguageProjection projection =
        new LanguageProjection("language-projection", qformer.spec().width(), 8);
    ImageReader reader = new ImageReader(first.model().norm(), qformer, projection);
    List<ParameterSet.Spec> specs =
        reader.parts().stream()
            .flatMap(part -> part.weights().stream())
            .map(weight -> weight.spec(true))
            .toList();
    try (ParameterSet set = ParameterSet.allocate(RecordedQFormer.ENGINE, specs, DType.FLOAT32);
        StoredTensors own = first.weights()) {
      assertThat(first.load(set)).containsExactlyInAnyOrderElementsOf(names(List.of(projection)));
      for (String each : names(List.of(qformer, reader.norm()))) {
        assertThat(set.get(each).data().toFloats()).as(each).isEqualTo(own.floats(each));
      }
    }
  }

  private static Path changed(Path folder, String from, String to) throws IOException {
    String text = ParityCase.open("blip2-opt").text("config.json");
    assertThat(text).contains(from);
    Path file = folder.resolve("config.json");
    Files.writeString(file, text.replaceFirst(Pattern.quote(from), to));
    return folder;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "qkv_bias": true | "qkv_bias": false | vision_config.qkv_bias is false, expected true
          "layer_norm_eps": 1e-06 | "layer_norm_eps": 1e-05 | vision_config.layer_norm_eps is 1.0E-5
          "patch_size": 8 | "patch_size": 64 | vision_config:
          "hidden_act": "gelu" | "hidden_act": "relu" | _config.hidden_act is "relu", expected gelu
          "use_qformer_text_input": false | "use_qformer_text_input": true | use_qformer_text_input
          "cross_attention_frequency": 2 | "window": 2 | qformer_config.window (2)
          "encoder_hidden_size": 40 | "encoder_hidden_size": 41 | the tower's hidden_size
          "num_query_tokens": 6 | "num_query_tokens": 0 | num_query_tokens is 0
          Blip2ForConditionalGeneration | Blip2Model | architectures is ["Blip2Model"], expected one of
          "model_type": "blip-2" | "model_type": "instructblip" | model_type is "instructblip"
          "initializer_factor": 1.0 | "new_option": 1 | new_option (1)
          """)
  void anOptionThatIsNotHonouredIsRefused(String from, String to, String said, @TempDir Path folder)
      throws IOException {
    changed(folder, from, to);
    assertThatThrownBy(() -> QFormerFolder.open(folder))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("config.json")
        .hasMessageContaining(said);
  }

  @Test
  void otherFoldersAreNone(@TempDir Path folder) throws IOException {
    assertThat(QFormerFolder.is(folder)).isFalse();
    assertThat(QFormerFolder.is(recorded("language-opt"))).isFalse();
    assertThatThrownBy(() -> QFormerFolder.open(folder))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("has neither eosin.json of a run nor config.json of transformers");
  }
}
