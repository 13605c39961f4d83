package dev.eosin.language.chat;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.filter.Filter;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import dev.eosin.config.DataException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The Jinja library with what transformers gives to chat templates.
final class JinjaEngine {
  private static final int MOST_CHARACTERS = 16 << 20;

  private final String name;
  private final String source;
  private final Jinjava jinjava;

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

  /// @throws DataException when the library reports anything: it gives part of the text then
  String render(Map<String, ?> values) throws DataException {
    RenderResult result = jinjava.renderForResult(source, values);
    if (!result.getErrors().isEmpty()) {
      TemplateError first = result.getErrors().getFirst();
      throw new DataException(
          "%s: the chat template cannot be rendered: line %d: %s"
              .formatted(name, first.getLineno(), reason(first)),
          first.getException());
    }
    return result.getOutput();
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
