package dev.eosin.run;

import dev.eosin.ParityCase;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.run.OptionMix.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Writes mixes of options as recipes of tiny models, with the earlier runs that some start from.
///
/// @param home everything is in there
record OptionRecipes(Path home) {
  private static final String VIT =
      "{\"image_size\": 24, \"layers\": 2, \"width\": 16, \"head_width\": 8, \"patch_size\": 8}";
  private static final String TIMM =
      """
      {"timm_model_name": "our_vit", "timm_pool": "token", "timm_proj": "linear",
       "timm_model_kwargs": {"img_size": 24, "patch_size": 8, "embed_dim": 16, "depth": 2,
         "num_heads": 2, "init_values": 1e-2, "reg_tokens": 2, "no_embed_class": %s,
         "mlp_layer": "SwiGLUPacked", "act_layer": "silu"}}
      """;
  private static final String CAUSAL =
      "{\"context_length\": 16, \"vocab_size\": 49408, \"width\": 16, \"heads\": 2, \"layers\": 2}";
  private static final String BERT =
      """
      {"hf_model_name": "our-bert", "hf_pooler_type": "cls_last_hidden_state_pooler",
       "hf_proj_type": "mlp", "context_length": 16}
      """;
  private static final String BERT_ENCODER =
      """
      {"model_type": "bert", "vocab_size": 500, "hidden_size": 16, "num_hidden_layers": 2,
       "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 16}
      """;
  private static final int TILES = 24;

  /// A run that does not exist yet.
  SmallRun run(String name) throws IOException {
    return SmallRun.in(home.resolve(name));
  }

  /// Everything that the mix says, with the files it needs.
  List<String> overrides(OptionMix mix) throws IOException {
    List<String> overrides = new ArrayList<>(inputs(mix));
    overrides.add("schedule=" + schedule(mix.of(Option.SCHEDULE)));
    overrides.add("optimizer=" + optimizer(mix));
    overrides.add("loss=" + loss(mix));
    overrides.add(weights(mix));
    overrides.add("model.patch-dropout=" + mix.of(Option.PATCH_DROPOUT));
    overrides.add("compute.activations=" + mix.of(Option.ACTIVATIONS));
    overrides.add("output.checkpoint-every=%s steps".formatted(mix.of(Option.SAVED)));
    overrides.add("evaluate=" + evaluations(mix.of(Option.EVALUATE)));
    ema(mix).forEach(overrides::add);
    trained(mix.of(Option.TRAINED)).forEach(overrides::add);
    return overrides;
  }

  /// What decides the inputs, the architecture and how rows are rounded.
  private List<String> inputs(OptionMix mix) throws IOException {
    List<String> overrides = new ArrayList<>();
    overrides.add("model.config=" + config(mix.of(Option.TOWERS)));
    overrides.add("data.image.size=24 px");
    overrides.add("precision=" + mix.of(Option.PRECISION));
    if (!mix.is(Option.MICRO, "none")) {
      overrides.add("batch.micro=" + mix.of(Option.MICRO));
    }
    if (bert(mix)) {
      Path tokenizer = ParityCase.own("tokenizer-bert").file("tokenizer.json");
      overrides.add("data.text.tokenizer={ type: bert, path: \"" + tokenizer + "\" }");
    }
    if (mix.is(Option.DATA, "mixture")) {
      overrides.add("data.train=" + mixture());
      overrides.add("data.train-order={ groups: spread }");
      overrides.add("data.validation={ type: split, share: 25 %, seed: 1 }");
      overrides.add("data.text.over-length=sentence-sampling");
    }
    return overrides;
  }

  /// A recipe that starts from what a run exported, with nothing of how it was trained.
  List<String> reloaded(OptionMix mix, SmallRun run) throws IOException {
    Path exported = run.folder().resolve("final");
    List<String> overrides = new ArrayList<>(inputs(mix));
    overrides.add("model.config=" + exported.resolve("open_clip_config.json"));
    overrides.add("model.weights={ type: open-clip, path: \"%s\" }".formatted(exported));
    overrides.add("evaluate=" + evaluations(mix.of(Option.EVALUATE)));
    if (mix.biased()) {
      overrides.add("loss={ type: siglip }");
    }
    return overrides;
  }

