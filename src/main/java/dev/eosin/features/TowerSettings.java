package dev.eosin.features;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.train.WeightsPart;
import java.nio.file.Path;
import java.util.Optional;

/// `tower`: an image tower of which a model reads tokens.
@Doc("An image tower of which a model reads the tokens of one layer.")
public record TowerSettings(
    @Doc(
            "Where its weights are: a run of kind clip, one of its checkpoints or its final/; a file or folder of a CLIP model as open_clip, Hugging Face or Eosin writes it; a vision transformer of timm's alone, such as UNI or DINOv2, as a folder with timm's config.json or a file; EVA-ViT-g's own file (eva_vit_g.pth); or a Hugging Face folder of BLIP-2 or InstructBLIP, whose tower is taken.")
        Path from,
    @Doc("Of a run: its weights, or the moving average that ema kept of them.") @OrElse("weights")
        WeightsPart part,
    @Doc(
            "The architecture by name, where the weights' folder does not say it; of timm's alone timm's name, such as vit_large_patch14_dinov2.")
        Optional<String> preset,
    @Doc(
            "Or the architecture as a file: an open_clip model config, a Hugging Face config.json, or of timm's alone timm's config.json.")
        Optional<Path> config,
    @Doc(
            "The layer whose tokens are read: a number of blocks, or a negative one as transformers counts hidden layers: -1 is the state after the last block, -2 (BLIP-2's and LLaVA's) the one before it. Blocks above it are not computed. Of a BLIP-2 folder, which leaves out EVA's last block, -2 is still that state.")
        @OrElse("-2")
        int layer,
    @Doc(
            "Whether the class token and registers are read, too; by default as the kind of model has it: with a Q-Former all tokens, in LLaVA's manner the patches alone.")
        Optional<Boolean> classToken,
    @Doc("Whether the tower stays as it is.") @OrElse("true") boolean frozen,
    @Doc(
            "The number format that it computes in; without it the recipe's own. fp16 is how LAVIS keeps its towers.")
        Optional<FeatureType> precision,
    @Doc("Where its features are kept; without it they are computed anew each time.")
        Optional<FeatureCacheSettings> cache) {
  /// @throws IllegalArgumentException when the architecture is named twice
  public TowerSettings {
    if (preset.isPresent() && config.isPresent()) {
      throw new IllegalArgumentException("preset: give either preset or config, not both");
    }
  }
}
