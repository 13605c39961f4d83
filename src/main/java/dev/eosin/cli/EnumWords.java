package dev.eosin.cli;

import dev.eosin.config.Nearest;
import dev.eosin.run.BaseChoice;
import dev.eosin.run.WeightLayout;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Reads the words that options choose among. What is written is the constant's `toString`; its
/// name in Java is understood, but errors list one spelling of each.
final class EnumWords {
  private EnumWords() {}

  static CommandLine register(CommandLine command) {
    for (Class<? extends Enum<?>> type :
        List.<Class<? extends Enum<?>>>of(
            WeightLayout.class,
            WeightType.class,
            BaseChoice.class,
            PartOption.Name.class,
            BenchCommand.What.class,
            BenchCommand.Loss.class,
            BenchCommand.Tower.class,
            BenchLanguageCommand.What.class,
            BenchLanguageCommand.Type.class,
            BenchQFormerCommand.What.class,
            BenchVisionLanguageCommand.What.class)) {
      register(command, type);
    }
    return command;
  }

  private static <E> void register(CommandLine command, Class<E> type) {
    ITypeConverter<E> converter = text -> read(type, text);
    command.registerConverter(type, converter);
  }

  private static <E> E read(Class<E> type, String text) {
    List<E> constants = List.of(type.getEnumConstants());
    String words = constants.stream().map(Object::toString).collect(Collectors.joining(", "));
    return constants.stream()
        .filter(constant -> spellings(constant).anyMatch(text::equalsIgnoreCase))
        .findFirst()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "'%s' is not one of %s%s"
                        .formatted(
                            text,
                            words,
                            Nearest.near(text, Arrays.asList(words.split(", "))).stream()
                                .findFirst()
                                .map(near -> "; did you mean '" + near + "'?")
                                .orElse(""))));
  }

  private static Stream<String> spellings(Object constant) {
    String name = constant instanceof Enum<?> one ? one.name() : constant.toString();
    return Stream.of(constant.toString(), name, name.replace('_', '-'));
  }
}
