package dev.eosin.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// What strangers send: each is refused with one line of JSON, and the server goes on.
class HostileRequestsTest {
  @TempDir private static Path home;
  private static ToyServer server;

  @BeforeAll
  static void start() throws IOException {
    server = ToyServer.start(home);
  }

  @AfterAll
  static void stop() throws IOException {
    assertThat(server.log()).as("nothing failed inside").isEmpty();
    server.close();
  }

  /// @param closes whether the client says that nothing more comes
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  private record Hostile(int status, byte[] bytes, boolean closes) {}

  private static Hostile raw(int status, String text) {
    return new Hostile(status, text.getBytes(StandardCharsets.UTF_8), false);
  }

  private static Hostile line(int status, String methodAndPath, String... headers) {
    String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    return raw(status, methodAndPath + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n");
  }

  private static Hostile post(int status, String path, byte[] body, String... headers) {
    String head =
        "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n%s\r\n"
            .formatted(
                path,
                body.length,
                headers.length == 0
                    ? "Content-Type: application/json\r\n"
                    : String.join("\r\n", headers) + "\r\n");
    byte[] start = head.getBytes(StandardCharsets.UTF_8);
    byte[] all = Arrays.copyOf(start, start.length + body.length);
    System.arraycopy(body, 0, all, start.length, body.length);
    return new Hostile(status, all, false);
  }

  private static Hostile json(String path, String body) {
    return post(400, path, body.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  private static Hostile image(byte[] bytes) {
    return json(
        "/v1/embeddings",
        "{'input':'data:image/png;base64,%s'}"
            .formatted(Base64.getEncoder().encodeToString(bytes)));
  }

  /// A PNG's head that announces a huge image.
  private static byte[] bomb(int side) {
    byte[] header =
        ByteBuffer.allocate(17)
            .put("IHDR".getBytes(StandardCharsets.US_ASCII))
            .putInt(side)
            .putInt(side)
            .put(new byte[] {8, 2, 0, 0, 0})
            .array();
    var sum = new CRC32();
    sum.update(header);
    return ByteBuffer.allocate(8 + 4 + 17 + 4)
        .put(new byte[] {(byte) 0x89, 'P', 'N', 'G', 0x0D, 0x0A, 0x1A, 0x0A})
        .putInt(13)
        .put(header)
        .putInt((int) sum.getValue())
        .array();
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static Map<String, Hostile> bodies() {
    String at = "/v1/embeddings";
    Map<String, Hostile> all = new LinkedHashMap<>();
    all.put("an empty body", json(at, ""));
    all.put("null", json(at, "null"));
    all.put("a list", json(at, "[]"));
    all.put("half an object", json(at, "{'input': "));
    all.put("two objects", json(at, "{'input':'red'} {}"));
    all.put("a key twice", json(at, "{'input':'red','input':'blue'}"));
    all.put("a deep nest", json(at, "[".repeat(50_000)));
    all.put("a deep object", json(at, "{'a':".repeat(5_000)));
    all.put("a long number", json(at, "{'input':" + "9".repeat(5_000) + "}"));
    all.put("many small values", json(at, "{'input':[" + "[],".repeat(60_000) + "[]]}"));
    all.put("a long key", json(at, "{'" + "k".repeat(50_000) + "':1}"));
    all.put("broken UTF-8", post(400, at, latin("{\"input\":\"\u00ff\u00fe\"}")));
    all.put("zero bytes", post(400, at, new byte[64]));
    all.put("no input", json(at, "{}"));
    all.put("null input", json(at, "{'input':null}"));
    all.put("ids of tokens", json(at, "{'input':[[1,2,3]]}"));
    all.put("no inputs", json(at, "{'input':[]}"));
    all.put("a blank text", json(at, "{'input':'  '}"));
    all.put("a long text", json(at, "{'input':'" + "red ".repeat(200) + "'}"));
    all.put("many inputs", json(at, "{'input':['a','a','a','a','a','a','a','a','a']}"));
    all.put("an unknown field", json(at, "{'input':'red','path':'/etc/passwd'}"));
    all.put("another size", json(at, "{'input':'red','dimensions':3}"));
    all.put("another encoding", json(at, "{'input':'red','encoding_format':'hex'}"));
    all.put("another model", post(404, at, latin("{\"input\":\"red\",\"model\":\"../x\"}")));
    return all;
  }

  private static Map<String, Hostile> images() {
    String at = "/v1/embeddings";
    Map<String, Hostile> all = new LinkedHashMap<>();
    all.put("no base64", json(at, "{'input':'data:image/png,abc'}"));
    all.put("broken base64", json(at, "{'input':'data:image/png;base64,@@@@'}"));
    all.put("no bytes", json(at, "{'input':'data:image/png;base64,'}"));
    all.put("a file here", json(at, part("file:///etc/passwd")));
    all.put("a page elsewhere", json(at, part("http://169.254.169.254/latest/meta-data")));
    all.put("a drawing with a script", image(latin("<svg onload=alert(1)>")));
    all.put("a packed file", image(latin("PK\u0003\u0004rest")));
    all.put("half a PNG", image(Arrays.copyOf(ToyServer.png(1), 60)));
    all.put("a PNG bomb", image(bomb(60_000)));
    all.put("a PNG of the largest numbers", image(bomb(Integer.MAX_VALUE)));
    all.put("a GIF bomb", image(latin("GIF89a\u00ff\u00ff\u00ff\u00ff\u0000\u0000\u0000,")));
    all.put(
        "a BMP bomb",
        image(
            latin(
                "BM\0\0\0\0\0\0\0\0\66\0\0\0\50\0\0\0\u0060\u00ea\0\0\u0060\u00ea\0\0\1\0\30\0"
                    + "\0".repeat(24))));
    all.put(
        "a JPEG bomb",
        image(
            latin(
                "\u00ff\u00d8\u00ff\u00c0\0\21\10\u00ff\u00ff\u00ff\u00ff\3\1\42\0\2\21\1\3\21\1")));
    all.put("one pixel row too many", image(bomb(201)));
    return all;
  }

  private static String part(String url) {
    return "{'input':[{'type':'image_url','image_url':{'url':'%s'}}]}".formatted(url);
  }

  private static Map<String, Hostile> paths() {
    Map<String, Hostile> all = new LinkedHashMap<>();
    all.put("nothing there", line(404, "GET /nothing"));
    all.put("up", line(404, "GET /../../etc/passwd"));
    all.put("up behind tiles", line(404, "GET /tiles/../../etc/passwd"));
    all.put("up, encoded", line(404, "GET /tiles/%2e%2e%2f%2e%2e%2fetc%2fpasswd"));
    all.put("up, encoded twice", line(404, "GET /tiles/%252e%252e%252fetc"));
    all.put("a zero byte", line(404, "GET /tiles/0%00.png"));
    all.put("a negative tile", line(404, "GET /tiles/-1"));
    all.put("a tile too many", line(404, "GET /tiles/4"));
    all.put("a tile of many digits", line(404, "GET /tiles/99999999999999999999"));
    all.put("digits of another script", line(404, "GET /tiles/%D9%A1"));
    all.put("no tile", line(404, "GET /tiles/"));
    all.put("reading what is written", line(405, "GET /v1/embeddings"));
    all.put("deleting", line(405, "DELETE /v1/models"));
    all.put("a trace", line(405, "TRACE /healthz"));
    return all;
  }

  private static Map<String, Hostile> headers() {
    String at = "/v1/embeddings";
    byte[] good = latin("{\"input\":\"red\"}");
    Map<String, Hostile> all = new LinkedHashMap<>();
    all.put("no type", post(415, at, good, "X: y"));
    all.put("a form", post(415, at, good, "Content-Type: application/x-www-form-urlencoded"));
    all.put(
        "packed", post(415, at, good, "Content-Type: application/json", "Content-Encoding: gzip"));
    all.put(
        "a page of another site",
        post(403, at, good, "Content-Type: application/json", "Origin: http://evil.example"));
    all.put(
        "no site at all", post(403, at, good, "Content-Type: application/json", "Origin: null"));
    all.put(
        "a browser says so",
        post(403, at, good, "Content-Type: application/json", "Sec-Fetch-Site: cross-site"));
    all.put(
        "a name that leads here",
        raw(403, "GET /v1/models HTTP/1.1\r\nHost: evil.example:80\r\n\r\n"));
    all.put("no name", raw(403, "GET /v1/models HTTP/1.0\r\n\r\n"));
    String head =
        "POST /v1/embeddings HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    all.put("huge, announced", raw(413, head + "Content-Length: 9000000000\r\n\r\n{"));
    all.put(
        "huge, in chunks",
        raw(
            413,
            head
                + "Transfer-Encoding: chunked\r\n\r\n"
                + ("8000\r\n" + " ".repeat(0x8000) + "\r\n").repeat(10)
                + "0\r\n\r\n"));
    Hostile half = raw(400, head + "Content-Length: 100\r\n\r\n{\"input\":");
    all.put("cut off", new Hostile(half.status(), half.bytes(), true));
    all.put("slow", raw(408, head + "Content-Length: 100\r\n\r\n{\"input\":"));
    return all;
  }

  private static Map<String, Hostile> tasks() {
    Map<String, Hostile> all = new LinkedHashMap<>();
    String tile = ToyServer.url(ToyServer.png(0xFF0000));
    all.put("no classes", json("/zero-shot", "{'image':'%s'}".formatted(tile)));
    all.put("empty classes", json("/zero-shot", "{'image':'%s','classes':{}}".formatted(tile)));
    all.put(
        "a class of nothing",
        json("/zero-shot", "{'image':'%s','classes':{'a':[]}}".formatted(tile)));
    all.put("no image", json("/zero-shot", "{'classes':['a','b']}"));
    all.put("an image of numbers", json("/zero-shot", "{'image':[1,2],'classes':['a','b']}"));
    all.put("nothing looked for", json("/retrieve", "{'top':3}"));
    all.put("two looked for", json("/retrieve", "{'text':'red','tile':1}"));
    all.put("none found", json("/retrieve", "{'text':'red','top':0}"));
    all.put("all found", json("/retrieve", "{'text':'red','top':1000000000}"));
    all.put("a tile by a path", json("/retrieve", "{'tile':'../../etc/passwd'}"));
    all.put("a tile with a fraction", json("/retrieve", "{'tile':0.5}"));
    String chat = "/v1/chat/completions";
    all.put("no messages", json(chat, "{'messages':[]}"));
    all.put("nobody's message", json(chat, "{'messages':[{'role':'root','content':'a'}]}"));
    all.put("no content", json(chat, "{'messages':[{'role':'user'}]}"));
    all.put(
        "the model's own word", json(chat, "{'messages':[{'role':'assistant','content':'a'}]}"));
    all.put("a forged mark", json(chat, "{'messages':[{'role':'user','content':'<image> a'}]}"));
    String wide = ToyServer.url(ToyServer.png(0x00FF00, 180));
    String picture = "{'type':'image_url','image_url':{'url':'%s'}}".formatted(wide);
    all.put("images that are too much together", json(chat, parts(picture, picture)));
    String words = "{'type':'text','text':'%s'}".formatted("a".repeat(300));
    all.put("parts that are too much together", json(chat, parts(words, words)));
    String good = "'messages':[{'role':'user','content':'a'}]";
    all.put("a temperature", json(chat, "{'temperature':2," + good + "}"));
    all.put("tools", json(chat, "{'tools':[]," + good + "}"));
    all.put("endless", json(chat, "{'max_tokens':1000000," + good + "}"));
    all.put("a stream of words", json(chat, "{'stream':'yes'," + good + "}"));
    all.put("nothing to revise", json("/revise", "{'image':'%s'}".formatted(tile)));
    return all;
  }

  private static String parts(String... parts) {
    return "{'messages':[{'role':'user','content':[%s]}]}".formatted(String.join(",", parts));
  }

  @TestFactory
  Stream<DynamicTest> eachIsRefusedInOneLine() {
    Map<String, Hostile> all = new LinkedHashMap<>(bodies());
    all.putAll(images());
    all.putAll(paths());
    all.putAll(headers());
    all.putAll(tasks());
    assertThat(all).hasSizeGreaterThan(50);
    return all.entrySet().stream()
        .map(one -> DynamicTest.dynamicTest(one.getKey(), () -> refused(one.getValue())));
  }

  private static void refused(Hostile hostile) throws Exception {
    String answer = answer(hostile);
    assertThat(answer).startsWith("HTTP/1.1 " + hostile.status() + " ");
    String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
    assertThat(body).endsWith("}\n").containsOnlyOnce("\n");
    JsonNode error = new ObjectMapper().readTree(body).path("error");
    assertThat(error.path("message").asText()).isNotBlank();
    assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
    assertThat(error.path("code").asText()).isNotBlank();
    assertThat(answer)
        .doesNotContain(home.toString(), "secret-folder", "dev.eosin", "java.", "\tat ");
    assertThat(server.get("/healthz").statusCode()).isEqualTo(200);
  }

  /// Everything that comes back until the server hangs up.
  private static String answer(Hostile hostile) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", server.server().address().getPort())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(hostile.bytes());
      socket.getOutputStream().flush();
      if (hostile.closes()) {
        socket.shutdownOutput();
      }
      var all = new ByteArrayOutputStream();
      byte[] some = new byte[4096];
      int read = socket.getInputStream().read(some);
      while (read > 0 && !whole(all.toString(StandardCharsets.UTF_8))) {
        all.write(some, 0, read);
        read =
            whole(all.toString(StandardCharsets.UTF_8)) ? -1 : socket.getInputStream().read(some);
      }
      return all.toString(StandardCharsets.UTF_8);
    }
  }

  private static boolean whole(String answer) {
    int end = answer.indexOf("\r\n\r\n");
    return end > 0 && answer.indexOf('\n', end + 4) > 0;
  }

  /// A body that two programs would end at different places.
  private static String smuggled(String lengths) {
    return "POST /v1/embeddings HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        + lengths
        + "\r\n\r\n{\"input\":\"red\"}GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
  }

  @Test
  void whatIsNoHttpIsTheJdksToRefuse() throws Exception {
    for (String text :
        List.of(
            "\r\n\r\n",
            "GET\r\n\r\n",
            "GET /\u0001 HTTP/9\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "{}\n\n",
            smuggled("Content-Length: 15\r\nTransfer-Encoding: chunked"),
            smuggled("Content-Length: 15\r\nContent-Length: 150"),
            smuggled("Content-Length: 15\r\nTransfer-Encoding: xchunked"))) {
      try (Socket socket = new Socket("127.0.0.1", server.server().address().getPort())) {
        socket.setSoTimeout(20_000);
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        socket.shutdownOutput();
        String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(answer).doesNotContain("HTTP/1.1 2").doesNotContain(home.toString());
      }
      assertThat(server.get("/healthz").statusCode()).isEqualTo(200);
    }
  }
}
