package dev.eosin.recipe;

import dev.eosin.config.Checked;
import dev.eosin.config.Doc;
import dev.eosin.config.InsteadOf;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.config.Share;
import dev.eosin.eval.activations.LayerChoice;
import dev.eosin.eval.probes.LayerProbe;
import dev.eosin.eval.probes.LayerProtocol;
import dev.eosin.train.machine.ComputeSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// `kind: activation-probe`: what each layer of a model knows of classes.
@Named("activation-probe")
@Doc(
    "A linear probe on each layer's hidden states, stored or live from a model, as Multimodal-Probes"
        + " has it, run by `eosin evaluate`: logistic regression, its strength chosen on validation"
        + " rows, judged on test rows with intervals over groups. Writes evaluation.json.")
public record ActivationProbeRecipe(
    @Doc("Root of all randomness: the same seed gives the same sides and intervals.") @OrElse("42")
        long seed,
    @Doc(
            "The hidden states: a .safetensors, .parquet or .npz file of `eosin embed`, or a folder of"
                + " Multimodal-Probes' (NAME.0.pt, NAME.1.pt, ..., by number).")
        @InsteadOf("live")
        Optional<Path> states,
    @Doc("Or the model that tells them now.") Optional<LiveStates> live,
    @Doc("The device and its threads, for a live model.") @OrElse("{}") ComputeSettings compute,
    @Doc(
            "The rows' table, where the states do not say what they are: a CSV or TSV in their"
                + " order, such as filepaths,cat,is_test. Its images need not be there.")
        Optional<Path> table,
    @Doc("The layers: all, or numbers and ranges such as 1,8-16,-1.") @OrElse("all") String layers,
    @Doc(
            "Instead of strengths, standardise and validation: what a publication does. docs/formats.md"
                + " has each value's source.")
        Optional<LayerProtocol> protocol,
    @Doc("Inverse strengths of the regularisation; the first of the best on validation is taken.")
        @OrElse("[0.01, 0.1, 1, 10, 100]")
        List<Double> strengths,
    @Doc(
            "Whether each number is brought to mean 0 and deviation 1 of the rows that are learnt"
                + " from; hidden states have a few that are far larger than the rest.")
        @OrElse("true")
        boolean standardise,
    @Doc(
            "Part of the groups (of the rows where there are none) that is held out to choose the"
                + " strength, where the column split names none.")
        @OrElse("20 %")
        Share validation,
    @Doc("Part that is held out to judge by, where the column split names none.") @OrElse("20 %")
        Share test,
    @Doc("Resamples of groups for the 95 % intervals; 0 for none.")
        @OrElse("1_000")
        @Range(min = 0, max = 1e6)
        int bootstrap,
    @Doc("Where the results go.") OutputFolder output)
    implements Evaluation, Checked {
  /// What the evaluation is called in its results.
  public static final String NAME = "activation-probe";

  /// @throws IllegalArgumentException for layers or strengths that are none, and shares that leave
  ///   a side empty
  public ActivationProbeRecipe {
    choice(layers);
    strengths = strengths.stream().sorted().toList();
    if (strengths.isEmpty() || strengths.getFirst() <= 0) {
      throw new IllegalArgumentException(
          "strengths: %s; numbers above 0 are expected".formatted(strengths));
    }
    requirePart("validation", validation);
    requirePart("test", test);
  }

  private static LayerChoice choice(String layers) {
    return new LayerChoice(layers);
  }

  private static void requirePart(String key, Share share) {
    if (share.value() <= 0 || share.value() >= 1) {
      throw new IllegalArgumentException(
          "%s: %s leaves one side empty; write e.g. '20 %%'".formatted(key, share));
    }
  }

  public LayerChoice choice() {
    return choice(layers);
  }

  public LayerProbe.Settings settings() {
    return protocol
        .map(known -> known.settings(bootstrap))
        .orElseGet(
            () ->
                new LayerProbe.Settings(
                    new LayerProbe.Strengths(strengths), standardise, bootstrap));
  }

  /// 0 where a protocol chooses nothing.
  public double validationShare() {
    return protocol.isPresent() ? 0 : validation.value();
  }

  @Override
  public void check(Findings findings) {
    if (live.isPresent() && table.isPresent()) {
      findings.add("table", "a live model is shown the images of live.images; leave it out");
    }
  }

  /// Images are looked at long; of stored states all ends at once.
  @Override
  public boolean asks() {
    return live.isPresent();
  }

  @Override
  public ComputeSettings ofRanks() {
    return compute;
  }
}
