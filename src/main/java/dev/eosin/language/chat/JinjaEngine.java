package dev.eosin.language.chat;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.Context;
import com.hubspot.jinjava.interpret.InterpretException;
import com.hubspot.jinjava.interpret.InvalidArgumentException;
import com.hubspot.jinjava.interpret.InvalidInputException;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.filter.Filter;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import com.hubspot.jinjava.tree.Node;
import dev.eosin.config.DataException;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// The Jinja library with what transformers gives to chat templates.
final class JinjaEngine {
  private static final int MOST_CHARACTERS = 16 << 20;

  private final String name;
  private final String source;
  private final Jinjava jinjava;
  private final Queue<Renderer> free = new ConcurrentLinkedQueue<>();

  /// What `raise_exception` throws.
  public static final class RefusalException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RefusalException(String message) {
      super(message);
    }
  }

  /// Jinja's `trim` strips as Python does.
  private static final class Trim implements Filter {
    @Override
    public String getName() {
      return "trim";
    }

    @Override
    public @Nullable Object filter(
        @Nullable Object value, JinjavaInterpreter interpreter, String... arguments) {
      return value == null ? null : PythonText.strip(value.toString());
    }
  }

  /// @param name for messages
  /// @throws DataException naming what is in the template that would not do the same here
  JinjaEngine(String name, String source) throws DataException {
    this.name = name;
    this.source = JinjaSource.ported(name, source);
    jinjava =
        new Jinjava(
            JinjavaConfig.newBuilder()
                .withMaxOutputSize(MOST_CHARACTERS)
                .withLegacyOverrides(
                    LegacyOverrides.newBuilder()
                        .withEvaluateMapKeys(true)
                        .withIterateOverMapKeys(true)
                        .withUsePyishObjectMapper(true)
                        .withUseNaturalOperatorPrecedence(true)
                        .build())
                .build());
    jinjava.getGlobalContext().registerFilter(new Trim());
    jinjava
        .getGlobalContext()
        .registerFunction(
            new ELFunctionDefinition(
                "", "raise_exception", JinjaEngine.class, "refuse", String.class));
  }

  /// The template's own refusal; the library finds it by this name.
  public static String refuse(String message) {
    throw new RefusalException(message);
  }

  /// What one thread at a time renders with: making it, with every filter and test of the library,
  /// takes a hundred times as long as rendering.
  ///
  /// @param context the library's; the values of a rendering lie in one above it
  /// @param template without errors
  private record Renderer(Context context, Node template) {}

  /// @throws DataException when the library reports anything: it gives part of the text then
  String render(Map<String, ?> values) throws DataException {
    Renderer known = free.poll();
    Context context = known == null ? jinjava.getGlobalContextCopy() : known.context();
    var interpreter =
        new JinjavaInterpreter(jinjava, new Context(context, values), jinjava.getGlobalConfig());
    try (var _ = JinjavaInterpreter.closeablePushCurrent(interpreter).get()) {
      Node template = known == null ? interpreter.parse(source) : known.template();
      requireNone(interpreter);
      String text = interpreter.render(template);
      requireNone(interpreter);
      context.reset();
      free.add(new Renderer(context, template));
      return text;
    } catch (InterpretException | InvalidArgumentException | InvalidInputException e) {
      throw failure(TemplateError.fromException(e));
    }
  }

  private void requireNone(JinjavaInterpreter interpreter) throws DataException {
    List<TemplateError> errors = interpreter.getErrorsCopy();
    if (!errors.isEmpty()) {
      throw failure(errors.getFirst());
    }
  }

  private DataException failure(TemplateError first) {
    return new DataException(
        "%s: the chat template cannot be rendered: line %d: %s"
            .formatted(name, first.getLineno(), reason(first)),
        first.getException());
  }

  private static String reason(TemplateError error) {
    for (Throwable cause = error.getException(); cause != null; cause = cause.getCause()) {
      if (cause instanceof RefusalException) {
        return "it refuses the conversation: " + cause.getMessage();
      }
    }
    return String.valueOf(error.getMessage()).lines().findFirst().orElse("no reason is given");
  }
}
