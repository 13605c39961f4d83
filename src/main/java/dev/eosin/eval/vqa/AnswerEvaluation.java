package dev.eosin.eval.vqa;

import dev.eosin.config.Doc;
import dev.eosin.train.EvaluationSettings;

/// What is measured of a model that answers, while it trains.
@Doc("What is measured of a model that answers.")
public sealed interface AnswerEvaluation extends EvaluationSettings
    permits VqaSettings, TokenLossSettings {}
