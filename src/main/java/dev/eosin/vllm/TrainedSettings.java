package dev.eosin.vllm;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;

/// `trains` of a recipe: which parts of the model learn; adapters (`lora`) come on top.
@Doc("Which parts of the model are trained, besides the adapters of lora.")
public record TrainedSettings(
    @Doc("Whether the projector is.") @OrElse("true") boolean projector,
    @Doc("Whether the whole language model is; its weights are copied then.") @OrElse("false")
        boolean decoder,
    @Doc(
            "How many of the blocks of the image tower that the model uses are, counted from the last one.")
        @OrElse("0")
        @Range(min = 0)
        int towerBlocks) {
  /// LLaVA's first stage.
  public static final TrainedSettings PROJECTOR = new TrainedSettings(true, false, 0);
}
