package dev.eosin.vllm;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.features.TowerSettings;
import dev.eosin.language.stored.DecoderSettings;

/// `model` of a recipe that trains a model of images and text.
@Doc("Image tower, projector and language model.")
public record VisionLanguageSettings(
    @Doc("The image tower, and what of it is read.") TowerSettings tower,
    @Doc("What carries the tower's features into the language model.") @OrElse("{ type: linear }")
        ProjectorSettings projector,
    @Doc("The language model: a folder of Hugging Face's, or a run of kind: language.")
        DecoderSettings.Folder decoder) {}
