package dev.eosin.captioning;

/// What a model is asked.
final class CaptionPrompt {
  private CaptionPrompt() {}

  /// @param text of the row; last, so that what it says stands for nothing
  static String of(CaptionSettings settings, String text) {
    CaptionTask task = settings.task();
    String asked =
        settings
            .prompt()
            .orElseGet(task::prompt)
            .replace("{count}", String.valueOf(settings.texts().max()))
            .replace("{min}", String.valueOf(settings.textWords().min()))
            .replace("{max}", String.valueOf(settings.textWords().max()))
            .replace("{text}", text);
    return asked + "\n" + form(settings);
  }

  private static String form(CaptionSettings settings) {
    String field = settings.task().field();
    return switch (settings.task().form()) {
      case TEXT ->
          settings.answers() == CaptionSettings.Answers.JSON
              ? "Answer with this JSON object and nothing else: {\"%s\": \"...\"}".formatted(field)
              : "Answer with the text and nothing else.";
      case LIST ->
          settings.answers() == CaptionSettings.Answers.JSON
              ? "Answer with this JSON object and nothing else: {\"%s\": [\"...\", \"...\"]}"
                  .formatted(field)
              : "Answer with one of them a line and nothing else.";
    };
  }

  /// After answers that were of no use. No two of a row's questions are the same: a model that
  /// draws nothing would say the same.
  ///
  /// @param times how many there were
  static String again(String prompt, int times, String detail) {
    return times == 1
        ? prompt + "\nYour last answer was of no use: " + detail + "."
        : "%s\nYour last %d answers were of no use; of the last: %s."
            .formatted(prompt, times, detail);
  }
}
