package dev.eosin.recipe.openclip;

import dev.eosin.clip.spec.ClipPresets;
import dev.eosin.clip.spec.ClipSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The model flags of open_clip as the keys `model` and `loss.distillation.teacher`.
///
/// @param command the flags
/// @param open where to add what waits for the user
/// @param notes where to add what the user should know
record OpenClipModel(OpenClipCommand command, List<String> open, List<String> notes) {
  private static final String QUICK = "-quickgelu";

  /// An architecture with its first weights.
  ///
  /// @param weights a YAML map
  /// @param comment how to get them, or nothing
  private record Pretrained(String preset, String weights, String comment) {}

  /// The lines of the model that is trained.
  List<String> student() {
    Pretrained model =
        pretrained("model", "pretrained", "model.weights.path", command.has("force-quick-gelu"));
    List<String> lines = new ArrayList<>();
    lines.add("model:");
    lines.add("  preset: " + OpenClipImport.quoted(model.preset));
    command.value("force-patch-dropout").ifPresent(share -> lines.add("  patch-dropout: " + share));
    lines.add("  weights: %s%s".formatted(model.weights, model.comment));
    return lines;
  }

  /// The sizes of the model that is trained, where a preset has them.
  Optional<ClipSpec> sizes() {
    String name = command.value("model").orElse("").toLowerCase(Locale.ROOT);
    return isPreset(name) ? Optional.of(ClipPresets.named(name)) : Optional.empty();
  }

  /// The loss with a teacher, where there is one: open_clip wants both of its flags.
  Optional<String> teacher() {
    boolean named = command.has("distill-model");
    if (named != command.has("distill-pretrained")) {
      notes.add(
          "--%s does nothing without --%s"
              .formatted(
                  named ? "distill-model" : "distill-pretrained",
                  named ? "distill-pretrained" : "distill-model"));
    }
    if (!named || !command.has("distill-pretrained")) {
      return Optional.empty();
    }
    if (command.has("siglip")) {
      open.add("--siglip: cannot be had with --distill-model, in open_clip neither");
    }
    Pretrained model =
        pretrained(
            "distill-model", "distill-pretrained", "loss.distillation.teacher.weights.path", false);
    return Optional.of(
        "loss: { type: contrastive, distillation: { teacher: { preset: %s, weights: %s } } }%s"
            .formatted(OpenClipImport.quoted(model.preset), model.weights, model.comment));
  }

  private Pretrained pretrained(String flag, String tagFlag, String key, boolean quick) {
    String model = command.value(flag).orElse("");
    String tag = command.value(tagFlag).orElse("");
    String preset = preset(flag, model, tag.equals("openai"), quick);
    String plain = preset.replace(QUICK, "");
    if (tag.isEmpty()) {
      return new Pretrained(preset, "{ type: random }", "");
    }
    if (tag.equals("openai")) {
      return new Pretrained(
          preset,
          "{ type: open-clip, path: checkpoints/openai-%s/%s.pt }"
              .formatted(plain, model.replace(QUICK, "")),
          "  # eosin fetch openai-" + plain);
    }
    if (tag.matches(".*[./$].*")) {
      return new Pretrained(
          preset, "{ type: open-clip, path: %s }".formatted(OpenClipImport.quoted(tag)), "");
    }
    open.add("--%s %s: get its file and name it as %s".formatted(tagFlag, tag, key));
    return new Pretrained(
        preset,
        "{ type: open-clip, path: checkpoints/%s-%s/open_clip_model.safetensors }"
            .formatted(plain, tag),
        "");
  }

  private String preset(String flag, String model, boolean openAi, boolean quick) {
    String preset = model.toLowerCase(Locale.ROOT);
    if (!preset.endsWith(QUICK) && (openAi || quick)) {
      preset += QUICK;
      if (openAi && !quick) {
        notes.add(
            "OpenAI's weights need QuickGELU; open_clip 3 takes GELU for '%s' and warns"
                .formatted(model));
      }
    }
    if (!isPreset(preset)) {
      open.add(
          "--%s %s: no preset is named so; in place of %s 'config: <its open_clip JSON>' may do"
              .formatted(
                  flag,
                  model,
                  flag.equals("model") ? "model.preset" : "loss.distillation.teacher.preset"));
    }
    return preset;
  }

  private static boolean isPreset(String name) {
    try {
      return ClipPresets.named(name).embedSize() > 0;
    } catch (IllegalArgumentException unknown) {
      return false;
    }
  }
}
