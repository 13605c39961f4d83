package dev.eosin.cli.models;

import dev.eosin.cli.terminal.ArchitectureOptions;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.cli.terminal.PartOption;
import dev.eosin.cli.terminal.Termination;
import dev.eosin.config.ByteSize;
import dev.eosin.config.DataException;
import dev.eosin.run.models.BaseChoice;
import dev.eosin.run.models.Generation;
import dev.eosin.run.models.Serving;
import dev.eosin.serve.ServeLimits;
import dev.eosin.serve.ServeSettings;
import dev.eosin.serve.Server;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `eosin serve`: models behind HTTP, with a page for people.
@Command(
    name = "serve",
    description = {
      "Serves models over HTTP: embeddings and chat in OpenAI's shape, zero-shot, retrieval, and a"
          + " page for a browser. On this machine alone, unless EOSIN_TOKEN is set and --host says"
          + " otherwise. docs/serve.md has every endpoint."
    },
    mixinStandardHelpOptions = true)
public final class ServeCommand implements Callable<Integer> {
  private static final String TOKEN = "EOSIN_TOKEN";
  private static final int POLL_MILLIS = 100;
  private static final int MOST_WAIT_MILLIS = 10_000;
  private static final String STOPS =
      "finishes the open requests and stops; a second signal ends at once";

  @Option(
      names = "--clip",
      paramLabel = "DIR",
      description =
          "A CLIP model, which embeds: a run, a checkpoint, a folder of Hugging Face's or"
              + " open_clip's, or a bundle of 'eosin export --to onnx', which onnxruntime computes.")
  private Optional<Path> clip = Optional.empty();

  @Option(
      names = "--chat",
      paramLabel = "DIR",
      description = "A model that answers: a run, or a folder of Hugging Face's.")
  private Optional<Path> chat = Optional.empty();

  @Option(
      names = "--index",
      paramLabel = "DIR",
      description = "An index of 'eosin index', of embeddings of --clip, to be searched.")
  private Optional<Path> index = Optional.empty();

  @Option(
      names = "--images",
      paramLabel = "PATH",
      description = "The index's images, where they lie elsewhere than when they were embedded.")
  private Optional<Path> images = Optional.empty();

  @Option(
      names = "--breadth",
      paramLabel = "N",
      description = "Candidates that the index's graph looks at (${DEFAULT-VALUE}).")
  private int breadth = 100;