  private static boolean bert(OptionMix mix) {
    return mix.of(Option.TOWERS).endsWith("bert");
  }

  private Path config(String towers) throws IOException {
    Path folder = Files.createDirectories(home.resolve(towers));
    Path config = folder.resolve("open_clip_config.json");
    if (!Files.exists(config)) {
      Files.writeString(folder.resolve("config.json"), BERT_ENCODER);
      Files.writeString(
          config,
          "{\"embed_dim\": 16, \"vision_cfg\": %s, \"text_cfg\": %s}"
              .formatted(
                  towers.startsWith("timm") ? TIMM.formatted(towers.endsWith("bert")) : VIT,
                  towers.endsWith("bert") ? BERT : CAUSAL));
    }
    return config;
  }

  /// An earlier run of two updates with the same architecture, but for the logit bias.
  private SmallRun earlier(OptionMix mix, boolean biased) throws IOException {
    Path place = home.resolve("earlier-" + mix.of(Option.TOWERS) + (biased ? "-biased" : ""));
    boolean there = Files.exists(place);
    SmallRun run = SmallRun.in(place);
    if (!there) {
      List<String> overrides = new ArrayList<>(inputs(mix));
      overrides.addAll(
          List.of(
              "precision=fp32",
              "evaluate=[]",
              "schedule={ type: constant, warmup: 0 steps, length: 2 steps }",
              "optimizer.lr=1e-2",
              "ema={ decay: 0.5 }",
              biased ? "loss={ type: siglip }" : "loss={ type: contrastive }"));
      run.train(overrides.toArray(String[]::new));
    }
    return run;
  }

  private SmallRun earlier(OptionMix mix) throws IOException {
    return earlier(mix, mix.biased());
  }

  private String weights(OptionMix mix) throws IOException {
    return switch (mix.of(Option.WEIGHTS)) {
      case "random" -> "model.weights={ type: random }";
      case "run" -> "initialise-from=" + earlier(mix).folder();
      case "other-loss" -> "initialise-from=" + earlier(mix, !mix.biased()).folder();
      case "average" ->
          "initialise-from={ run: \"%s\", part: average }".formatted(earlier(mix).folder());
      default ->
          "model.weights={ type: open-clip, path: \"%s\" }"
              .formatted(earlier(mix).folder().resolve("final/open_clip_model.safetensors"));
    };
  }

  private String loss(OptionMix mix) throws IOException {
    String teacher = "";
    if (mix.of(Option.LOSS).startsWith("taught")) {
      teacher =
          ", distillation: { weight: 0.7, teacher: { config: \"%s\", weights: { type: run, path: \"%s\" } } }"
              .formatted(config(mix.of(Option.TOWERS)), earlier(mix).folder());
    }
    return switch (mix.of(Option.LOSS)) {
      case "smooth" -> "{ type: contrastive, label-smoothing: 0.1 }";
      case "equal" -> "{ type: contrastive, positives: equal-captions }";
      case "taught" -> "{ type: contrastive%s }".formatted(teacher);
      case "taught-equal-smooth" ->
          "{ type: contrastive, label-smoothing: 0.2, positives: equal-captions%s }"
              .formatted(teacher);
      case "siglip" -> "{ type: siglip }";
      case "siglip-equal" -> "{ type: siglip, positives: equal-captions }";
      default -> "{ type: contrastive }";
    };
  }

  private static String optimizer(OptionMix mix) {
    String clip =
        mix.is(Option.CLIP_NORM, "none") ? "" : ", clip-norm: " + mix.of(Option.CLIP_NORM);
    String groups =
        switch (mix.of(Option.GROUPS)) {
          case "logit-scale" -> "[{ match: logit-scale, lr-scale: 0.1 }]";
          case "all" -> "[{ match: 'logit-*', lr-scale: 2 }, { match: '**', weight-decay: 0 }]";
          case "image" -> "[{ match: 'image.**', lr-scale: 0.3, weight-decay: 0.5 }]";
          default -> "[]";
        };
    return "{ type: adamw, lr: 1.0e-2, betas: [0.9, 0.98], eps: 1.0e-6, weight-decay: 0.1%s, groups: %s, layer-decay: %s }"
        .formatted(clip, groups, mix.of(Option.LAYER_DECAY));
  }

