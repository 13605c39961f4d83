package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.ParityCase;
import dev.eosin.config.DataException;
import dev.eosin.qformer.QFormerFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
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
