package dev.eosin.clip;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.train.WeightsPart;
import java.nio.file.Path;
import java.util.Optional;

/// The key `weights` of a model: where training starts, or what a teacher knows.
@Doc("Where the weights of a model are.")
public sealed interface WeightsSettings {
  /// Random initial weights.
  @Named("random")
  @Doc("Random weights, a function of the recipe's seed.")
  record Random(
      @Doc(
              "The standard deviation of the image tower's first position embeddings, in place of the architecture's own; 0.3 lets a small tower learn in few steps where things are.")
          @Range(above = 0)
          Optional<Double> imagePositions)
      implements WeightsSettings {
    /// The architecture's own first values.
    public Random() {
      this(Optional.empty());
    }
  }

  /// open_clip's tensor names.
  @Named("open-clip")
  @Doc(
      "A safetensors, torch.save or TorchScript file with open_clip's tensor names, or a model folder of open_clip's; what the folder's configuration says may not contradict the recipe.")
  record OpenClip(@Doc("The file or folder.") Path path) implements WeightsSettings {}

  /// transformers' CLIPModel.
  @Named("hugging-face")
  @Doc(
      "A safetensors or torch.save file, the index of several, or a folder with one, of a Hugging Face CLIPModel; what the folder's configuration says may not contradict the recipe.")
  record HuggingFace(@Doc("The file or folder.") Path path) implements WeightsSettings {}

  /// Another run's weights.
  @Named("run")
  @Doc(
      "A run's weights, for a teacher; as model.weights the same as initialise-from, in whose place it stood in older recipes.")
  record Run(
      @Doc("The run folder; its newest sound checkpoint is taken.") Path path,
      @Doc("The weights, or the moving average that ema kept of them.") @OrElse("weights")
          WeightsPart part)
      implements WeightsSettings {}

  /// Eosin's own checkpoints.
  @Named("eosin")
  @Doc("The model.safetensors of an Eosin checkpoint.")
  record Eosin(@Doc("The file.") Path path) implements WeightsSettings {}
}
