package dev.eosin.cli;

import dev.eosin.config.Nearest;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.TypeConversionException;

/// Reads the words that options choose among. What is written is the constant's `toString`, in
/// small letters where that is its name in Java; errors list one spelling of each.
final class EnumWords {
  private EnumWords() {}

  /// Lets every option and parameter of a command and its subcommands that takes an enum read it
  /// here.
  static CommandLine register(CommandLine command) {
    for (ArgSpec arg : command.getCommandSpec().args()) {
      for (Class<?> type : arg.auxiliaryTypes()) {
        if (type.isEnum()) {
          register(command, type);
        }
      }
    }
    command.getSubcommands().values().forEach(EnumWords::register);
    return command;
  }

  private static <E> void register(CommandLine command, Class<E> type) {
    ITypeConverter<E> converter = text -> read(type, text);
    command.registerConverter(type, converter);
  }

  private static <E> E read(Class<E> type, String text) {
    List<E> constants = List.of(type.getEnumConstants());
    List<String> words = constants.stream().map(EnumWords::word).toList();
    return constants.stream()
        .filter(constant -> spellings(constant).anyMatch(text::equalsIgnoreCase))
        .findFirst()
        .orElseThrow(() -> new TypeConversionException(refusal(text, words)));
  }

  private static String refusal(String text, List<String> words) {
    return "'%s' is not one of %s%s"
        .formatted(
            text,
            String.join(", ", words),
            Nearest.near(text, words).stream()
                .findFirst()
                .map(near -> "; did you mean '" + near + "'?")
                .orElse(""));
  }

  /// How a constant is written: as it says, or its name in small letters.
  private static String word(Object constant) {
    return constant.toString().equals(name(constant))
        ? name(constant).toLowerCase(Locale.ROOT).replace('_', '-')
        : constant.toString();
  }

  private static Stream<String> spellings(Object constant) {
    return Stream.of(word(constant), name(constant), name(constant).replace('_', '-'));
  }

  private static String name(Object constant) {
    return constant instanceof Enum<?> one ? one.name() : constant.toString();
  }
}
