/// What is written of a run while it goes: rows of numbers, TensorBoard's and MLflow's, the line of
/// a terminal, the time of its steps.
///
/// Ring 3, above `train`, whose [dev.eosin.train.TrainingObserver] they are. Start reading at
/// [RunLog].
@NullMarked
package dev.eosin.train.logs;

import org.jspecify.annotations.NullMarked;