  @Option(names = "--exact", description = "Compare with everything, also where there is a graph.")
  private boolean exact;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "Where to listen (${DEFAULT-VALUE}); others than this machine need a token.")
  private String host = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "0 for one that the system chooses (${DEFAULT-VALUE}).")
  private int port = 8080;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description =
          "Most images or texts, of all clients, that go through the model together"
              + " (${DEFAULT-VALUE}); 1 for no batching.")
  private int batch = 32;

  @Option(
      names = "--batch-wait",
      paramLabel = "MS",
      description =
          "Most milliseconds that an input waits for others to go with (${DEFAULT-VALUE}).")
  private int wait = 5;

  @Option(
      names = "--max-body",
      paramLabel = "SIZE",
      description = "Most of a request, e.g. 20 MB (the default).")
  private Optional<ByteSize> body = Optional.empty();

  @Option(
      names = "--max-pixels",
      paramLabel = "N",
      description = "Most pixels of an image, refused before it is decoded (${DEFAULT-VALUE}).")
  private long pixels = ServeLimits.DEFAULT.pixels();

  @Option(
      names = "--max-inputs",
      paramLabel = "N",
      description = "Most texts and images of a request (${DEFAULT-VALUE}).")
  private int inputs = ServeLimits.DEFAULT.inputs();

  @Option(
      names = "--max-requests",
      paramLabel = "N",
      description = "Most requests at once; others are told to come back (${DEFAULT-VALUE}).")
  private int requests = ServeLimits.DEFAULT.requests();

  @Option(
      names = "--request-time",
      paramLabel = "S",
      description = "Most seconds until a request has arrived whole (${DEFAULT-VALUE}).")
  private int arriving = (int) ServeLimits.DEFAULT.arriving().toSeconds();

  @Option(
      names = "--answer-time",
      paramLabel = "S",
      description = "Most seconds that an answer takes to be made (${DEFAULT-VALUE}).")
  private int answering = (int) ServeLimits.DEFAULT.answering().toSeconds();

  @Option(
      names = "--grace",
      paramLabel = "S",
      description = "Seconds that requests have to finish after SIGTERM (${DEFAULT-VALUE}).")
  private int grace = 10;

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description = "Adapters beside the model of --chat: a folder of peft's, or a run's.")
  private Optional<Path> adapter = Optional.empty();

  @Option(
      names = "--base",
      paramLabel = "WHAT",
      description =
          "What becomes of the weights of the model of --chat: mapped (used in place), converted"
              + " (copied to fp32) or int8 (linears rounded in memory); without it as its run's"
              + " recipe says, of others mapped.")
  private Optional<BaseChoice> base = Optional.empty();

  @Mixin private ComputeOptions computing = new ComputeOptions();

  @Mixin private ArchitectureOptions architecture = new ArchitectureOptions();

  @Mixin private PartOption part = new PartOption();

  @Mixin private SearchOptions search = new SearchOptions();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    ServeSettings settings = settings();
    Serving.Wanted wanted = wanted();
    Server.limitConnections(settings.limits());
    PrintWriter err = spec.commandLine().getErr();
    Termination termination = Termination.listen(err, STOPS);
    var compute = computing.settings();
    try (Serving serving = Serving.start(wanted, settings, compute, line -> say(err, line))) {
      serving.notes().forEach(err::println);
      say(err, "serving at " + serving.server().address() + " (Ctrl-C or SIGTERM ends it)");
      while (!termination.requested()) {
        pause();
      }
      if (serving.server().finish(Duration.ofSeconds(grace))) {
        // To be ended is how a server is done: supervisors take any other code for a failure.
        return ExitCode.DONE;
      }
      say(err, "some requests were not finished within the grace of " + grace + " s");
    }
    return termination.exitCode().orElse(ExitCode.DONE);
  }

  private static void pause() {
    try {
      Thread.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void say(PrintWriter err, String line) {
    err.println(line);
    err.flush();
  }

  private Serving.Wanted wanted() throws DataException {
    if (clip.isEmpty() && chat.isEmpty()) {
      throw usage("nothing to serve; name a model with --clip, with --chat, or one of each");
    }
    if (index.isPresent() && clip.isEmpty()) {
      throw usage("--index needs the model of its embeddings: --clip");
    }
    if (images.isPresent() && index.isEmpty()) {
      throw usage("--images is for --index");
    }
    if (chat.isEmpty() && (adapter.isPresent() || base.isPresent())) {
      throw usage("--adapter and --base are for --chat");
    }
    Optional<Generation.Wanted> answers =
        chat.map(model -> new Generation.Wanted(model, adapter, base, search.choice()));
    try {
      answers.ifPresent(Generation.Wanted::check);
    } catch (IllegalArgumentException wrong) {
      throw usage("--" + wrong.getMessage());
    }
    return new Serving.Wanted(
        clip,
        part.part(),
        architecture.named(),
        answers,
        index,
        images,
        exact ? OptionalInt.empty() : OptionalInt.of(breadth));
  }

  private ServeSettings settings() {
    if (wait < 0 || wait > MOST_WAIT_MILLIS || breadth < 1 || grace < 0) {
      throw usage(
          "--batch-wait is 0 to %d, --breadth at least 1, --grace at least 0"
              .formatted(MOST_WAIT_MILLIS));
    }
    long bytes = body.map(ByteSize::bytes).orElse((long) ServeLimits.DEFAULT.body());
    if (bytes > Integer.MAX_VALUE / 2) {
      throw usage("--max-body is at most 1 GiB");
    }
    try {
      var limits =
          new ServeLimits(
              (int) bytes,
              pixels,
              inputs,
              ServeLimits.DEFAULT.text(),
              requests,
              Duration.ofSeconds(arriving),
              Duration.ofSeconds(answering));
      return new ServeSettings(
          InetAddress.getByName(host),
          port,
          Optional.ofNullable(System.getenv(TOKEN)),
          batch,
          Duration.ofMillis(wait),
          limits);
    } catch (UnknownHostException e) {
      throw usage("--host " + host + ": is no address of this machine");
    } catch (IllegalArgumentException wrong) {
      throw usage(String.valueOf(wrong.getMessage()));
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
