package dev.eosin.spark;

import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Spark's own master and workers, each a process of this machine, with Spark's jars alone.
final class LocalCluster implements AutoCloseable {
  private static final Path HOME = Path.of(System.getProperty("eosin.spark.target"), "spark-home");
  private static final String HOST = "127.0.0.1";

  private final Path folder;
  private final int port;
  private final Process master;
  private final List<Process> workers = new CopyOnWriteArrayList<>();
  private final Thread last = new Thread(this::stop);

  /// @param folder for their logs and work
  LocalCluster(Path folder) throws IOException, InterruptedException {
    this.folder = folder;
    port = freePort();
    master =
        start(
            "master",
            "org.apache.spark.deploy.master.Master",
            "--host",
            HOST,
            "--port",
            String.valueOf(port),
            "--webui-port",
            String.valueOf(freePort()));
    // A build that is interrupted ends the tests without closing anything.
    Runtime.getRuntime().addShutdownHook(last);
    while (!answers()) {
      Thread.sleep(200);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private boolean answers() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(HOST, port), 1_000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  String url() {
    return "spark://%s:%d".formatted(HOST, port);
  }

  /// One more worker of one core.
  Process addWorker() throws IOException {
    Process worker =
        start(
            "worker" + workers.size(),
            "org.apache.spark.deploy.worker.Worker",
            "--host",
            HOST,
            "--cores",
            "1",
            "--memory",
            "1g",
            "--webui-port",
            String.valueOf(freePort()),
            "--work-dir",
            folder.resolve("work" + workers.size()).toString(),
            url());
    workers.add(worker);
    return worker;
  }

  private Process start(String name, String... command) throws IOException {
    List<String> all = new ArrayList<>();
    all.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String flag : org.apache.spark.launcher.JavaModuleOptions.defaultModuleOptionArray()) {
      all.add(flag);
    }
    all.addAll(List.of("-Xmx256m", "-cp", HOME.resolve("jars") + File.separator + "*"));
    all.addAll(List.of(command));
    ProcessBuilder builder = new ProcessBuilder(all).redirectErrorStream(true);
    builder.redirectOutput(folder.resolve(name + ".log").toFile());
    builder.environment().put("SPARK_HOME", HOME.toString());
    builder.environment().put("SPARK_LOCAL_IP", HOST);
    builder.environment().put("SPARK_SCALA_VERSION", "2.13"); // as Spark's scripts do
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    // Faster to see that one is gone; the rest is as it comes.
    builder.environment().put("SPARK_MASTER_OPTS", "-Dspark.worker.timeout=10");
    return builder.start();
  }

  /// As kill -9 does, with the executors that it began.
  static void kill(Process worker) {
    List<ProcessHandle> executors = worker.descendants().toList();
    worker.destroyForcibly();
    executors.forEach(ProcessHandle::destroyForcibly);
  }

  private void stop() {
    workers.forEach(LocalCluster::kill);
    master.destroyForcibly();
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(last);
    stop();
  }
}
