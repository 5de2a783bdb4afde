package dev.holdfast.deploy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Network namespaces on one bridge, which the tests are on as well. What names mean in all of them is up to {@link #names}; nobody else is
 * asked. Needs root. Names of what it makes have the process id of the tests, so that what a killed run left behind is removed by the next.
 */
final class PodNetwork implements AutoCloseable {
    private static final Path NETNS = Path.of("/etc/netns");
    private static final Pattern OURS = Pattern.compile("\\b(hp(\\d+))n\\d+\\b");
    private static final int TIMEOUT_S = 60;
    private static final int TESTS_HOST = 254;

    private final String name = "hp" + ProcessHandle.current().pid();
    private final String subnet;
    private final List<String> addresses = new ArrayList<>();

    private PodNetwork(String subnet) {
        this.subnet = subnet;
    }

    /** Why there can be none here; null if there can. */
    static @Nullable String unavailable() throws InterruptedException {
        String probe = "hpprobe" + ProcessHandle.current().pid();
        try {
            run("ip", "netns", "add", probe);
            run("ip", "netns", "del", probe);
            return null;
        } catch (IOException e) {
            return "needs root, network namespaces and the program ip: " + e.getMessage();
        }
    }

    static PodNetwork create(int namespaces) throws IOException, InterruptedException {
        removeLeftovers();
        String routes = run("ip", "-4", "route");
        Random random = new Random();
        String subnet;
        do {
            subnet = "10." + (100 + random.nextInt(150)) + "." + random.nextInt(256) + ".";
        } while (routes.contains(subnet));
        PodNetwork network = new PodNetwork(subnet);
        try {
            network.build(namespaces);
            return network;
        } catch (IOException | InterruptedException e) {
            network.close();
            throw e;
        }
    }

    private void build(int namespaces) throws IOException, InterruptedException {
        run("ip", "link", "add", name + "b", "type", "bridge");
        run("ip", "addr", "add", subnet + TESTS_HOST + "/24", "dev", name + "b");
        run("ip", "link", "set", name + "b", "up");
        for (int i = 0; i < namespaces; i++) {
            addresses.add(subnet + (i + 1));
            run("ip", "netns", "add", namespace(i));
            run("ip", "link", "add", name + "v" + i, "type", "veth", "peer", "name", "eth0", "netns", namespace(i));
            run("ip", "link", "set", name + "v" + i, "master", name + "b", "up");
            in(i, "ip", "addr", "add", addresses.get(i) + "/24", "dev", "eth0");
            in(i, "ip", "link", "set", "eth0", "up");
            in(i, "ip", "link", "set", "lo", "up");
        }
    }

    private String namespace(int number) {
        return name + "n" + number;
    }

    /** What command lines begin with that are to run there. */
    List<String> prefix(int number) {
        return List.of("ip", "netns", "exec", namespace(number));
    }

    private void in(int number, String... command) throws IOException, InterruptedException {
        List<String> whole = new ArrayList<>(prefix(number));
        whole.addAll(List.of(command));
        run(whole.toArray(String[]::new));
    }

    String address(int number) {
        return addresses.get(number);
    }

    /** Gives it an address that nobody had before in place of its own. */
    void moveOn(int number) throws IOException, InterruptedException {
        String before = addresses.get(number);
        int host = Integer.parseInt(before.substring(subnet.length())) + addresses.size();
        String after = subnet + host;
        in(number, "ip", "addr", "del", before + "/24", "dev", "eth0");
        in(number, "ip", "addr", "add", after + "/24", "dev", "eth0");
        addresses.set(number, after);
    }

    /** What names mean from now on, in all namespaces: the text of a file of hosts. Processes that run see the change. */
    void names(String hosts) throws IOException {
        for (int i = 0; i < addresses.size(); i++) {
            Path own = Files.createDirectories(NETNS.resolve(namespace(i)));
            // Written where it is: processes have this file itself before their eyes.
            Files.writeString(own.resolve("hosts"), hosts);
            Files.writeString(own.resolve("nsswitch.conf"), "hosts: files\n");
        }
    }

    private static void removeLeftovers() throws IOException, InterruptedException {
        Matcher matcher = OURS.matcher(run("ip", "netns", "list"));
        while (matcher.find()) {
            if (ProcessHandle.of(Long.parseLong(matcher.group(2))).isEmpty()) {
                remove(matcher.group(1));
            }
        }
    }

    private static void remove(String name) throws IOException, InterruptedException {
        Matcher matcher = OURS.matcher(run("ip", "netns", "list"));
        for (String namespace :
                new TreeSet<>(matcher.results().map(match -> match.group()).toList())) {
            if (namespace.startsWith(name + "n")) {
                run("ip", "netns", "del", namespace);
                Path own = NETNS.resolve(namespace);
                Files.deleteIfExists(own.resolve("hosts"));
                Files.deleteIfExists(own.resolve("nsswitch.conf"));
                Files.deleteIfExists(own);
            }
        }
        if (run("ip", "-o", "link", "show", "type", "bridge").contains(name + "b:")) {
            run("ip", "link", "del", name + "b");
        }
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException(String.join(" ", command) + " does not end");
        }
        if (process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + ": " + printed.strip());
        }
        return printed;
    }

    @Override
    public void close() throws IOException {
        try {
            remove(name);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while removing a network", e);
        }
    }
}
