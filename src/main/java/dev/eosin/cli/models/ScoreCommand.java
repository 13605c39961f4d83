package dev.eosin.cli.models;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.api.ClipOptions;
import dev.eosin.api.Match;
import dev.eosin.api.PathologyClip;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.cli.terminal.PartOption;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `eosin score`: how well sentences fit a tile, the first thing that one tries.
@Command(
    name = "score",
    description = {
      "Says how well typed sentences fit tiles, and how alike tiles are: cosines, and the"
          + " probability of each sentence among all of them."
    },
    mixinStandardHelpOptions = true)
public final class ScoreCommand implements Callable<Integer> {
  private static final Pattern IMAGE = Pattern.compile("(?i)\\S+\\.(png|jpe?g|tiff?|webp|bmp|gif)");

  @Parameters(
      arity = "1..*",
      paramLabel = "IMAGE|TEXT",
      description =
          "Image files, and sentences in quotes: what is a file, or ends like an image, is an image.")
  private List<String> all = new ArrayList<>();

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "A CLIP model: a run, a checkpoint, a folder of Hugging Face's or open_clip's.")
  private Path model;

  @Option(names = "--json", description = "Print one JSON object instead of a table.")
  private boolean json;

  @Mixin private ComputeOptions computing = new ComputeOptions();

  @Mixin private PartOption part = new PartOption();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    List<Path> images = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    for (String each : all) {
      if (isImage(each)) {
        images.add(Path.of(each));
      } else {
        texts.add(each);
      }
    }
    requireSomething(images, texts);
    ClipOptions defaults =
        ClipOptions.DEFAULT.withDevice(computing.device()).withThreads(computing.threads().or(0));
    ClipOptions options =
        switch (part.part()) {
          case WEIGHTS -> defaults;
          case AVERAGE -> defaults.withAverage();
        };
    try (PathologyClip clip = PathologyClip.open(model, options)) {
      PrintWriter err = spec.commandLine().getErr();
      clip.notes().forEach(err::println);
      texts.forEach(text -> warnOfLength(clip, text, err));
      err.flush();
      float[][] embedded = clip.encodeImages(images);
      List<String> names = images.stream().map(Path::toString).toList();
      List<Match> matches = texts.isEmpty() ? List.of() : clip.compare(embedded, names, texts);
      PrintWriter out = spec.commandLine().getOut();
      out.print(
          json ? json(clip, names, matches, embedded) : table(clip, names, matches, embedded));
      out.flush();
    }
    return ExitCode.DONE;
  }

  /// What is a file, or ends like an image.
  static boolean isImage(String argument) {
    try {
      return IMAGE.matcher(argument).matches() || Files.isRegularFile(Path.of(argument));
    } catch (InvalidPathException sentence) {
      return false;
    }
  }

  private void requireSomething(List<Path> images, List<String> texts) {
    if (images.isEmpty()) {
      throw usage("no image was named; name one or several, then sentences in quotes");
    }
    if (texts.isEmpty() && images.size() < 2) {
      throw usage(
          "one image alone compares with nothing; add sentences in quotes, or another image");
    }
    for (String text : texts) {
      if (text.isBlank()) {
        throw usage("a sentence is empty");
      }
    }
  }

  private static void warnOfLength(PathologyClip clip, String text, PrintWriter err) {
    int tokens = clip.tokens(text);
    if (tokens > clip.contextLength()) {
      err.println(
          "'%s' has %d tokens and is cut to the model's %d"
              .formatted(shortened(text), tokens, clip.contextLength()));
    }
  }

  private static String shortened(String text) {
    int most = 40;
    return text.length() <= most ? text : text.substring(0, most) + "...";
  }

  private static String table(
      PathologyClip clip, List<String> names, List<Match> matches, float[][] embedded) {
    var text = new StringBuilder();
    boolean sigmoid = clip.logitBias().isPresent();
    for (Match match : matches) {
      boolean alone = match.texts().size() < 2 && !sigmoid;
      text.append(match.image()).append('\n');
      text.append("     cosine").append(alone ? "" : "  probability").append('\n');
      for (int i = 0; i < match.texts().size(); i++) {
        text.append(match.texts().size() > 1 && i == match.best() ? "  * " : "    ");
        text.append(String.format(Locale.ROOT, "%7.4f", match.cosines()[i]));
        if (!alone) {
          text.append(String.format(Locale.ROOT, "  %11.4f", match.probabilities()[i]));
        }
        text.append("  ").append(match.texts().get(i)).append('\n');
      }
    }
    if (!matches.isEmpty()) {
      text.append(explained(clip, matches.getFirst().texts().size(), sigmoid));
    }
    if (names.size() > 1) {
      between(names, embedded, text);
    }
    return text.toString();
  }

  private static String explained(PathologyClip clip, int texts, boolean sigmoid) {
    if (sigmoid) {
      return String.format(
          Locale.ROOT,
          "probability: of each sentence for itself (sigmoid, logit scale %.2f, bias %.2f)%n",
          clip.logitScale(),
          clip.logitBias().orElse(0));
    }
    return texts < 2
        ? String.format("a probability needs a second sentence to be compared with%n")
        : String.format(
            Locale.ROOT,
            "probability: among these %d sentences (softmax, logit scale %.2f)%n",
            texts,
            clip.logitScale());
  }

  private static void between(List<String> names, float[][] embedded, StringBuilder text) {
    text.append("cosines between tiles\n");
    for (int i = 0; i < names.size(); i++) {
      text.append("  ");
      for (int j = 0; j < names.size(); j++) {
        double cosine = PathologyClip.cosine(embedded[i], embedded[j]);
        text.append(String.format(Locale.ROOT, "%7.4f  ", cosine));
      }
      text.append(names.get(i)).append('\n');
    }
  }

  private static String json(
      PathologyClip clip, List<String> names, List<Match> matches, float[][] embedded)
      throws IOException {
    var mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode().put("logit_scale", clip.logitScale());
    clip.logitBias().ifPresent(bias -> root.put("logit_bias", bias));
    ArrayNode images = root.putArray("images");
    for (int i = 0; i < names.size(); i++) {
      ObjectNode image = images.addObject().put("image", names.get(i));
      ArrayNode texts = image.putArray("texts");
      if (i < matches.size()) {
        Match match = matches.get(i);
        for (int at = 0; at < match.texts().size(); at++) {
          texts
              .addObject()
              .put("text", match.texts().get(at))
              .put("cosine", match.cosines()[at])
              .put("probability", match.probabilities()[at]);
        }
      }
      ArrayNode others = image.putArray("cosines_with_images");
      for (float[] other : embedded) {
        others.add(PathologyClip.cosine(embedded[i], other));
      }
    }
    return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
