package dev.holdfast.server;

import dev.holdfast.node.FreePorts;
import dev.holdfast.node.Member;
import dev.holdfast.node.SecretFile;
import dev.holdfast.server.process.Daemons;
import dev.holdfast.server.process.LoopbackMembers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;

/** Runs the three nodes of a cluster, and commands against it, so that their classes are loaded. */
final class Training {
    private static final List<String> IDS = List.of("a", "b", "c");

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long PAUSE_MS = 200;

    private static final List<List<String>> COMMANDS = List.of(
            List.of("lock", "training", "--wait", "1m", "--ttl", "5m", "--", "true"),
            List.of("lock", "training", "--", "true"),
            List.of("semaphore", "training", "--max", "2", "--", "true"),
            List.of("members"),
            List.of("locks"),
            List.of("sessions"),
            List.of("explain", "training"),
            List.of("force-release", "training", "--yes"));

    /** Exits with 0 if all of them did. Takes a folder, which is empty, for what the nodes need. */
    public static void main(String[] folder) throws IOException, InterruptedException {
        Logging.set();
        // The nodes log with Logback, and so does this JVM; commands do not.
        new PlainLogging().initialize();
        System.exit(train(Path.of(folder[0])));
    }

    private static int train(Path folder) throws IOException, InterruptedException {
        List<Member> members = LoopbackMembers.find(IDS);
        // Else it would make the one that all members of this user on this machine share.
        Path secret = folder.resolve("secret");
        SecretFile.create(secret);
        Path config = folder.resolve("training.conf");
        Files.writeString(
                config,
                "holdfast { data = ${holdfast.id}, drain-timeout = 10min, secret-file = secret, members = \""
                        + members.stream().map(Member::toString).collect(Collectors.joining(",")) + "\" }");
        String servers = members.stream()
                .map(member -> member.clientAddress().toString())
                .collect(Collectors.joining(","));
        // Nodes that are started again read a log.
        int exitCode = train(config, servers, COMMANDS);
        return exitCode == 0 ? train(config, servers, COMMANDS.subList(0, 1)) : exitCode;
    }

    private static int train(Path config, String servers, List<List<String>> commands)
            throws IOException, InterruptedException {
        OpenInput input = new OpenInput();
        System.setIn(input);
        List<Integer> httpPorts = FreePorts.find(IDS.size());
        List<CompletableFuture<Integer>> nodes = new ArrayList<>();
        for (int i = 0; i < IDS.size(); i++) {
            nodes.add(start(config, IDS.get(i), httpPorts.get(i)));
        }
        int exitCode = awaitReady(servers, nodes);
        for (int i = 0; i < commands.size() && exitCode == 0; i++) {
            exitCode = command(servers, commands.get(i));
        }
        input.end();
        for (CompletableFuture<Integer> node : nodes) {
            exitCode = Math.max(exitCode, node.join());
        }
        return exitCode;
    }

    private static CompletableFuture<Integer> start(Path config, String id, int httpPort) {
        List<String> words = List.of(
                "node",
                "--config",
                config.toString(),
                "-Dholdfast.id=" + id,
                "-Dholdfast.http.listen=127.0.0.1:" + httpPort,
                "--until-stdin-ends");
        CompletableFuture<Integer> ended = new CompletableFuture<>();
        Daemons.start("node " + id, () -> ended.complete(execute(words)));
        return ended;
    }

    /** Returns what the command that asks for the state of all nodes does: 0 once all are ready. */
    private static int awaitReady(String servers, List<CompletableFuture<Integer>> nodes) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            int exitCode = command(servers, List.of("status"));
            if (exitCode == 0
                    || System.nanoTime() - deadline > 0
                    || nodes.stream().anyMatch(CompletableFuture::isDone)) {
                return exitCode;
            }
            Thread.sleep(PAUSE_MS);
        }
    }

    private static int command(String servers, List<String> command) {
        List<String> words = new ArrayList<>(List.of(command.get(0), "--servers", servers, "--timeout", "2m"));
        words.addAll(command.subList(1, command.size()));
        return execute(words);
    }

    private static int execute(List<String> words) {
        String[] arguments = words.toArray(String[]::new);
        return Main.commandLine(arguments).execute(arguments);
    }

    /** Standard input of which nothing comes until it ends. */
    private static final class OpenInput extends InputStream {
        private final CountDownLatch ended = new CountDownLatch(1);

        @Override
        public int read() throws IOException {
            try {
                ended.await();
                return -1;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(e);
            }
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return length == 0 ? 0 : read();
        }

        void end() {
            ended.countDown();
        }
    }

    private Training() {}
}
