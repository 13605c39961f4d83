package dev.eosin.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/// What the style asks of the source files themselves.
class SourceStyleTest {
  private static final int LONGEST_FILE = 400;
  private static final int LONGEST_METHOD = 60;

  // Written so that this file does not find itself.
  private static final Pattern UNFINISHED =
      Pattern.compile("\\b(TO" + "DO|FIX" + "ME|@Dis" + "abled)\\b");

  private static final Path MAIN = Path.of("src/main/java");
  private static final Path TEST = Path.of("src/test/java");

  @Test
  void noFileIsLongerThan400Lines() {
    assertThat(sources(MAIN, TEST).filter(file -> lines(file).size() > LONGEST_FILE))
        .as("split these by meaning")
        .isEmpty();
  }

  @Test
  void noMethodIsLongerThan60Lines() throws IOException {
    assertThat(longMethods(sources(MAIN, TEST).toList()))
        .as("give the parts of these methods a name")
        .isEmpty();
  }

  @Test
  void nothingIsLeftUnfinishedOrSwitchedOff() {
    assertThat(
            sources(MAIN, TEST)
                .filter(file -> lines(file).stream().anyMatch(UNFINISHED.asPredicate())))
        .isEmpty();
  }

  @Test
  void everyPackageSaysWhatItIsForAndRefusesNull() {
    List<Path> packages = sources(MAIN).map(Path::getParent).distinct().toList();
    assertThat(packages)
        .isNotEmpty()
        .allSatisfy(
            folder -> {
              Path description = folder.resolve("package-info.java");
              assertThat(description).exists();
              assertThat(lines(description))
                  .anyMatch(line -> line.startsWith("///"))
                  .contains("@NullMarked");
            });
  }

  private static List<String> longMethods(List<Path> files) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<String> found = new ArrayList<>();
    try (var manager = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, manager, null, null, null, manager.getJavaFileObjectsFromPaths(files));
      SourcePositions positions = Trees.instance(task).getSourcePositions();
      for (CompilationUnitTree file : task.parse()) {
        new MethodLengths(file, positions, found).scan(file, null);
      }
    }
    return found;
  }

  /// Collects the methods that are too long; methods of nested classes count for themselves.
  private static final class MethodLengths extends TreeScanner<Void, Void> {
    private final CompilationUnitTree file;
    private final SourcePositions positions;
    private final List<String> found;
    private String type = "";

    MethodLengths(CompilationUnitTree file, SourcePositions positions, List<String> found) {
      this.file = file;
      this.positions = positions;
      this.found = found;
    }

    @Override
    public Void visitClass(ClassTree tree, Void nothing) {
      String outer = type;
      type = tree.getSimpleName().toString();
      super.visitClass(tree, nothing);
      type = outer;
      return null;
    }

    @Override
    public Void visitMethod(MethodTree method, Void nothing) {
      long lines = line(positions.getEndPosition(file, method)) - line(start(method)) + 1;
      if (lines > LONGEST_METHOD) {
        found.add("%s.%s: %d lines".formatted(type, method.getName(), lines));
      }
      return super.visitMethod(method, nothing);
    }

    // The signature, without the annotations above it.
    private long start(MethodTree method) {
      Tree first = method.getReturnType() == null ? method : method.getReturnType();
      return positions.getStartPosition(file, first);
    }

    private long line(long position) {
      return file.getLineMap().getLineNumber(position);
    }
  }

  private static Stream<Path> sources(Path... folders) {
    return Stream.of(folders).flatMap(SourceStyleTest::javaFiles).sorted();
  }

  private static Stream<Path> javaFiles(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
