package dev.eosin.recipe;

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
          "seed:0",
          "grad-clip-norm",
          "log-every-n-steps:100",
          "grad-checkpointing",
          "siglip");

  /// Flags that change no result, or that Eosin decides by itself.
  private static final List<String> NEEDLESS =
      List.of(
          "workers",
          "cache-dir",
          "log-local",
          "use-bn-sync",
          "save-most-recent",
          "local-loss",
          "gather-with-grad",
          "torchscript",
          "torchcompile",
          "trace",
          "dist-url",
          "dist-backend",
          "report-to",
          "wandb-notes",
          "wandb-project-name",
          "debug",
          "copy-codebase",
          "horovod",
          "ddp-static-graph",
          "no-set-device-rank",
          "remote-sync",
          "remote-sync-frequency",
          "remote-sync-protocol",
          "delete-previous-checkpoint",
          "zeroshot-frequency",
          "val-num-samples",
          "force-custom-text",
          "loss-dist-impl",
          "coca-caption-loss-weight",
          "coca-contrastive-loss-weight");

  /// Flags that change a result and that recipes have nothing for.
  private static final List<String> MISSING =
      List.of(
          "train-data-upsampling-factors",
          "dataset-resampled",
          "imagenet-v2",
          "momentum",
          "resume",
          "pretrained-image",
          "lock-image-freeze-bn-stats",
          "lock-text-freeze-layer-norm",
          "distill-model",
          "distill-pretrained",
          "use-bnb-linear");

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

  static boolean isNeedless(String flag) {
    return NEEDLESS.contains(flag);
  }

  static boolean isMissing(String flag) {
    return MISSING.contains(flag);
  }

  static String unknown(String given) {
    String nearest =
        all().stream().min(Comparator.comparingInt(flag -> distance(flag, given))).orElseThrow();
    return "--%s is no flag of open_clip 3.3.0; did you mean --%s?".formatted(given, nearest);
  }

  private static List<String> all() {
    return Stream.of(defaults().keySet(), names(), NEEDLESS, MISSING)
        .flatMap(Collection::stream)
        .distinct()
        .toList();
  }

  private static List<String> names() {
    return TRANSLATED.stream().map(flag -> flag.split(":", 2)[0]).toList();
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
