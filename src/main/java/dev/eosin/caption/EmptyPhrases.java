package dev.eosin.caption;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What language models say in place of an answer, or around one. English alone; the phrases are
/// Eosin's own.
public final class EmptyPhrases {
  private static final int FLAGS = Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE;

  private static final Pattern REFUSAL =
      Pattern.compile(
          "\\b(i['’]?m|i am)( very| so| truly)? sorry\\b"
              + "|^\\W*(sorry|apologies)\\b"
              + "|\\bi (can['’]?t|cannot|can not|am (unable|not able)|'m (unable|not able)|do not have the ability)"
              + "|\\bi['’]m (unable|not able)\\b"
              + "|\\bas an? (ai|artificial|language|large language|text-based|vision)\\b"
              + "|\\bi (don['’]?t|do not) have (access|the ability|enough)\\b"
              + "|\\b(unable|not able|not possible) to (view|see|access|process|analy[sz]e|describe|interpret) (the|this|that|any|your) (image|picture|tile|slide)\\b"
              + "|\\bno (image|picture|report|text|caption) (was|is|has been|were)?\\s*(provided|attached|given|supplied|uploaded|visible)\\b"
              + "|\\b(please|could you) (provide|upload|attach|share|send)\\b",
          FLAGS);

  private static final Pattern OPENING =
      Pattern.compile(
          "^(certainly|sure|of course|here is|here['’]s)\\b[^.:!]{0,80}[.:!]\\s*"
              + "|^(in )?(this|the|these)( provided| given| displayed| presented)?( \\S+){0,4}?"
              + " (image|picture|photomicrograph|micrograph|tile|patch|slide|section|figure)s?( of( the| an?)? \\S+)?,?"
              + "( (shows?|depicts?|displays?|presents?|reveals?|demonstrates?|illustrates?|exhibits?|contains?|features?)( the presence of)?"
              + "| (is|appears to be)( an? \\S+( \\S+){0,4}? (of|showing))?| (you|we) (can )?see| we observe)\\s+",
          FLAGS);

  private static final Pattern ADVICE =
      Pattern.compile(
          "\\b(consult|seek|refer) (a|an|with|the|your|to)\\b.*\\b(pathologist|physician|doctor|professional|specialist)"
              + "|\\b(further|additional|more)( \\S+){0,3} (is|are|may be|would be|will be|might be) (needed|required|necessary|recommended|warranted|helpful)"
              + "|\\bit (is|['’]s) (important|worth|essential|crucial)( to| noting)\\b"
              + "|\\bplease (note|consult|be aware|keep in mind)\\b"
              + "|\\b(i hope|let me know|feel free|hope this helps)\\b"
              + "|\\bnot? (be )?(a |an )?(substitute|replacement) for\\b"
              + "|\\b(for|from) (educational|informational|research) purposes\\b"
              + "|\\bwithout (more|further|additional)( \\S+){0,2} (context|information|details)\\b",
          FLAGS);

  /// A hint that an enhanced caption must not speak of.
  private static final Pattern HINT =
      Pattern.compile(
          "\\b(the|this|that|your) (given |provided |original |supplied |accompanying )?(description|caption|hint|text|prompt|information)\\b"
              + "|\\bas (was |is )?(mentioned|stated|described|provided|told|given|suggested)\\b"
              + "|\\baccording to\\b",
          FLAGS);

  private static final Pattern SENTENCE = Pattern.compile("(?<=[.!?])\\s+(?=[A-Z])");

  private EmptyPhrases() {}

  /// A text without what says nothing.
  ///
  /// @param text what is left
  /// @param found what was taken out, in its order
  public record Stripped(String text, List<String> found) {}

  /// The words by which a text refuses; empty for an answer.
  public static Optional<String> refusal(String text) {
    return found(REFUSAL, text);
  }

  /// The words by which a text speaks of what its writer was told; empty where it does not.
  public static Optional<String> hint(String text) {
    return found(HINT, text);
  }

  private static Optional<String> found(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? Optional.of(matcher.group().strip()) : Optional.empty();
  }

  /// Takes out beginnings and sentences that say nothing.
  public static Stripped strip(String text) {
    List<String> found = new ArrayList<>();
    String left = text.strip();
    for (Matcher opening = OPENING.matcher(left); opening.find(); opening = OPENING.matcher(left)) {
      found.add(opening.group().strip());
      left = capitalised(left.substring(opening.end()));
    }
    List<String> sentences = new ArrayList<>();
    for (String sentence : SENTENCE.split(left)) {
      (ADVICE.matcher(sentence).find() ? found : sentences).add(sentence);
    }
    return new Stripped(String.join(" ", sentences).strip(), List.copyOf(found));
  }

  private static String capitalised(String text) {
    return text.isEmpty()
        ? text
        : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }
}
