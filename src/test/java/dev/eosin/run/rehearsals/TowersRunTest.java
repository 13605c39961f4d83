package dev.eosin.run.rehearsals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.ParityCase;
import dev.eosin.config.RecipeException;
import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.run.SmallRun;
import dev.eosin.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A recipe whose model has a text tower of BERT kind and an image tower of timm.
class TowersRunTest {
  private static final Path TOKENIZER = ParityCase.own("tokenizer-bert").file("tokenizer.json");
  private static final String MODEL =
      """
      {"embed_dim": 16,
       "vision_cfg": {"timm_model_name": "our_vit", "timm_pool": "token", "timm_proj": "linear",
         "timm_model_kwargs": {"img_size": 24, "patch_size": 8, "embed_dim": 24, "depth": 2,
           "num_heads": 3, "init_values": 1e-5, "reg_tokens": 2, "no_embed_class": true,
           "mlp_layer": "SwiGLUPacked", "act_layer": "silu"}},
       "text_cfg": {"hf_model_name": "our-bert", "hf_pooler_type": "cls_last_hidden_state_pooler",
         "hf_proj_type": "mlp", "context_length": 16}}
      """;
  private static final String BERT =
      """
      {"model_type": "bert", "vocab_size": 500, "hidden_size": 32, "num_hidden_layers": 2,
       "num_attention_heads": 4, "intermediate_size": 48, "max_position_embeddings": 32}
      """;

  @TempDir static Path home;
  private static SmallRun whole;

  private static String[] overrides(SmallRun run, String... more) {
    Path config = run.recipe().resolveSibling("open_clip_config.json");
    List<String> overrides =
        new ArrayList<>(
            List.of(
                "model.config=" + config,
                "data.image.size=24 px",
                "data.text.tokenizer={ type: bert, path: \"" + TOKENIZER + "\" }"));
    overrides.addAll(Arrays.asList(more));
    return overrides.toArray(String[]::new);
  }

  @BeforeAll
  static void trainInOneGo() throws IOException {
    whole = SmallRun.in(home.resolve("whole"));
    Files.writeString(whole.recipe().resolveSibling("open_clip_config.json"), MODEL);
    Files.writeString(whole.recipe().resolveSibling("config.json"), BERT);
    var notes = new SmallRun.Notes();
    assertThat(whole.train(SmallRun.TO_THE_END, notes, overrides(whole)))
        .isEqualTo(Trainer.End.FINISHED);
    assertThat(notes.all()).anyMatch(note -> note.startsWith("final/ has no Hugging Face model"));
  }

  @Test
  void aStoppedRunEndsLikeTheWholeOne() throws IOException {
    SmallRun run = whole.copyTo(whole.folder().resolveSibling("stopped"));
    assertThat(run.train(5, new SmallRun.Notes(), overrides(run))).isEqualTo(Trainer.End.STOPPED);
    assertThat(run.train(overrides(run))).isEqualTo(Trainer.End.FINISHED);
    run.assertEndedLike(whole);
  }

  @Test
  void theExportedFolderStartsAnotherRunAndHoldsNoClipModel() throws IOException {
    Path exported = whole.folder().resolve("final");
    assertThat(exported.resolve("open_clip_model.safetensors")).exists();
    assertThat(exported.resolve("tokenizer.json")).hasSameBinaryContentAs(TOKENIZER);
    assertThat(exported.resolve("model.safetensors")).doesNotExist();
    assertThat(Files.readString(exported.resolve("config.json"))).contains("\"bert\"");
    SmallRun next = whole.copyTo(whole.folder().resolveSibling("next"));
    String[] overrides =
        overrides(
            next,
            "model.config=" + exported.resolve("open_clip_config.json"),
            "model.weights={ type: open-clip, path: \"" + exported + "\" }",
            "data.text.tokenizer.path=" + exported,
            "data.text.length=32");
    TrainableRecipe recipe = TrainableRecipe.read(next.recipe(), Arrays.asList(overrides));
    assertThat(DryRun.of(recipe).lines().getFirst()).startsWith("model     ");
  }

  @Test
  void aTokenizerOfAnotherPaddingAndCaptionsThatAreTooLongAreRefused() throws IOException {
    SmallRun run = whole.copyTo(whole.folder().resolveSibling("refused"));
    Path clip = ParityCase.own("tokenizer-clip").file("tokenizer.json");
    assertThatThrownBy(
            () ->
                run.train(
                    overrides(
                        run,
                        "data.text.tokenizer={ type: hugging-face, path: \"" + clip + "\" }",
                        "data.text.length=33")))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("pads with 49407, the text tower takes 0 for padding")
        .hasMessageContaining("is 33, the text tower has 32 positions");
    assertThatThrownBy(
            () ->
                run.train(overrides(run, "model.weights={ type: hugging-face, path: somewhere }")))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("is of type hugging-face");
  }
}
