package dev.eosin.recipe.openclip;

import dev.eosin.clip.LockSettings;
import dev.eosin.clip.spec.ClipSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The flags of open_clip that lock towers, as the key `lock`.
///
/// @param command the flags
/// @param sizes of the model, where they are known
/// @param notes where to add what changes nothing
record OpenClipLocks(OpenClipCommand command, Optional<ClipSpec> sizes, List<String> notes) {
  private enum LockedTower {
    IMAGE("image-tower"),
    TEXT("text-tower");

    private final String key;

    LockedTower(String key) {
      this.key = key;
    }

    LockSettings settings(LockSettings.TowerLock lock) {
      return switch (this) {
        case IMAGE -> new LockSettings(Optional.of(lock), Optional.empty());
        case TEXT -> new LockSettings(Optional.empty(), Optional.of(lock));
      };
    }
  }

  /// The line of the recipe, where a tower is locked.
  Optional<String> lock() {
    List<String> towers = new ArrayList<>();
    if (command.has("lock-image")) {
      lock("lock-image", "lock-image-unlocked-groups", LockedTower.IMAGE).ifPresent(towers::add);
    }
    if (command.has("lock-text")) {
      lock("lock-text", "lock-text-unlocked-layers", LockedTower.TEXT).ifPresent(towers::add);
    }
    return towers.isEmpty()
        ? Optional.empty()
        : Optional.of("lock: { %s }".formatted(String.join(", ", towers)));
  }

  /// open_clip's slice of the unlocked groups may be longer than the list: nothing is locked then.
  private Optional<String> lock(String flag, String unlockedFlag, LockedTower tower) {
    int unlocked = (int) Math.min(Integer.MAX_VALUE, command.whole(unlockedFlag));
    String key = tower.key + ".unlocked-groups";
    Map<String, String> refused = new HashMap<>();
    sizes.ifPresent(
        spec -> tower.settings(new LockSettings.TowerLock(unlocked)).check(spec, refused::put));
    if (refused.containsKey(key)) {
      notes.add(
          "--%s locks nothing with --%s %d and is left out: %s"
              .formatted(flag, unlockedFlag, unlocked, refused.get(key)));
      return Optional.empty();
    }
    return Optional.of("%s: { unlocked-groups: %d }".formatted(tower.key, unlocked));
  }
}