  private static String schedule(String level) {
    return switch (level) {
      case "constant" -> "{ type: constant, warmup: 0 steps, length: 4 steps }";
      case "cool-down" ->
          "{ type: cool-down, warmup: 1 steps, length: 4 steps, cool-down: 50 %, end-lr: 1e-4 }";
      default -> "{ type: cosine, warmup: 50 %, length: 4 steps }";
    };
  }

  private static List<String> ema(OptionMix mix) {
    return switch (mix.of(Option.EMA)) {
      case "shown" -> List.of("ema={ decay: 0.9 }");
      case "kept" -> List.of("ema={ decay: 0.5, evaluate: false }");
      case "exported" -> List.of("ema={ decay: 0.9, export: true }");
      case "hidden-exported" ->
          List.of("ema={ decay: 0.6, warmup: false, evaluate: false, export: true }");
      default -> List.of();
    };
  }

  private static List<String> trained(String level) {
    return switch (level) {
      case "lock-image-2" -> List.of("lock.image-tower.unlocked-groups=2");
      case "lock-image-0" -> List.of("lock.image-tower.unlocked-groups=0");
      case "lock-text-1" -> List.of("lock.text-tower.unlocked-groups=1");
      case "lock-both" ->
          List.of("lock.image-tower.unlocked-groups=1", "lock.text-tower.unlocked-groups=2");
      case "lora" -> List.of("lora={ rank: 2, alpha: 4, dropout: 0.3 }");
      case "lora-image-attention" ->
          List.of("lora={ rank: 3, alpha: 3, towers: [image], targets: [attention] }");
      case "lora-text-mlp" -> List.of("lora={ rank: 1, alpha: 8, towers: [text], targets: [mlp] }");
      default -> List.of();
    };
  }

  private static String evaluations(String level) {
    String pairs = "{ type: validation, name: pairs, every: 3 steps }";
    String tiles =
        "{ type: zero-shot, name: tiles, prompts: [\"A tile of {}.\"], every: 2 steps, bootstrap: 10 }";
    return switch (level) {
      case "pairs" -> "[%s]".formatted(pairs);
      case "tiles" -> "[%s]".formatted(tiles);
      default -> "[%s, %s]".formatted(tiles, pairs);
    };
  }

  private String mixture() throws IOException {
    return "{ type: mixture, epoch: 20 samples, parts: [{ name: few, weight: 1, source: %s }, { name: many, weight: 3, source: %s }] }"
        .formatted(table("few"), table("many"));
  }

  /// Tiles of two classes, two a slide, with captions of which some are equal and some too long.
  private String table(String name) throws IOException {
    Path folder = home.resolve("table-" + name);
    Path table = folder.resolve("table.csv");
    if (!Files.exists(table)) {
      Files.createDirectories(folder);
      StringBuilder rows = new StringBuilder("file,caption,slide,label\n");
      for (int tile = 0; tile < TILES; tile++) {
        byte[] pixels = new byte[3 * 32 * 32];
        Arrays.fill(pixels, (byte) (tile * 9 + (name.equals("few") ? 4 : 0)));
        Files.write(folder.resolve(tile + ".png"), Png.encode(new RgbImage(32, 32, pixels)));
        String caption =
            "Glands of kind %d are fused. Nuclei are large and dark. The stroma is dense.";
        rows.append(
            "%d.png,%s,%s-%d,%s\n"
                .formatted(
                    tile,
                    caption.formatted(tile % 5),
                    name,
                    tile / 2,
                    tile / 2 % 2 == 0 ? "tumour" : "stroma"));
      }
      Files.writeString(table, rows);
    }
    return "{ type: csv, path: \"%s\", columns: { image: file, caption: caption, group: slide, label: label } }"
        .formatted(table);
  }
}
