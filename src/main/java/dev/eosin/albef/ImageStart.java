package dev.eosin.albef;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import java.nio.file.Path;
import java.util.Optional;

/// `image`: where the image tower begins.
@Doc("The image tower and its first weights: CLIP's own vision transformer, all of it trained.")
public record ImageStart(
    @Doc(
            "Where its weights are: a run of kind clip, one of its checkpoints or its final/, or a file or folder of a CLIP model as open_clip, Hugging Face or Eosin writes it.")
        Path from,
    @Doc("The architecture by name, where the weights' folder does not say it.")
        Optional<String> preset,
    @Doc("Or the architecture as a file: an open_clip model config or a Hugging Face config.json.")
        Optional<Path> config,
    @Doc("What the tower's last norm, which every token goes through, begins with.")
        @OrElse("tower")
        LastNorm lastNorm) {
  /// What the last norm begins with.
  @Doc("What a norm begins with.")
  public enum LastNorm {
    /// The tower's own.
    TOWER,
    /// One and zero, as in PA-LLaVA, whose code misses the tower's by a slip of its name.
    FRESH
  }
}
