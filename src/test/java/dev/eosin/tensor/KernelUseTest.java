package dev.eosin.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the Java sources name is there, fits, and is all there is.
class KernelUseTest {
  private static final Pattern NODE =
      Pattern.compile("new Kernel\\(\\s*\"(\\w+)\"(?:,\\s*\\d+,\\s*Kernel\\.Gradient\\.(\\w+))?");
  private static final Pattern CALL =
      Pattern.compile("\\bkernels(?:\\(\\))?\\s*\\.(one|list|run)\\(\\s*(?:\"(\\w+)\"(?=[,)]))?");
  private static final Pattern INNER =
      Pattern.compile("\\b(?:execute\\(\\s*|listAs\\([^,]*,\\s*)\"(\\w+)\"");
  private static final Pattern NAMED = Pattern.compile("\\b(\\w+)\\s*=\\s*[^;=]*\\.kernels\\(\\);");
  private static final Pattern DEFINED = Pattern.compile("(?m)^  def (\\w+)\\(");
  private static final Pattern SELF = Pattern.compile("self\\.(\\w+)\\(");

  /// Of CLIP's outputs, what recorded numbers are compared with and no command needs.
  private static final Set<String> FOR_TESTS = Set.of("logits");

  private static Map<Path, String> sources(String folder) throws IOException {
    var texts = new HashMap<Path, String>();
    try (Stream<Path> files = Files.walk(Path.of(folder))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
        texts.put(file, Files.readString(file));
      }
    }
    return texts;
  }

  private static Stream<MatchResult> matches(Pattern pattern, Map<Path, String> sources) {
    return sources.values().stream().flatMap(text -> pattern.matcher(text).results());
  }

  /// The number of arguments of the call whose bracket opened before `start`.
  private static int arguments(String text, int start) {
    int depth = 0;
    int count = 1;
    for (int i = start; depth >= 0; i++) {
      switch (text.charAt(i)) {
        case '(', '[', '{' -> depth++;
        case ')', ']', '}' -> depth--;
        case ',' -> count += depth == 0 ? 1 : 0;
        default -> {}
      }
    }
    return count;
  }

  @ParameterizedTest
  @ValueSource(strings = {"libtorch", "onednn", "onednn,libtorch,onednn"})
  void nodesFitTheirKernels(MatrixProducts products) throws IOException {
    KernelSignatures signatures = KernelSignatures.parse(KernelSource.all(products));
    List<MatchResult> nodes = matches(NODE, sources("src/main/java")).toList();
    assertThat(nodes).isNotEmpty();
    for (MatchResult node : nodes) {
      KernelSignature signature = signatures.of(node.group(1));
      assertThat(signature.toString())
          .matches("\\w+\\(\\w+: List\\[Tensor], \\w+: List\\[Tensor][,)].* -> List\\[Tensor]");
      if ("OWN".equals(node.group(2))) {
        signatures.requireBackward(node.group(1));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"libtorch", "onednn", "onednn,libtorch,onednn"})
  void callsFitTheirKernels(MatrixProducts products) throws IOException {
    KernelSignatures signatures = KernelSignatures.parse(KernelSource.all(products));
    Map<String, String> results = Map.of("one", "Tensor", "list", "List[Tensor]", "run", "None");
    int calls = 0;
    for (Map.Entry<Path, String> source : sources("src/main/java").entrySet()) {
      for (MatchResult call : CALL.matcher(source.getValue()).results().toList()) {
        if (call.group(2) != null) {
          KernelSignature signature = signatures.of(call.group(2));
          String place = source.getKey() + " calls " + signature;
          assertThat(signature.result()).as(place).hasToString(results.get(call.group(1)));
          assertThat(arguments(source.getValue(), call.end()) - 1)
              .as(place)
              .isEqualTo(signature.parameters().size());
          calls++;
        }
      }
    }
    assertThat(calls).isPositive();
  }

  @Test
  void noCallEscapesTheScan() throws IOException {
    Map<Path, String> main = sources("src/main/java");
    var unnamed = new ArrayList<String>();
    main.forEach(
        (file, text) -> {
          if (CALL.matcher(text).results().anyMatch(call -> call.group(2) == null)) {
            unnamed.add(file.getFileName().toString());
          }
        });
    assertThat(unnamed)
        .as("files that call kernels by other than a literal name")
        .containsExactlyInAnyOrder("Forward.java", "Tape.java");
    assertThat(matches(NAMED, main).map(match -> match.group(1))).containsOnly("kernels");
  }

  @ParameterizedTest
  @ValueSource(strings = {"libtorch", "onednn", "onednn,libtorch,onednn"})
  void everyKernelIsUsed(MatrixProducts products) throws IOException {
    Map<String, List<String>> calls = calls(products);
    Set<String> unused = new HashSet<>(calls.keySet());
    unused.removeAll(reached(calls, named(sources("src/main/java"))));
    assertThat(unused).isEqualTo(FOR_TESTS);
    assertThat(named(sources("src/test/java"))).containsAll(FOR_TESTS);
  }

  /// Libtorch's own derivative needs another kernel's graph.
  @Test
  void everyKernelHasAnExampleThatIsTriedForGpus() throws IOException {
    String examples = Files.readString(Path.of("scripts/cuda_kernel_examples.py"));
    for (String kernel : named(sources("src/main/java"))) {
      String forward = kernel.replaceFirst("_backward$", "");
      String example =
          kernel.equals(forward) ? "\"" + kernel + "\"" : "\"own\", \"" + forward + "\"";
      assertThat(kernel.equals("grad") || examples.contains(example)).as(kernel).isTrue();
    }
  }

  @Test
  void bothSourcesOfEachKindOfProductDeclareTheSame() throws IOException {
    List<KernelSource> here = products(MatrixProducts.LIBTORCH);
    List<KernelSource> there = products(MatrixProducts.ONEDNN);
    for (int i = 0; i < 3; i++) {
      List<KernelSignature> declared = KernelHeaders.read(here.get(i));
      assertThat(declared).isNotEmpty();
      assertThat(KernelHeaders.read(there.get(i))).containsAll(declared);
    }
  }

  private static List<KernelSource> products(MatrixProducts products) throws IOException {
    List<KernelSource> found =
        KernelSource.all(products).stream()
            .filter(source -> source.file().startsWith("products_"))
            .toList();
    assertThat(found).hasSize(3);
    return found;
  }

  private static Set<String> named(Map<Path, String> sources) {
    var names = new HashSet<String>();
    matches(NODE, sources)
        .forEach(
            node -> {
              names.add(node.group(1));
              if ("OWN".equals(node.group(2))) {
                names.add(node.group(1) + "_backward");
              }
            });
    matches(CALL, sources)
        .filter(call -> call.group(2) != null)
        .forEach(c -> names.add(c.group(2)));
    matches(INNER, sources).forEach(call -> names.add(call.group(1)));
    return names;
  }

  /// Which kernels each kernel calls.
  private static Map<String, List<String>> calls(MatrixProducts products) throws IOException {
    var calls = new HashMap<String, List<String>>();
    for (KernelSource source : KernelSource.all(products)) {
      String text = source.text().replaceAll("#.*", "");
      List<MatchResult> definitions = DEFINED.matcher(text).results().toList();
      for (int i = 0; i < definitions.size(); i++) {
        int end = i + 1 < definitions.size() ? definitions.get(i + 1).start() : text.length();
        String body = text.substring(definitions.get(i).end(), end);
        calls.put(
            definitions.get(i).group(1),
            SELF.matcher(body).results().map(call -> call.group(1)).toList());
      }
    }
    return calls;
  }

  private static Set<String> reached(Map<String, List<String>> calls, Set<String> roots) {
    var reached = new HashSet<String>();
    var waiting = new ArrayDeque<>(roots);
    while (!waiting.isEmpty()) {
      String kernel = waiting.pop();
      if (reached.add(kernel)) {
        waiting.addAll(calls.getOrDefault(kernel, List.of()));
      }
    }
    return reached;
  }
}
