package dev.eosin.tensor;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Each kernel's own text, and by it which others it calls.
final class KernelTexts {
  private static final Pattern COMMENT = Pattern.compile("(?m)^\\s*#.*$|\\s+#.*$");
  private static final Pattern START = Pattern.compile("(?m)^  def (\\w+)\\(");
  private static final Pattern CALL = Pattern.compile("\\bself\\.(\\w+)\\(");

  private final Map<String, Kernel> kernels = new LinkedHashMap<>();

  private record Kernel(KernelPart part, String text) {}

  KernelTexts(List<KernelSource> sources) {
    sources.forEach(this::take);
  }

  private void take(KernelSource source) {
    // TorchScript's importer knows no comments.
    String text = COMMENT.matcher(source.text()).replaceAll("");
    List<MatchResult> starts = START.matcher(text).results().toList();
    for (int i = 0; i < starts.size(); i++) {
      int end = i + 1 < starts.size() ? starts.get(i + 1).start() : text.length();
      kernels.put(
          starts.get(i).group(1),
          new Kernel(source.part(), text.substring(starts.get(i).start(), end).stripTrailing()));
    }
  }

  /// By the kernel's name.
  Map<String, KernelPart> parts() {
    return kernels.entrySet().stream()
        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, each -> each.getValue().part()));
  }

  /// The kernels of a part, and those of the other that they call, in the order of the sources.
  List<String> of(KernelPart part) {
    Set<String> wanted = new HashSet<>();
    var waiting = new ArrayDeque<String>();
    kernels.forEach(
        (name, kernel) -> {
          if (kernel.part() == part) {
            waiting.add(name);
          }
        });
    while (!waiting.isEmpty()) {
      String name = waiting.pop();
      Kernel kernel = kernels.get(name);
      // A method of libtorch's own is none of ours.
      if (kernel != null && wanted.add(name)) {
        CALL.matcher(kernel.text()).results().forEach(call -> waiting.add(call.group(1)));
      }
    }
    return kernels.entrySet().stream()
        .filter(each -> wanted.contains(each.getKey()))
        .map(each -> each.getValue().text())
        .toList();
  }
}
