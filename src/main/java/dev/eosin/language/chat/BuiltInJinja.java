package dev.eosin.language.chat;

/// The built-in templates in Jinja, for programs that read `chat_template`. They take messages as
/// texts and as lists of parts; a part that is an image becomes `<image>` on a line of its own.
///
/// Begin of text is written, since a tokenizer that is told to leave a rendered conversation alone
/// does not add it.
final class BuiltInJinja {
  private static final String WORDS =
      """
      {%- macro words(content) -%}
      {%- if content is string -%}{{- content -}}
      {%- else -%}
      {%- for part in content -%}
      {%- if part['type'] == 'image' -%}{{- '<image>\\n' -}}{%- else -%}{{- part['text'] -}}{%- endif -%}
      {%- endfor -%}
      {%- endif -%}
      {%- endmacro -%}
      """;

  private static final String BEGIN = "{%- if bos_token -%}{{- bos_token -}}{%- endif -%}\n";

  private static final String REST =
      """
      {%- if messages[0]['role'] == 'system' -%}
      {%- set said = words(messages[0]['content']) -%}
      {%- set rest = messages[1:] -%}
      {%- else -%}
      {%- set said = SYSTEM -%}
      {%- set rest = messages -%}
      {%- endif -%}
      """;

  private static final String V1 =
      """
      {{- said + ' ' -}}
      {%- for message in rest -%}
      {%- if message['role'] == 'assistant' -%}
      {{- 'ASSISTANT: ' + words(message['content']) + END -}}
      {%- else -%}
      {{- 'USER: ' + words(message['content']) + ' ' -}}
      {%- endif -%}
      {%- endfor -%}
      {%- if add_generation_prompt -%}{{- 'ASSISTANT:' -}}{%- endif -%}
      """;

  private static final String PLAIN =
      """
      {%- for message in messages -%}
      {%- if message['role'] == 'assistant' -%}{{- words(message['content']) + '\\n' -}}
      {%- else -%}{{- '<image>' -}}
      {%- endif -%}
      {%- endfor -%}
      """;

  private static final String LLAMA_3 =
      """
      {%- for message in messages -%}
      {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' -}}
      {{- words(message['content']) | trim -}}{{- '<|eot_id|>' -}}
      {%- endfor -%}
      {%- if add_generation_prompt -%}
      {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' -}}
      {%- endif -%}
      """;

  private static final String CHATML =
      """
      {{- '<|im_start|>system\\n' + said + '<|im_end|>\\n' -}}
      {%- for message in rest -%}
      {{- '<|im_start|>' + message['role'] + '\\n' + words(message['content']) + '<|im_end|>\\n' -}}
      {%- endfor -%}
      {%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}
      """;

  private BuiltInJinja() {}

  static String of(BuiltInTemplate template) {
    return switch (template.style()) {
      case V1 ->
          WORDS
              + BEGIN
              + rest(BuiltInTemplate.V1_SYSTEM)
              + V1.replace("END", quoted(template.end()));
      case PLAIN -> WORDS + BEGIN + PLAIN;
      case LLAMA_3 -> WORDS + BEGIN + LLAMA_3;
      case CHATML -> WORDS + rest(BuiltInTemplate.QWEN_SYSTEM) + CHATML;
    };
  }

  private static String rest(String system) {
    return REST.replace("SYSTEM", quoted(system));
  }

  /// A text as Jinja writes it.
  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'";
  }
}
