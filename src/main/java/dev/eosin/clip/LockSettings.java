package dev.eosin.clip;

import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.spec.Logits;
import dev.eosin.config.Checked;
import dev.eosin.config.Doc;
import dev.eosin.config.Range;
import dev.eosin.model.PartGroups;
import dev.eosin.nn.Weight;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The key `lock` of a CLIP recipe: towers whose lower part stays as it begins. A locked weight has
/// no gradient, no optimiser state and no decay; activations below the lowest unlocked group are
/// not kept.
@Doc(
    "Towers that stay as they begin, but for their top groups (LiT locks the whole image tower). The groups of CLIP's own towers are embeddings, each block, the last block with the norm above it, and projection; of a timm tower embeddings, each block and final norm, of a BERT tower embeddings and each layer: their projection is always trained.")
public record LockSettings(
    @Doc("Locks the image tower; without it, the whole tower is trained.")
        Optional<TowerLock> imageTower,
    @Doc("Locks the text tower; without it, the whole tower is trained.")
        Optional<TowerLock> textTower) {
  /// One locked tower.
  ///
  /// @param unlockedGroups counted from the top, see [PartGroups]
  public record TowerLock(
      @Doc("Groups that are trained all the same, counted from the top.") @Range(min = 0)
          int unlockedGroups) {}

  /// The names of the locked weights.
  public Set<String> locked(ClipSpec spec) {
    Set<String> locked = new HashSet<>();
    imageTower.ifPresent(
        lock ->
            locked.addAll(PartGroups.below(Clip.image(spec).lockGroups(), lock.unlockedGroups)));
    textTower.ifPresent(
        lock -> locked.addAll(PartGroups.below(Clip.text(spec).lockGroups(), lock.unlockedGroups)));
    return Set.copyOf(locked);
  }

  /// Compares the lock with the architecture: it must hold something, and leave something.
  public void check(ClipSpec spec, Checked.Findings findings) {
    imageTower.ifPresent(
        lock -> check("image-tower", lock, Clip.image(spec).lockGroups().size(), findings));
    textTower.ifPresent(
        lock -> check("text-tower", lock, Clip.text(spec).lockGroups().size(), findings));
    Set<String> locked = locked(spec);
    Set<String> logits =
        new Logits(spec.logitBias())
            .weights().stream().map(Weight::name).collect(Collectors.toSet());
    if (Clip.weights(spec).stream()
        .map(Weight::name)
        .allMatch(name -> locked.contains(name) || logits.contains(name))) {
      findings.add(
          "", "nothing but the logit scale would be trained; unlock a group of one of the towers");
    }
  }

  private static void check(String tower, TowerLock lock, int groups, Checked.Findings findings) {
    if (lock.unlockedGroups >= groups) {
      findings.add(
          tower + ".unlocked-groups",
          "the tower has %d groups, so %d unlocked ones lock nothing; leave lock.%s out to train all"
              .formatted(groups, lock.unlockedGroups, tower));
    }
  }
}
