package dev.eosin.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.language.spec.LanguageConfig;
import dev.eosin.language.spec.T5Gate;
import dev.eosin.language.spec.T5Spec;
import dev.eosin.language.stored.LanguageExport;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.language.stored.T5Gelu;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// OPT's and T5's options that are not computed are named.
class OtherConfigsTest {
  private static final Path FOLDER = Path.of("src/test/resources/language/published");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "opt-2.7b, do_layer_norm_before, false, 'do_layer_norm_before is false, expected true'",
    "opt-2.7b, word_embed_proj_dim, 512, 'word_embed_proj_dim is 512, expected hidden_size, 2560'",
    "opt-2.7b, activation_function, '\"gelu\"', relu",
    "opt-2.7b, enable_bias, false, 'enable_bias is false, expected true'",
    "opt-2.7b, num_attention_heads, 33, cannot share a hidden size",
    "opt-2.7b, surprising, 1, surprising (1)",
    "flan-t5-xl, feed_forward_proj, '\"gated-silu\"', relu or gated-gelu",
    "flan-t5-xl, dense_act_fn, '\"gelu_fast\"', gelu_new or gelu",
    "flan-t5-xl, decoder_start_token_id, 40000, the decoder's start token 40000",
    "flan-t5-xl, surprising, 1, surprising (1)"
  })
  void anOptionThatIsNotComputedIsNamed(String name, String field, String value, String expected)
      throws IOException {
    ObjectNode json = (ObjectNode) JSON.readTree(FOLDER.resolve(name + ".json").toFile());
    json.set(field, JSON.readTree(value));
    Path file = folder.resolve("config.json");
    Files.writeString(file, json.toString());
    assertThatThrownBy(() -> LanguageConfig.read(file))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(expected);
  }

  /// FlanT5 as LAVIS and BLIP-2's folders name it, also written again.
  @Test
  void theExactGeluIsReadAndWritten() throws IOException {
    ObjectNode json = (ObjectNode) JSON.readTree(FOLDER.resolve("flan-t5-xl.json").toFile());
    Path file = folder.resolve("config.json");
    Files.writeString(file, json.put("dense_act_fn", "gelu").toString());
    LanguageConfig config = LanguageConfig.read(file);
    assertThat(((T5Spec) config.spec()).gated()).isEqualTo(T5Gate.EXACT);
    Files.writeString(file, LanguageExport.described(config).toString());
    assertThat(LanguageConfig.read(file)).isEqualTo(config);
  }

  @Test
  void theGeluMayBeChosenOfAT5() throws IOException {
    LanguageFolder t5 = LanguageFolder.open(TinyLanguage.t5(folder.resolve("t5")));
    T5Spec spec = (T5Spec) t5.with(T5Gelu.EXACT).config().spec();
    assertThat(spec.gated()).isEqualTo(T5Gate.EXACT);
    assertThat(t5.with(T5Gelu.TANH)).isEqualTo(t5);
    LanguageFolder llama =
        LanguageFolder.open(TinyLanguage.llama(folder.resolve("llama"), Optional.empty()));
    assertThatThrownBy(() -> llama.with(T5Gelu.EXACT))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("describes no T5 with gates of GELU");
  }
}
