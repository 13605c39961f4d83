package dev.eosin.recipe;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.eval.activations.ActivationPass;
import dev.eosin.eval.activations.LayerChoice;
import dev.eosin.eval.activations.NumberType;
import dev.eosin.eval.tiles.TileData;
import java.nio.file.Path;
import java.util.Optional;

/// `live`: a model whose hidden states are taken while the evaluation runs.
@Doc(
    "A model whose hidden states of images are taken while the evaluation runs, at the last token of"
        + " the prompt. They stay in states.safetensors of the output folder: a call that was stopped"
        + " or killed goes on behind the rows that are there, and a second one takes them as they are.")
public record LiveStates(
    @Doc(
            "A run of kind vllm, qformer-instruct (of a decoder) or a folder of Hugging Face's (LLaVA)"
                + " that sees images.")
        Path model,
    @Doc("Adapters beside it: a folder of peft's, or a run's.") Optional<Path> adapter,
    @Doc("The labelled images.") TileData images,
    @Doc("What is asked about every image.") @OrElse("\"What's on this image?\"") String prompt,
    @Doc("In what numbers the states are kept: fp32 or fp16.") @OrElse("fp32") NumberType numbers) {
  public ActivationPass.Settings settings(LayerChoice layers) {
    return new ActivationPass.Settings(Optional.of(prompt), layers, numbers);
  }
}
