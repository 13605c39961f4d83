package dev.eosin.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The page in a real browser: searches, uploads, errors, and what is hostile. Pictures of it are
/// in target/browser.
class PageTest {
  private static final Path PICTURES = Path.of("target/browser");
  private static final String EVIL = "<img src=x onerror=\"document.title='evil'\">";

  @TempDir private static Path profile;
  @TempDir private static Path home;
  private static ToyServer server;
  private static Browser browser;

  @BeforeAll
  static void start() throws Exception {
    Optional<Path> program = Browser.installed();
    Assumptions.assumeTrue(
        program.isPresent(), "no Chromium on this machine; apt-get install chromium");
    server = ToyServer.start(home);
    browser = Browser.start(program.orElseThrow(), profile);
  }

  @AfterAll
  static void stop() throws Exception {
    if (browser != null) {
      browser.close();
    }
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void open() throws Exception {
    browser.size(1280, 900);
    browser.open(server.at("/"));
    said("Ready.");
  }

  private static void said(String text) throws Exception {
    browser.await("document.getElementById('say').textContent === " + Browser.quoted(text));
  }

  /// No script of a stranger has run, nor has a picture of his been asked for.
  private static void harmless() throws Exception {
    assertThat(browser.evaluate("document.title").asText()).isEqualTo("Eosin");
    assertThat(browser.evaluate("document.querySelectorAll('[src=x], script[src]').length").asInt())
        .isZero();
  }

  private static void chosen(String name, byte[] bytes) throws Exception {
    Path file = Files.write(home.resolve(name), bytes);
    browser.choose("#file", file);
    said("The tile is " + name + ".");
  }

  @Test
  void tilesAreFoundByTextAndByTile() throws Exception {
    browser.type("#query", "blue");
    browser.press("Enter");
    said("4 tiles found for blue.");
    assertThat(browser.text("#found li"))
        .startsWith("blue.png\n")
        .contains("colour", "cosine 1.000");
    browser.await(
        "[...document.querySelectorAll('#found img')].every(one => one.naturalWidth === 224)");
    assertThat(browser.text("#found")).contains(ToyServer.HOSTILE);
    harmless();
    browser.evaluate("document.querySelector('#found li:last-child button').focus()");
    String last = browser.text("#found li:last-child p");
    browser.press("Enter");
    said("4 tiles found for " + last + ".");
    assertThat(browser.text("#found li p")).isEqualTo(last);
    // The button is gone with the tiles; what the keyboard was at is not.
    browser.await("document.activeElement.id === 'found'");
    chosen("mine.png", ToyServer.png(0x00FF00));
    browser.evaluate("document.getElementById('alike').click()");
    said("4 tiles found for mine.png.");
    assertThat(browser.text("#found li p")).isEqualTo("green.png");
  }

  @Test
  void aTileIsClassifiedByEditedPrompts() throws Exception {
    chosen("a" + ToyServer.HOSTILE, ToyServer.png(0xFF0000));
    harmless();
    String prompts = "warm: a red tile\nwarm: red\n" + EVIL + ": blue\n__proto__: green";
    browser.type("#prompts", prompts);
    browser.evaluate("document.querySelector('#classify button').click()");
    said("Nearest: warm.");
    assertThat(browser.evaluate("document.querySelectorAll('#classes tbody tr').length").asInt())
        .isEqualTo(3);
    assertThat(browser.text("#classes tbody th")).isEqualTo("warm");
    browser.evaluate("document.querySelector('#classify button').focus()");
    browser.press("Enter");
    browser.await("document.activeElement.innerText === 'Classify'");
    assertThat(browser.text("#classes")).contains(EVIL, "__proto__");
    harmless();
  }

  @Test
  void whatIsWrongIsSaid() throws Exception {
    browser.evaluate("document.querySelector('#classify button').click()");
    said("Choose a tile first.");
    chosen("broken.png", "no image".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    browser.evaluate("document.querySelector('#classify button').click()");
    said("image: not a PNG, JPEG, TIFF, WebP, BMP or GIF image");
    assertThat(browser.evaluate("document.getElementById('say').className").asText())
        .isEqualTo("error");
    browser.type("#query", "red ".repeat(200));
    browser.press("Enter");
    said("text: has 799 characters; at most 500 are taken");
    browser.type("#prompts", "only one");
    browser.evaluate("document.querySelector('#classify button').click()");
    said("Write prompts of two classes or more, one a line.");
  }

  @Test
  void aConversationAboutATile() throws Exception {
    chosen("mine.png", ToyServer.png(0xFF0000));
    browser.type("#question", "what is " + EVIL);
    browser.press("Enter");
    said("Answered.");
    assertThat(browser.text("#talk .answer")).isEqualTo("1 messages, 1 images: what is " + EVIL);
    browser.type("#question", "<script>document.title='evil'</script>");
    browser.press("Enter");
    said("Answered.");
    browser.await("document.querySelectorAll('#talk .answer').length === 2");
    said("Answered.");
    assertThat(browser.text("#talk .answer:last-child"))
        .isEqualTo("3 messages, 1 images: <script>document.title='evil'</script>");
    harmless();
  }

  @Test
  void editsOfACaptionAreColoured() throws Exception {
    chosen("mine.png", ToyServer.png(0xFF0000));
    browser.type("#caption", "a blue " + EVIL + " cell");
    browser.evaluate("document.querySelector('#revise button').click()");
    said("Revised: left out is struck through, put in is underlined.");
    assertThat(browser.text("#revised del")).isEqualTo("blue");
    assertThat(browser.text("#revised ins")).isEqualTo("red");
    assertThat(browser.text("#revised")).contains(EVIL);
    assertThat(
            browser
                .evaluate(
                    "getComputedStyle(document.querySelector('#revised ins')).color !== getComputedStyle(document.querySelector('#revised del')).color")
                .asBoolean())
        .isTrue();
    harmless();
    browser.picture(PICTURES.resolve("revised.png"));
  }

  @Test
  void noScriptOfAStrangerCouldRun() throws Exception {
    String inserted =
        "(() => { try { document.body.insertAdjacentHTML('beforeend', %s); return 'done'; } catch (refused) { return refused.name; } })()";
    assertThat(browser.evaluate(inserted.formatted(Browser.quoted(EVIL))).asText())
        .isEqualTo("TypeError");
    String fetched = "fetch('http://127.0.0.1:1/').then(() => 'done', () => 'refused')";
    assertThat(browser.evaluate(fetched).asText()).isEqualTo("refused");
    harmless();
  }

  @Test
  void itFitsNarrowAndWideAndTellsWhatEachThingIs() throws Exception {
    for (int width : new int[] {360, 1920}) {
      browser.size(width, 900);
      browser.type("#query", "blue");
      browser.press("Enter");
      said("4 tiles found for blue.");
      browser.await("[...document.querySelectorAll('#found img')].every(one => one.complete)");
      assertThat(
              browser
                  .evaluate(
                      "document.documentElement.scrollWidth - document.documentElement.clientWidth")
                  .asInt())
          .as("pixels that stick out at " + width)
          .isZero();
      browser.picture(PICTURES.resolve("page-%d.png".formatted(width)));
    }
    assertThat(
            browser
                .evaluate(
                    "[...document.querySelectorAll('input, textarea')].filter(one => !one.labels.length).length")
                .asInt())
        .isZero();
    assertThat(
            browser
                .evaluate(
                    "[...document.querySelectorAll('button')].filter(one => !one.innerText.trim() && !one.hidden && one.offsetParent).length + [...document.querySelectorAll('#found img')].filter(one => !one.alt).length")
                .asInt())
        .isZero();
  }

  @Test
  void theKeyboardReachesEverything() throws Exception {
    browser.evaluate("document.body.focus()");
    var reached = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      browser.press("Tab");
      reached
          .append(
              browser
                  .evaluate("document.activeElement.id || document.activeElement.innerText")
                  .asText())
          .append(' ');
    }
    assertThat(reached)
        .contains(
            "file",
            "query",
            "alike",
            "prompts",
            "Classify",
            "question",
            "ask",
            "caption",
            "Revise");
  }
}
