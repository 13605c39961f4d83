package dev.eosin.recipe.openclip;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The flags of open_clip 3.3.0, `open_clip_train/params.py`, with their defaults.
final class OpenClipFlags {
  /// Flags that a recipe has something for; the default after the colon, if there is one.
  private static final List<String> TRANSLATED =
      List.of(
          "train-data",
          "val-data",
          "train-num-samples",
          "dataset-type:auto",
          "csv-separator:\t",
          "csv-img-key:filepath",
          "csv-caption-key:title",
          "imagenet-val",
          "logs:./logs/",
          "name",
          "batch-size:64",
          "epochs:32",
          "epochs-cooldown",
          "lr",
          "beta1",
          "beta2",
          "eps",
          "wd:0.2",
          "warmup:10000",
          "opt:adamw",
          "lr-scheduler:cosine",
          "lr-cooldown-end:0.0",
          "skip-scheduler",
          "lr-cooldown-power:1.0",
          "save-frequency:1",
          "val-frequency:1",
          "precision:amp",
          "model:RN50",
          "pretrained:",
          "image-mean",
          "image-std",
          "image-interpolation",
          "image-resize-mode",
          "aug-cfg",
          "force-context-length",
          "force-image-size",
          "force-quick-gelu",
          "force-patch-dropout",
          "accum-freq:1",
          "lock-image",
          "lock-image-unlocked-groups:0",
          "lock-text",
          "lock-text-unlocked-layers:0",
          "device:cuda",
          "workers:4",
          "delete-previous-checkpoint",
          "distill-model",
          "distill-pretrained",
          "seed:0",
          "grad-clip-norm",
          "log-every-n-steps:100",
          "grad-checkpointing",
          "siglip");

  /// Flags that change no result, or that Eosin decides by itself; the reason after the colon.
  private static final List<String> NEEDLESS =
      List.of(
          "cache-dir: weights and tokenizers are files that a recipe names",
          "log-local: a run has one log, log.jsonl in its folder",
          "use-bn-sync: no preset has batch norm",
          "save-most-recent: the newest checkpoint is always kept",
          "local-loss: the loss never holds a whole matrix of logits",
          "gather-with-grad: every feature gets its whole gradient, however many processes run",
          "torchscript: blocks are compiled already",
          "torchcompile: blocks are compiled already",
          "dist-url: processes find each other through their launcher",
          "dist-backend: chosen by what the machine has",
          "report-to: event files for TensorBoard are written always, nothing is sent to wandb",
          "wandb-notes: nothing is sent to wandb",
          "wandb-project-name: nothing is sent to wandb",
          "debug: log.jsonl has every step",
          "copy-codebase: the run folder holds the resolved recipe and the code's version",
          "horovod: processes are started by mpirun or srun",
          "ddp-static-graph: a setting of torch's DistributedDataParallel",
          "no-set-device-rank: a process takes the device that it is shown",
          "remote-sync: checkpoints stay in the run folder; copy it with a tool of your own",
          "remote-sync-frequency: see --remote-sync",
          "remote-sync-protocol: see --remote-sync",
          "zeroshot-frequency: counts only with --imagenet-val",
          "val-num-samples: a validation set is measured whole",
          "force-custom-text: renames weights, which are read under either name",
          "lock-image-freeze-bn-stats: no preset has batch norm",
          "lock-text-freeze-layer-norm: the layer norms of locked groups are locked too",
          "loss-dist-impl: a way of exchanging features that gives the same loss");

  /// Flags that change a result and that recipes have nothing for; the reason, and what to do
  /// instead, after the colon.
  private static final List<String> MISSING =
      List.of(
          "train-data-upsampling-factors: give each source a part of a data.train of type mixture; weight = factor x its shards",
          "dataset-resampled: shards are not drawn with replacement; every sample comes up once an epoch",
          "imagenet-v2: name your labelled tiles as data.validation and add { type: zero-shot, ... }",
          "momentum: belongs to timm's optimizers; recipes have adamw",
          "resume: a run goes on from its own checkpoints; name open_clip's file as model.weights.path to begin with its weights, without its optimizer state",
          "pretrained-image: ImageNet weights of timm for one tower; name a whole model's file as model.weights.path",
          "trace: a traced model is for evaluation; open_clip itself refuses to train it",
          "coca-caption-loss-weight: recipes have no CoCa, whose text decoder it trains",
          "coca-contrastive-loss-weight: recipes have no CoCa",
          "use-bnb-linear: linear layers in int8 are bitsandbytes' own; precision has fp32, bf16 and fp16");

  private OpenClipFlags() {}

  /// The flag that `given` means: itself, or the only one that begins with it, as argparse has it.
  static Optional<String> named(String given) {
    if (all().contains(given)) {
      return Optional.of(given);
    }
    List<String> longer = all().stream().filter(flag -> flag.startsWith(given)).toList();
    return longer.size() == 1 ? Optional.of(longer.getFirst()) : Optional.empty();
  }

  static Optional<String> orElse(String flag) {
    return Optional.ofNullable(defaults().get(flag));
  }

  static boolean takesSeveral(String flag) {
    return List.of("image-mean", "image-std", "aug-cfg", "force-image-size").contains(flag);
  }

  /// Why a recipe needs no counterpart of a flag; empty for the others.
  static Optional<String> needless(String flag) {
    return reason(NEEDLESS, flag);
  }

  /// Why a recipe lacks a flag that changes a result; empty for the others.
  static Optional<String> missing(String flag) {
    return reason(MISSING, flag);
  }

  private static Optional<String> reason(List<String> reasons, String flag) {
    String start = flag + ": ";
    return reasons.stream()
        .filter(each -> each.startsWith(start))
        .map(each -> each.substring(start.length()))
        .findFirst();
  }

  static String unknown(String given) {
    String nearest =
        all().stream().min(Comparator.comparingInt(flag -> distance(flag, given))).orElseThrow();
    return "--%s is no flag of open_clip 3.3.0; did you mean --%s?".formatted(given, nearest);
  }

  /// Every flag, once.
  static List<String> all() {
    return Stream.of(TRANSLATED, NEEDLESS, MISSING)
        .flatMap(Collection::stream)
        .map(flag -> flag.split(":", 2)[0])
        .toList();
  }

  private static Map<String, String> defaults() {
    Map<String, String> defaults = new TreeMap<>();
    for (String flag : TRANSLATED) {
      String[] parts = flag.split(":", 2);
      if (parts.length == 2) {
        defaults.put(parts[0], parts[1]);
      }
    }
    return defaults;
  }

  /// Letters to insert, remove or replace.
  private static int distance(String a, String b) {
    List<Integer> row = new ArrayList<>();
    for (int j = 0; j <= b.length(); j++) {
      row.add(j);
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row.set(0, i);
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row.get(j);
        row.set(j, Math.min(replaced, 1 + Math.min(diagonal, row.get(j - 1))));
      }
    }
    return row.getLast();
  }
}
