package dev.eosin.eval.training;

import dev.eosin.config.Doc;
import dev.eosin.train.EvaluationSettings;

/// An evaluation of a model with one embedding space for images and texts.
@Doc("What is measured while training, and how often.")
public sealed interface EmbeddingEvaluation extends EvaluationSettings
    permits ZeroShotSettings, ValidationSettings, TileTasksSettings {}
