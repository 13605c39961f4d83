package dev.eosin.clip.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.clip.Clip;
import dev.eosin.config.DataException;
import dev.eosin.nn.Dropout;
import dev.eosin.tower.BertText;
import dev.eosin.tower.Projection;
import dev.eosin.tower.TimmImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TowerConfigTest {
  /// The keys of microsoft/BiomedCLIP-PubMedBERT_256-vit_base_patch16_224's open_clip_config.json.
  private static final String BIOMED_CLIP =
      """
      {
        "model_cfg": {
          "embed_dim": 512,
          "vision_cfg": {
            "timm_model_name": "vit_base_patch16_224",
            "timm_model_pretrained": false,
            "timm_pool": "",
            "timm_proj": "linear",
            "image_size": 224
          },
          "text_cfg": {
            "hf_model_name": "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract",
            "hf_tokenizer_name": "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract",
            "hf_proj_type": "mlp",
            "hf_pooler_type": "cls_last_hidden_state_pooler",
            "context_length": 256
          }
        },
        "preprocess_cfg": {
          "mean": [0.48145466, 0.4578275, 0.40821073],
          "std": [0.26862954, 0.26130258, 0.27577711]
        }
      }
      """;

  @TempDir Path folder;

  private static ClipSpec read(String config) throws IOException {
    return OpenClipConfig.read("open_clip_config.json", new ObjectMapper().readTree(config));
  }

  private static TimmImage image(String vision) throws IOException {
    String config = BIOMED_CLIP.replaceFirst("\"timm_model_name\"[^}]*", vision);
    return (TimmImage) read(config).image();
  }

  @Test
  void biomedClipIsUnderstoodByItsNames() throws IOException {
    ClipSpec spec = read(BIOMED_CLIP);
    assertThat(spec.embedSize()).isEqualTo(512);
    TimmImage image = (TimmImage) spec.image();
    assertThat(image.tokens()).isEqualTo(197);
    assertThat(image.hiddenSize()).isEqualTo(768);
    assertThat(image.trunk().layerScale()).isEmpty();
    assertThat(image.pool()).isEqualTo(TimmImage.Pool.CLASS_TOKEN);
    BertText text = (BertText) spec.text();
    assertThat(text.context()).isEqualTo(256);
    assertThat(text.encoder()).isEqualTo(BertConfig.base());
    assertThat(text.pool()).isEqualTo(BertText.Pool.FIRST_TOKEN);
    assertThat(text.projection()).isEqualTo(Projection.MLP);
    long weights =
        Clip.weights(spec).stream()
            .mapToLong(w -> java.util.stream.LongStream.of(w.shape()).reduce(1, (a, b) -> a * b))
            .sum();
    // As many as open_clip 3.3.0 makes of this configuration.
    assertThat(weights).isEqualTo(195_902_721L);
  }

  @Test
  void uniAndUni2AreKnownByTheirNames() throws IOException {
    TimmImage uni = image("\"timm_model_name\": \"hf-hub:MahmoodLab/uni\"");
    assertThat(uni.trunk().layerScale()).hasValue(1e-5);
    assertThat(uni.layers()).isEqualTo(24);
    TimmImage second = image("\"timm_model_name\": \"hf-hub:MahmoodLab/UNI2-h\"");
    assertThat(second.trunk().gated()).isTrue();
    assertThat(second.trunk().registers()).isEqualTo(8);
    assertThat(second.tokens()).isEqualTo(1 + 8 + 256);
    assertThat(second.trunk().positions()).isEqualTo(256);
    assertThat(
            image(
                    """
                    "timm_model_name": "vit_giant_patch14_224", "timm_pool": "token",
                    "timm_model_kwargs": {"img_size": 224, "patch_size": 14, "depth": 24,
                      "num_heads": 24, "init_values": 1e-5, "embed_dim": 1536,
                      "mlp_ratio": 5.33334, "num_classes": 0, "no_embed_class": true,
                      "mlp_layer": "timm.layers.SwiGLUPacked", "act_layer": "torch.nn.SiLU",
                      "reg_tokens": 8, "dynamic_img_size": true}
                    """)
                .trunk())
        .isEqualTo(second.trunk());
  }

  @Test
  void anotherWidthKeepsTheRatioOfTheNamesMlp() throws IOException {
    String narrow =
        "\"timm_model_name\": \"%s\", \"timm_model_kwargs\": {\"embed_dim\": 48, \"num_heads\": 3%s}";
    String plain = "vit_large_patch16_224";
    String gated = "vit_giant_patch14_reg4_dinov2";
    assertThat(image(narrow.formatted(plain, "")).trunk().mlpSize()).isEqualTo(192);
    assertThat(image(narrow.formatted(gated, "")).trunk().mlpSize()).isEqualTo(128);
    String gate = ", \"mlp_layer\": \"SwiGLUPacked\", \"act_layer\": \"silu\"";
    assertThat(image(narrow.formatted(plain, gate)).trunk().mlpSize()).isEqualTo(96);
  }

  @Test
  void unknownNamesSayWhatIsKnownAndHowToGiveTheSizes() {
    assertThatThrownBy(() -> image("\"timm_model_name\": \"convnext_base\""))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("vision_cfg.timm_model_name is 'convnext_base'")
        .hasMessageContaining("vit_base_patch16_224")
        .hasMessageContaining("timm_model_kwargs");
    assertThatThrownBy(
            () ->
                read(
                    BIOMED_CLIP.replace(
                        "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract", "our/bert")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("text_cfg.hf_model_name is 'our/bert'")
        .hasMessageContaining("bert-base-uncased")
        .hasMessageContaining("config.json");
  }

  @Test
  void sizesOfAnUnknownBertComeFromTheFileBeside() throws IOException {
    Path config = folder.resolve("open_clip_config.json");
    Files.writeString(
        config,
        BIOMED_CLIP.replace("microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract", "our/bert"));
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"model_type": "bert", "hidden_size": 64, "num_hidden_layers": 3,
         "num_attention_heads": 4, "intermediate_size": 96, "vocab_size": 77,
         "max_position_embeddings": 300, "layer_norm_eps": 1e-7, "pad_token_id": 5,
         "hidden_dropout_prob": 0.2}
        """);
    BertText text = (BertText) ClipConfigFile.read(config).spec().text();
    assertThat(text.encoder())
        .isEqualTo(new BertText.Encoder(300, 77, 64, 3, 4, 96, 2, 5, 1e-7, new Dropout(0.2, 0.1)));
  }

  @Test
  void whatWouldBeComputedOtherwiseIsRefusedByName() {
    Map<String, String> refused =
        Map.of(
            "\"timm_model_name\": \"vit_base_patch16_224\", \"image_size\": 336",
            "image_size is 336 x 336, but vit_base_patch16_224 takes 224 x 224",
            "\"timm_model_name\": \"vit_base_patch16_224\", \"timm_pool\": \"map\"",
            "timm_pool is 'map'",
            "\"timm_model_name\": \"vit_base_patch16_224\", \"timm_proj\": \"none\"",
            "width is 768 and embed_dim 512",
            "\"timm_model_name\": \"vit_base_patch16_224\", \"timm_drop\": 0.1",
            "timm_drop is 0.1",
            "\"timm_model_name\": \"v\", \"timm_model_kwargs\": {\"qk_norm\": true}",
            "qk_norm is true",
            "\"timm_model_name\": \"vit_base_patch16_224\", \"timm_model_kwargs\": {\"class_token\": false}",
            "class_token is false",
            "\"timm_model_name\": \"vit_base_patch16_224\", \"timm_model_kwargs\": {\"mlp_layer\": \"SwiGLUPacked\"}",
            "act_layer is 'gelu'; 'silu' is expected");
    refused.forEach(
        (vision, message) ->
            assertThatThrownBy(() -> image(vision))
                .as(vision)
                .isInstanceOf(DataException.class)
                .hasMessageContaining(message));
    assertThatThrownBy(
            () -> read(BIOMED_CLIP.replace("cls_last_hidden_state_pooler", "max_pooler")))
        .hasMessageContaining("hf_pooler_type is 'max_pooler'");
    assertThatThrownBy(() -> read(BIOMED_CLIP.replace("\"hf_proj_type\": \"mlp\",", "")))
        .hasMessageContaining("width is 768 and embed_dim 512");
  }

  @Test
  void aHuggingFaceClipModelIsRefusedWithTheReason() throws IOException {
    ClipSpec spec = read(BIOMED_CLIP);
    assertThatThrownBy(() -> HuggingFaceConfig.write(spec))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("this model has one of timm; use the open_clip files");
  }
}
