package dev.eosin.vllm;

import dev.eosin.config.Bare;
import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.train.WeightsPart;
import java.nio.file.Path;

/// `initialise-from` of a recipe of a later stage.
@Doc(
    "An earlier stage, whose projector and adapters (and whatever else of the model it trained) this run starts from at step 0, with an optimiser of its own; no resume. Tower, projector and language model must be that run's.")
public record FirstStageSettings(
    @Doc(
            "The run folder; its newest sound checkpoint is taken. Or what another program left: xtuner's or PA-LLaVA's .pth file, their folder of DeepSpeed's, a folder with projector/ and llm_adapter/, or LLaVA's mm_projector.bin; the recipe says the rest then.")
        @Bare
        Path run,
    @Doc("The weights, or the moving average that ema kept of them.") @OrElse("weights")
        WeightsPart part) {}
