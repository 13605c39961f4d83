package dev.eosin.run.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.language.spec.LanguageConfig;
import dev.eosin.language.stored.LanguageExport;
import dev.eosin.qformer.FrozenPart;
import dev.eosin.qformer.QFormerFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A recorded InstructBLIP as older versions of transformers wrote one: without places of images.
class QFormerConversionTest {
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir private Path folder;
  private Path in;
  private Path out;

  @BeforeEach
  void write() throws IOException {
    in = folder.resolve("in");
    out = folder.resolve("out");
    Files.createDirectories(in.resolve("qformer_tokenizer"));
    ParityCase model = ParityCase.open("instructblip-llama");
    Files.copy(model.file("model.safetensors"), in.resolve("model.safetensors"));
    ObjectNode config = (ObjectNode) JSON.readTree(model.text("config.json"));
    config.remove("image_token_index");
    Files.writeString(in.resolve("config.json"), config.toString());
    for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
      Files.copy(ParityCase.open("tokenizer-opt").file(name), in.resolve(name));
      Path words = ParityCase.open("tokenizer-bert").file(name);
      Files.copy(words, in.resolve("qformer_tokenizer").resolve(name));
    }
    forgetImage(in.resolve("tokenizer.json"));
    Files.writeString(
        in.resolve("preprocessor_config.json"),
        """
        {"image_processor_type": "BlipImageProcessor", "size": {"height": 32, "width": 32},
         "resample": 3, "image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.25, 0.3]}
        """);
  }

  private static void forgetImage(Path file) throws IOException {
    JsonNode tokenizer = JSON.readTree(Files.readString(file));
    Iterator<JsonNode> added = tokenizer.required("added_tokens").iterator();
    int before = tokenizer.required("added_tokens").size();
    while (added.hasNext()) {
      if (added.next().required("content").textValue().equals("<image>")) {
        added.remove();
      }
    }
    assertThat(tokenizer.required("added_tokens")).hasSize(before - 1);
    Files.writeString(file, tokenizer.toString());
  }

  private List<String> convert() throws IOException {
    return new QFormerConversion(out, Optional.empty(), false).convert(in);
  }

  private JsonNode json(String name) throws IOException {
    return JSON.readTree(Files.readString(out.resolve(name)));
  }

  @Test
  void olderFoldersGetPlacesOfImages() throws IOException {
    List<String> notes = convert();
    int id = json("config.json").required("image_token_index").intValue();
    assertThat(notes).singleElement().asString().contains("<image> has the id " + id);
    assertThat(json("config.json").at("/text_config/vocab_size").intValue()).isEqualTo(id + 1);
    JsonNode last = json("tokenizer.json").required("added_tokens");
    assertThat(last.get(last.size() - 1).required("content").textValue()).isEqualTo("<image>");
    assertThat(last.get(last.size() - 1).required("id").intValue()).isEqualTo(id);
    assertThat(json("processor_config.json").required("num_query_tokens").intValue()).isEqualTo(6);
    assertThat(json("processor_config.json").required("processor_class").textValue())
        .isEqualTo("InstructBlipProcessor");
    assertThat(json("preprocessor_config.json").required("image_mean").toString())
        .isEqualTo("[0.5,0.4,0.3]");
    assertThat(json("qformer_tokenizer/tokenizer.json"))
        .isEqualTo(JSON.readTree(ParityCase.open("tokenizer-bert").text("tokenizer.json")));
    QFormerFolder.open(out).check();
    assertThat(StoredModels.inspect(out).lines())
        .anyMatch(line -> line.startsWith("model") && line.contains("InstructBlip"));
  }

  /// What is trained in a folder of its own, the language model and its tokenizer in another.
  private Path apart(double epsilon) throws IOException {
    Path own = Files.createDirectories(folder.resolve("own"));
    Path language = Files.createDirectories(folder.resolve("language"));
    QFormerFolder whole = QFormerFolder.open(in);
    SafetensorsWriter trained = new SafetensorsWriter(Map.of());
    SafetensorsWriter frozen = new SafetensorsWriter(Map.of());
    String before = "language_model.";
    try (StoredTensors file = StoredTensors.open(in)) {
      for (String name : file.names()) {
        if (name.startsWith(before)) {
          frozen.add(name.substring(before.length()), file.entry(name));
        } else {
          trained.add(name, file.entry(name));
        }
      }
      trained.write(own.resolve("qformer.safetensors"));
      frozen.write(language.resolve("model.safetensors"));
    }
    LanguageConfig config = whole.config().language().orElseThrow();
    Files.writeString(language.resolve("config.json"), LanguageExport.described(config).toString());
    for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
      Files.copy(in.resolve(name), language.resolve(name));
    }
    ObjectNode json = JSON.createObjectNode();
    json.put("kind", "qformer").put("version", 1).put("image-norm-epsilon", epsilon);
    FrozenPart part = FrozenPart.of(language, new TreeMap<>());
    json.putObject("language").put("path", language.toString()).put("sha256", part.sha256());
    json.set("config", JSON.readTree(Files.readString(in.resolve("config.json"))));
    Files.writeString(own.resolve("eosin.json"), json.toString());
    Files.move(in.resolve("qformer_tokenizer"), own.resolve("qformer_tokenizer"));
    Files.move(in.resolve("preprocessor_config.json"), own.resolve("preprocessor_config.json"));
    return own;
  }

  @Test
  void aLanguageModelThatLiesElsewhereIsPutIn() throws IOException {
    convert();
    Path expected = folder.resolve("expected");
    Files.move(out, expected);
    Path own = apart(1e-6);
    List<String> notes = new QFormerConversion(out, Optional.empty(), false).convert(own);
    assertThat(notes).singleElement().asString().contains("<image> has the id");
    try (Stream<Path> files = Files.walk(expected)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path found = out.resolve(expected.relativize(file).toString());
        if (file.endsWith("model.safetensors")) {
          assertSameTensors(found, file);
        } else {
          assertThat(found).as(file.toString()).hasSameTextualContentAs(file);
        }
      }
    }
    QFormerFolder.open(out).check();
  }

  private static void assertSameTensors(Path found, Path expected) throws IOException {
    try (StoredTensors ours = StoredTensors.open(found);
        StoredTensors theirs = StoredTensors.open(expected)) {
      assertThat(ours.names()).isEqualTo(theirs.names());
      for (String name : ours.names()) {
        assertThat(ours.floats(name)).as(name).isEqualTo(theirs.floats(name));
      }
    }
  }

  /// LAVIS's, which a description of transformers cannot say.
  @Test
  void anotherNormBehindTheTowerIsSaid() throws IOException {
    Path own = apart(1e-5);
    assertThat(new QFormerConversion(out, Optional.empty(), false).convert(own))
        .anyMatch(note -> note.contains("an epsilon of 1.0E-5; transformers has no word for it"));
  }

  @Test
  void whatIsThereOrNoModelOfTransformersIsRefused() throws IOException {
    Files.createDirectories(out);
    assertThatThrownBy(this::convert)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("is there already; --replace replaces it");
  }

  @Test
  void anIdThatIsAnotherTokensIsRefused() throws IOException {
    ObjectNode config = (ObjectNode) JSON.readTree(Files.readString(in.resolve("config.json")));
    Files.writeString(in.resolve("config.json"), config.put("image_token_index", 5).toString());
    assertThatThrownBy(this::convert)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("the id 5 that is to be <image>'s is another token's");
    assertThat(out).doesNotExist();
  }
}
