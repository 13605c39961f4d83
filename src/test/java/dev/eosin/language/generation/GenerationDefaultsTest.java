package dev.eosin.language.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GenerationDefaultsTest {
  @TempDir Path folder;

  private GenerationDefaults read(String json) throws IOException {
    return GenerationDefaults.read(
        Files.writeString(folder.resolve("generation_config.json"), json));
  }

  /// Files as published models have them.
  @Test
  void publishedFilesAreRead() throws IOException {
    GenerationDefaults vicuna =
        read(
            """
            {"_from_model_config": true, "bos_token_id": 1, "eos_token_id": 2, "max_length": 4096,
             "pad_token_id": 0, "temperature": 0.9, "top_p": 0.6, "transformers_version": "4.31.0"}
            """);
    assertThat(vicuna.search()).isEqualTo(new Search.Greedy());
    assertThat(vicuna.endTokens()).contains(new EndTokens(List.of(2), 0));
    assertThat(vicuna.maxNewTokens(4000)).hasValue(96);
    assertThat(vicuna.maxNewTokens(5000)).hasValue(0);
    GenerationDefaults llama =
        read(
            """
            {"bos_token_id": 128000, "do_sample": true, "eos_token_id": [128001, 128008, 128009],
             "temperature": 0.6, "top_p": 0.9, "transformers_version": "4.42.3"}
            """);
    assertThat(llama.search()).isEqualTo(new Search.Sampling(0.6, 50, 0.9, 1, 0));
    assertThat(llama.endTokens()).contains(new EndTokens(List.of(128001, 128008, 128009), 128001));
    assertThat(llama.maxNewTokens(100)).isEmpty();
    GenerationDefaults t5 =
        read(
            """
            {"_from_model_config": true, "decoder_start_token_id": 0, "eos_token_id": 1,
             "pad_token_id": 0, "transformers_version": "4.27.0.dev0"}
            """);
    assertThat(t5.decoderStart()).hasValue(0);
  }

  @Test
  void honouredOptionsBecomeSettings() throws IOException {
    GenerationSettings settings =
        read("""
                {"num_beams": 4, "length_penalty": 0.5, "early_stopping": "never",
                 "num_return_sequences": 2, "repetition_penalty": 1.2, "no_repeat_ngram_size": 3,
                 "min_new_tokens": 2, "max_new_tokens": 9, "stop_strings": "###"}
                """)
            .settings(9);
    assertThat(settings)
        .isEqualTo(
            new GenerationSettings(
                9,
                2,
                1.2,
                3,
                List.of("###"),
                new Search.Beams(4, 0.5, Search.EarlyStopping.NEVER, 2)));
  }

  @Test
  void neutralValuesPass() throws IOException {
    GenerationDefaults neutral =
        read(
            """
            {"typical_p": 1.0, "min_p": null, "num_beam_groups": 1, "diversity_penalty": 0.0,
             "encoder_repetition_penalty": 1.0, "guidance_scale": null, "min_length": 0,
             "suppress_tokens": [], "bad_words_ids": null, "renormalize_logits": false,
             "use_cache": false, "early_stopping": null, "do_sample": null, "output_scores": true,
             "num_assistant_tokens": 20}
            """);
    assertThat(neutral).isEqualTo(GenerationDefaults.NONE);
    assertThat(neutral.maxNewTokens(3)).isEqualTo(OptionalInt.empty());
    assertThat(neutral.endTokens()).isEmpty();
  }

  @Test
  void whatIsNotHonouredIsNamed() {
    assertThatThrownBy(() -> read("{\"min_p\": 0.05, \"typical_p\": 0.9, \"eos_token_id\": 2}"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("generation_config.json: options that generation here")
        .hasMessageContaining("min_p (0.05), typical_p (0.9)")
        .hasMessageNotContaining("eos");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"suppress_tokens\": [4]}",
        "{\"min_length\": 10}",
        "{\"forced_bos_token_id\": 3}",
        "{\"an_option_to_come\": true}",
        "{\"do_sample\": true, \"num_beams\": 2}",
        "{\"num_return_sequences\": 2}",
        "{\"early_stopping\": \"soon\"}",
        "{\"num_beams\": 2.5}",
        "{\"do_sample\": \"yes\"}",
        "{\"eos_token_id\": [2, -1]}",
        "{\"repetition_penalty\": \"high\"}",
        "{\"stop_strings\": 3}",
        "{\"do_sample\": true, \"temperature\": 0}",
        "{\"repetition_penalty\": 0}",
        "[]",
        "{"
      })
  void mistakesNameTheFile(String json) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(folder.resolve("generation_config.json") + ": ");
  }

  @Test
  void aMissingFileIsNamed() {
    Path missing = folder.resolve("none.json");
    assertThatThrownBy(() -> GenerationDefaults.read(missing))
        .hasMessageStartingWith(missing + ": cannot be read: ");
  }

  @Test
  void aFileForMessagesMayBeAnyText() throws IOException {
    assertThat(GenerationDefaults.of(new JsonMapper().readTree("{}"), "options"))
        .isEqualTo(GenerationDefaults.NONE);
  }
}
