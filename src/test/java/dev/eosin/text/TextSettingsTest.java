package dev.eosin.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.config.Binder;
import dev.eosin.config.RecipeException;
import dev.eosin.config.RecipeFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TextSettingsTest {
  @Test
  void everythingLeftOutIsOpenClips() {
    assertThat(bind("{}"))
        .isEqualTo(
            new TextSettings(
                new TokenizerSettings.ClipBpe(), 77, TextSettings.OverLength.TRUNCATE, List.of()));
  }

  @Test
  void aRecipeChoosesTheTokenizerByType() {
    assertThat(bind("{ tokenizer: { type: clip-bpe }, length: 32 }").length()).isEqualTo(32);
    assertThat(bind("{ tokenizer: { type: hugging-face, path: model } }").tokenizer())
        .isEqualTo(new TokenizerSettings.HuggingFace(Path.of("model")));
  }

  @Test
  void aRecipeChoosesWhatBecomesOfLongCaptions() {
    TextSettings settings =
        bind("{ over-length: sentence-sampling, templates: [\"A tile: {caption}\"] }");
    assertThat(settings.overLength()).isEqualTo(TextSettings.OverLength.SENTENCE_SAMPLING);
    assertThat(settings.templates()).containsExactly("A tile: {caption}");
  }

  @Test
  void whatCannotBeIsRefused() {
    assertThatThrownBy(() -> bind("{ length: 1 }"))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("length");
    assertThatThrownBy(() -> bind("{ tokenizer: { type: clip-bep } }"))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("clip-bpe");
    assertThatThrownBy(() -> bind("{ templates: [\"An H&E image of {}.\"] }"))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("has no {caption} where the caption belongs");
  }

  @Test
  void eachChoiceOpensItsTokenizer() throws IOException {
    ParityCase recorded = ParityCase.open("tokenizer-clip");
    JsonNode expected = new ObjectMapper().readTree(recorded.text("expected.json"));
    Path file = recorded.file("tokenizer.json");
    assertThat(new TokenizerSettings.ClipBpe().open().paddingId())
        .isEqualTo(expected.get("open_clip_pad").intValue());
    assertThat(new TokenizerSettings.HuggingFace(file).open().paddingId())
        .isEqualTo(expected.get("hf_pad").intValue());
  }

  private static TextSettings bind(String text) {
    RecipeFile recipe = RecipeFile.parse(Path.of("text.yaml"), text, List.of(), Map.of());
    return Binder.bind(recipe, TextSettings.class);
  }
}
