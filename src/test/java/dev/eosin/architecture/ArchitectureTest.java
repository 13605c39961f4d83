package dev.eosin.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/// The rings, and who may use which library.
class ArchitectureTest {
  private static final String ROOT = "dev.eosin.";

  /// The class that runs DJL's kernels with autograd has to live in DJL's own package.
  private static final String ENGINE_BRIDGE = "ai.djl.pytorch.jni";

  private static final JavaClasses EOSIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_JARS)
          .importPackages("dev.eosin", ENGINE_BRIDGE);

  @Test
  void everyPackageIsInTheMapAndImportsLowerRingsOnly() {
    check(classes().that(resideInAnyPackage("dev.eosin..")).should(importLowerRingsOnly()));
  }

  @Test
  void packagesAndTheirSubPackagesHaveNoCycles() {
    check(slices().matching("dev.eosin.(*)..").should().beFreeOfCycles());
    check(slices().matching("dev.eosin.(**)").should().beFreeOfCycles());
  }

  @Test
  void packagesSayWhatTheyAreFor() {
    check(
        noClasses()
            .should()
            .resideInAnyPackage("..util..", "..utils..", "..common..", "..impl..", "..helper.."));
  }

  @Test
  void onlyTensorKnowsTheEngine() {
    check(
        onlyIn(new String[] {"tensor"}, "ai.djl.pytorch..", "ai.djl.engine..", "ai.djl.ndarray.."));
    check(onlyIn(new String[] {"tensor", "text"}, "ai.djl.."));
    check(
        noClasses()
            .that()
            .resideInAPackage(ROOT + "text..")
            .should()
            .dependOnClassesThat(
                describe(
                    "are DJL's, but not of its Hugging Face tokenizers",
                    (JavaClass used) ->
                        (used.getPackageName() + ".").startsWith("ai.djl.")
                            && !used.getPackageName().startsWith("ai.djl.huggingface"))));
  }

  @Test
  void theCommandLineNamesNoFamily() {
    String[] families = {
      ROOT + "albef..", ROOT + "clip..", ROOT + "language..", ROOT + "qformer..", ROOT + "vllm.."
    };
    check(
        noClasses()
            .that()
            .resideInAPackage(ROOT + "cli..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(families)
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName(ROOT + "recipe.ClipRecipe"));
  }

  @Test
  void nativeMemoryStaysWhereItIsNeeded() {
    check(onlyIn(new String[] {"tensor", "group", "image", "checkpoint"}, "java.lang.foreign.."));
  }

  @Test
  void librariesOfOneConcernStayInOnePackage() {
    check(onlyIn(new String[] {"train"}, "org.tensorflow.."));
    check(onlyIn(new String[] {"train", "onnx"}, "com.google.protobuf.."));
    check(onlyIn(new String[] {"onnx"}, "ai.onnx.proto..", "org.tribuo.."));
    check(onlyIn(new String[] {"onnx.runtime"}, "ai.onnxruntime.."));
    check(onlyIn(new String[] {"cli"}, "picocli.."));
    check(onlyIn(new String[] {"data"}, "org.apache.parquet.."));
    check(onlyIn(new String[] {"data", "image"}, "io.airlift.."));
    check(onlyIn(new String[] {"image"}, "com.twelvemonkeys..", "com.luciad..", "org.tukaani.."));
    check(onlyIn(new String[] {"config"}, "org.yaml.."));
    check(onlyIn(new String[] {"language"}, "com.hubspot.."));
    check(onlyIn(new String[] {"index"}, "org.apache.lucene.."));
    check(onlyIn(new String[] {"text"}, "opennlp.."));
    check(onlyIn(new String[] {"serve"}, "com.sun.net.httpserver.."));
    check(onlyIn(new String[] {"eval", "slide"}, "io.jhdf.."));
    check(onlyIn(new String[] {}, "org.apache.spark.."));
  }

  @Test
  void onlyTheCommandLineWritesToTheConsoleOrEndsTheProcess() {
    ArchRule rule =
        noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + "cli..")
            .should(GeneralCodingRules.ACCESS_STANDARD_STREAMS)
            .orShould()
            .callMethod(System.class, "exit", int.class);
    check(rule);
  }

  @Test
  void randomnessComesFromRandomKeysAlone() {
    check(
        noClasses()
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(Random.class, SplittableRandom.class, ThreadLocalRandom.class)
            .orShould()
            .callMethod(Math.class, "random"));
  }

  @Test
  void nothingStaticChanges() {
    check(
        fields()
            .that()
            .areDeclaredInClassesThat()
            .resideInAPackage("dev.eosin..")
            .and()
            .areStatic()
            .and()
            .doNotHaveModifier(JavaModifier.SYNTHETIC)
            .should()
            .beFinal());
  }

  @Test
  void theSealedRecipeLivesInTheRecipePackage() {
    check(classes().that().haveSimpleName("Recipe").should().resideInAPackage(ROOT + "recipe"));
  }

  @Test
  void theRingsThemselvesRefuseWhatTheyShould() {
    assertThat(Rings.packages()).doesNotHaveDuplicates();
    assertThat(Rings.allows("data", "slide")).isTrue();
    assertThat(Rings.allows("slide", "data")).isFalse();
    assertThat(Rings.allows("image", "text")).isFalse();
    assertThat(Rings.allows("config", "tensor")).isFalse();
    assertThat(Rings.allows("clip", "eval")).isTrue();
    assertThat(Rings.allows("eval", "clip")).isFalse();
  }

  // A rule about a package that is still to be written has nothing to check, which is no mistake.
  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(EOSIN);
  }

  private static ArchRule onlyIn(String[] packages, String... libraries) {
    String[] allowed = new String[packages.length + 1];
    allowed[0] = ENGINE_BRIDGE;
    for (int i = 0; i < packages.length; i++) {
      allowed[i + 1] = ROOT + packages[i] + "..";
    }
    return noClasses()
        .that()
        .resideOutsideOfPackages(allowed)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(libraries);
  }

  private static ArchCondition<JavaClass> importLowerRingsOnly() {
    return new ArchCondition<>("import lower rings only") {
      @Override
      public void check(JavaClass importer, ConditionEvents events) {
        importer.getDirectDependenciesFromSelf().stream()
            .filter(used -> used.getTargetClass().getPackageName().startsWith(ROOT))
            .filter(used -> !Rings.allows(top(importer), top(used.getTargetClass())))
            .forEach(
                used -> events.add(SimpleConditionEvent.violated(used, used.getDescription())));
      }
    };
  }

  private static String top(JavaClass type) {
    String inside = type.getPackageName().substring(ROOT.length());
    return inside.contains(".") ? inside.substring(0, inside.indexOf('.')) : inside;
  }
}
