package dev.eosin.run;

import dev.eosin.experiment.Opened;
import dev.eosin.experiment.RunSettings;
import dev.eosin.group.Group;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.train.optimisers.AdamW;
import dev.eosin.train.optimisers.AdamWSettings;
import dev.eosin.train.optimisers.Lion;
import dev.eosin.train.optimisers.LionSettings;
import dev.eosin.train.optimisers.Muon;
import dev.eosin.train.optimisers.MuonSettings;
import dev.eosin.train.optimisers.Optimiser;
import dev.eosin.train.optimisers.Sgd;
import dev.eosin.train.optimisers.SgdSettings;
import dev.eosin.train.optimisers.Shards;
import java.util.Map;

/// Makes the optimiser that a recipe asks for.
public final class Optimisers {
  private Optimisers() {}

  /// Of the weights that are trained; with a state of zero.
  static Optimiser of(RunSettings settings, Opened opened) {
    return of(settings, opened, Group.ALONE);
  }

  /// As above, of one of several ranks.
  public static Optimiser of(RunSettings settings, Opened opened, Group group) {
    ParameterSet parameters = opened.learner().parameters();
    Map<String, Double> scales = opened.rateScales();
    Shards shards =
        switch (settings.compute().sharding()) {
          case NONE -> Shards.WHOLE;
          case OPTIMIZER -> Shards.over(group, parameters.trainable(), false);
          case GRADIENTS -> Shards.over(group, parameters.trainable(), true);
        };
    return switch (settings.optimizer()) {
      case AdamWSettings adamW -> new AdamW(parameters, adamW, scales, shards);
      case LionSettings lion -> new Lion(parameters, lion, scales, shards);
      case MuonSettings muon -> new Muon(parameters, muon, scales, shards);
      case SgdSettings sgd -> new Sgd(parameters, sgd, scales, shards);
    };
  }
}
